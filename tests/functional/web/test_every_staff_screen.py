"""Every screen of the insurer's console, as `test_every_screen.py` has those of the others."""

import pytest
from playwright.sync_api import Browser

from tests.functional.web.screens import Tour


@pytest.mark.parametrize("language", ["zh", "en"])
def test_screen_bars_nobody_at_any_width(browser: Browser, language: str) -> None:
    tour = Tour(browser, "staff", language)
    faults = tour.faults()
    assert not faults, "\n".join(faults)
    tour.tab.close()
