"""What a stack's configuration says about the web faces."""

import pytest

from daycover.platform.config import Config

ISSUER = "https://sso.insurer.test"
UPLOADS = "https://documents.s3.test https://documents.s3.region.test"


def configure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment of the function that serves the pages: it has no wiring that a test could replace."""
    for name, field in Config.__dataclass_fields__.items():
        monkeypatch.setenv(name.upper(), "0" if field.type in (int, "int") else name)
    monkeypatch.setenv("OIDC_ISSUER", f"{ISSUER}/realms/claims")
    monkeypatch.setenv("UPLOAD_ORIGINS", UPLOADS)
