"""The insurance QR code (投保二维码): a short signed token that names a project and nothing about a person.

52 characters: version (1 byte), project (16), key version (2), expiry (4), HMAC-SHA-256 cut to 128 bits.
It is verified with a cached key, without any call; whether its generation still counts is read with
the project, which a scan reads anyway.
"""

import base64
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from daycover import crockford
from daycover.errors import DaycoverError
from daycover.projects.project import Project

_LAYOUT = struct.Struct(">B16sHI")
_MAC_BYTES = 16
_VERSION = 1
POSTER_GRACE = timedelta(hours=2)
"""A poster's code outlives the last shift a little, so that its end is a clear answer, not a forgery."""


class QrTokenInvalidError(DaycoverError):
    """The token is not one of ours: cut, changed, or signed with another key."""


class QrTokenExpiredError(DaycoverError):
    """The token was ours and its time is over."""


class QrTokenRevokedError(DaycoverError):
    """The project's codes of this generation were revoked or replaced."""


@dataclass(frozen=True, slots=True)
class CodeToken:
    """What a QR code says."""

    project_id: str
    key_version: int
    expires_at: datetime


class CodeKey(Protocol):
    """Gives the signing key of one project and generation."""

    def __call__(self, project_id: str, key_version: int) -> bytes: ...


def issue_token(project: Project, key: CodeKey) -> tuple[str, CodeToken]:
    """Sign the poster token of the project's current generation; it lasts as long as the project."""
    expires_at = project.last_shift_end.astimezone(UTC) + POSTER_GRACE
    token = CodeToken(project.project_id, project.key_version, expires_at)
    body = _LAYOUT.pack(
        _VERSION,
        crockford.decode(token.project_id).to_bytes(16, "big"),
        token.key_version,
        int(expires_at.timestamp()),
    )
    mac = hmac.digest(key(token.project_id, token.key_version), body, "sha256")[:_MAC_BYTES]
    return _text(body + mac), token


def read_token(text: str, key: CodeKey, now: datetime) -> CodeToken:
    """Verify a token. Raises QrTokenInvalidError, QrTokenExpiredError."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, project, key_version, expires = _LAYOUT.unpack(raw[: _LAYOUT.size])
    except (ValueError, struct.error):
        raise QrTokenInvalidError from None
    body, mac = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    project_id = crockford.encode(int.from_bytes(project, "big"), 26)
    expected = hmac.digest(key(project_id, key_version), body, "sha256")[:_MAC_BYTES]
    if version != _VERSION or not hmac.compare_digest(mac, expected) or _text(raw) != text:
        raise QrTokenInvalidError
    token = CodeToken(project_id, key_version, datetime.fromtimestamp(expires, UTC))
    if token.expires_at <= now:
        raise QrTokenExpiredError
    return token


def _text(raw: bytes) -> str:
    """The one way to write a token; base64 readers take several."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def check_generation(token: CodeToken, project: Project) -> None:
    """Raise QrTokenRevokedError unless the token's generation is the project's valid one."""
    if project.code_revoked or token.key_version != project.key_version:
        raise QrTokenRevokedError
