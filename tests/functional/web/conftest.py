"""The configuration that the pages are served with, and a browser."""

import pytest

from daycover.platform.config import Config
from tests.functional.web.settings import ISSUER, UPLOADS
from tests.support.browser import browser

__all__ = ["browser"]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in Config.__dataclass_fields__.items():
        monkeypatch.setenv(name.upper(), "0" if field.type in (int, "int") else name)
    monkeypatch.setenv("OIDC_ISSUER", f"{ISSUER}/realms/claims")
    monkeypatch.setenv("UPLOAD_ORIGINS", UPLOADS)
