"""What every folder of tests shares: the running stack, the depth of random tests, and who runs beside whom."""

import random
from typing import Any

import pytest
from hypothesis import settings

from tests.support.stack import seeded, stack, world

__all__ = ["seeded", "stack", "world"]

settings.register_profile("test", deadline=None, print_blob=True)
settings.register_profile("check", settings.get_profile("test"), max_examples=20)
settings.load_profile("test")
ON_THE_STACK = ("tests/workflows/", "tests/e2e/")
ON_ITS_OWN = "tests/e2e/test_ten_thousand_policies.py"
"""Brings up a stack of its own, which another process may do meanwhile."""


def pytest_addoption(parser: pytest.Parser) -> None:
    try:
        parser.addoption("--base-url", help="use the stack of a running `make run` at this address")
    except ValueError:
        pass  # another plugin has the same option


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed of all random tests, so that a run can be told and repeated."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.SystemRandom().getrandbits(32))


def pytest_report_header(config: pytest.Config) -> str:
    return f"random tests: --hypothesis-seed={config.option.hypothesis_seed}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the cases of one test by their names: a table that is a set has another order in each process."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        places.setdefault(item.nodeid.split("[", 1)[0], []).append(place)
    for of_one in places.values():
        cases = sorted((items[place] for place in of_one), key=lambda item: item.nodeid)
        for place, case in zip(of_one, cases, strict=True):
            items[place] = case
    own = [item for item in items if item.nodeid.startswith(ON_ITS_OWN)]
    rest = [item for item in items if not item.nodeid.startswith(ON_ITS_OWN)]
    first = next(
        (place for place, item in enumerate(rest) if item.nodeid.startswith("tests/unit/")), len(rest)
    )
    items[:] = rest[:first] + own + rest[first:]  # neither beside the build of the stack nor last of all


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let one process have all tests of the running stack, from the start; the others share the files."""
    # the plugin is needed by `make test` alone
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415

    class OneStack(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return "the stack" if file.startswith(ON_THE_STACK) and file != ON_ITS_OWN else file

    config.option.loadscopereorder = False  # the stack's tests are named first and take longest
    return OneStack(config, log)
