"""One running stack for all end-to-end tests, seeded; every test brings workers of its own."""

import json
from collections.abc import Iterator

import pytest

from tests.devstack import journey, seed
from tests.devstack.layout import JOURNEY_FILE, STACK_FILE
from tests.devstack.progress import Progress
from tests.devstack.report import Report, Step
from tests.devstack.running import running_stack
from tests.devstack.stack import Stack
from tests.support.world import World


def pytest_addoption(parser: pytest.Parser) -> None:
    try:
        parser.addoption("--base-url", help="use the stack of a running `make run` at this address")
    except ValueError:
        pass  # another plugin has the same option


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A stack of its own beside any `make run`, or the running one that `--base-url` names."""
    base_url = request.config.getoption("--base-url", default=None)
    if base_url is None:
        with running_stack() as fresh:
            yield fresh
        return
    running = Stack.read(STACK_FILE) if STACK_FILE.exists() else None
    if running is None or base_url.rstrip("/") not in (running.base_url, running.https_url):
        raise pytest.UsageError(f"no `make run` of this directory serves {base_url}")
    yield running


@pytest.fixture(scope="session")
def seeded(stack: Stack) -> Stack:
    seed.prepare(stack)
    seed.seed(stack)
    return stack


@pytest.fixture(scope="session")
def journey_report(request: pytest.FixtureRequest, seeded: Stack) -> Report:
    """The whole journey, played once: here, or by the `make run` whose stack is used."""
    report = Report(Progress(quiet=True))
    if request.config.getoption("--base-url", default=None) is None:
        journey.run(seeded, report)
    else:
        told = json.loads(JOURNEY_FILE.read_text(encoding="utf-8"))
        names = {name for name, _ in journey.STEPS}
        report.steps = [Step(**step) for step in told["steps"] if step["name"] in names]
        report.figures = told["figures"]
    return report


@pytest.fixture(scope="session")
def world(seeded: Stack) -> World:
    """A company of its own, so that nothing a test does shows in the seeded day's statements."""
    return World.opened(seeded)


@pytest.fixture
def qr_token(world: World) -> str:
    """The code of a project that is open around the clock."""
    return world.qr_token
