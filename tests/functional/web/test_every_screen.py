"""Every screen there is, at three widths and in both languages: axe, overflow, console, origins, keyboard, language.

A worker must also read it in the dark and in letters of twice the size. The insurer's console has a module of its own:
two processes share the files.
"""

import pytest
from playwright.sync_api import Browser

from tests.functional.web.screens import FACES, Tour, leads_to, patterns_of


@pytest.mark.parametrize("name", ["worker", "desk", "staff"])
def test_every_view_has_a_screen_when_a_face_gets_one(name: str) -> None:
    patterns, screens = patterns_of(name), FACES[name]().screens
    for screen in screens:
        assert leads_to(patterns, screen.hash) == screen.pattern, screen
    assert {screen.pattern for screen in screens} == set(patterns), (
        "every view of a face is in the table of screens"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["worker", "desk", "gate"])
def test_screen_bars_nobody_at_any_width(browser: Browser, name: str, language: str) -> None:
    tour = Tour(browser, name, language)
    faults = tour.faults()
    assert not faults, "\n".join(faults)
    tour.tab.close()


def test_page_without_a_script_bars_nobody_at_any_width(browser: Browser) -> None:
    tour = Tour(browser, "standing", "zh")
    faults = tour.faults()
    assert not faults, "\n".join(faults)
    tour.tab.close()
