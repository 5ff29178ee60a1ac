"""The configuration that the pages are served with, and a browser."""

import pytest

from tests.functional.web.settings import configure
from tests.support.browser import browser

__all__ = ["browser"]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch)
