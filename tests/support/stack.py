"""The running stack as fixtures: one for the end-to-end and the workflow tests of a session."""

from collections.abc import Iterator

import pytest

from tests.devstack import seed
from tests.devstack.layout import STACK_FILE
from tests.devstack.running import running_stack
from tests.devstack.stack import Stack
from tests.support.world import World


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
def world(seeded: Stack) -> World:
    """A company of its own, so that nothing a test does shows in the seeded day's statements."""
    return World.opened(seeded)
