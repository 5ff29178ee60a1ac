"""One running stack for all end-to-end tests, seeded; every test brings workers of its own."""

import json
from collections.abc import Callable, Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from tests.devstack import journey
from tests.devstack.layout import JOURNEY_FILE
from tests.devstack.progress import Progress
from tests.devstack.report import Report, Step
from tests.devstack.stack import Stack
from tests.support.browser import Tab, browser
from tests.support.world import World

__all__ = ["browser"]


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


@pytest.fixture
def qr_token(world: World) -> str:
    """The code of a project that is open around the clock."""
    return world.qr_token


@pytest.fixture
def open_tab(browser: Browser, world: World) -> Iterator[Callable[..., Tab]]:
    """Open tabs of people, each with a storage of its own."""
    tabs: list[Tab] = []

    def opened(size: Mapping[str, int], position: tuple[float, float] | None = None) -> Tab:
        tabs.append(Tab(browser, world.stack.base_url, size, position))
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.close()
