"""The insurance QR code (投保二维码): a short signed token that names a project and nothing about a person.

Three forms of one thing. A poster's code lasts as long as the project; the code on a foreman's screen
changes every 15 seconds; the mini program's own code (`scene`) has room for 32 characters. All are
verified with a cached key, without any call; whether their generation still counts is read with the
project, which a scan reads anyway.

Poster and screen, 52 characters: version (1 byte), project (16), key version (2), expiry (4), HMAC-SHA-256
cut to 128 bits. Scene, 32 characters: project (16), key version (2), HMAC cut to 48 bits; the project id
holds 80 random bits, so 128 bits must be guessed here too, and the project's end is the code's expiry.
"""

import base64
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from daycover import crockford
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.project import Project

_LAYOUT = struct.Struct(">B16sHI")
_MAC_BYTES = 16
_VERSION = 1
_SCENE_LAYOUT = struct.Struct(">16sH")
_SCENE_MAC_BYTES = 6
_SCENE_BYTES = _SCENE_LAYOUT.size + _SCENE_MAC_BYTES
SCREEN_STEP_SECONDS = 15
"""A screen's code is good for its own step and one more, for the hand that is slow with the phone."""
POSTER_GRACE = timedelta(hours=2)
"""A poster's code outlives the last shift a little, so that its end is a clear answer, not a forgery."""


class QrTokenInvalidError(DaycoverError):
    """The code was not signed by us, or was changed or cut.

    What to do: Scan the insurance code posted at the gate.
    含义:二维码不是本系统签发的,或被改动、截断。
    处理:扫描现场张贴的投保二维码。
    """

    kind = ErrorKind.MALFORMED
    title = "二维码无效", "The QR code is not ours"
    detail = "请扫描项目现场张贴的投保二维码。", "Scan the insurance code posted at the project's gate."


class QrTokenExpiredError(DaycoverError):
    """The code's time is over.

    What to do: Scan the current code at the gate.
    含义:二维码已过有效期。
    处理:扫描最新的投保二维码。
    """

    kind = ErrorKind.GONE
    title = "二维码已过期", "The QR code has expired"
    detail = "请扫描最新的投保二维码。", "Scan the current code at the gate."


class QrTokenRevokedError(DaycoverError):
    """The code was revoked or replaced; after a revocation there is none until the company rotates.

    What to do: Scan the current code; as the company, rotate (`ROTATE`) before you ask for a code.
    含义:二维码已作废或被更换;公司在轮换之前也取不到新码。
    处理:扫描最新的投保二维码;公司先轮换(`ROTATE`)再取码。
    """

    kind = ErrorKind.GONE
    title = "二维码已作废", "The QR code was revoked"
    detail = (
        "该二维码已被劳务公司更换,请扫描最新的投保二维码。",
        "The labour company replaced this code. Scan the current one at the gate.",
    )


class CodeForm(StrEnum):
    """Where a code is shown."""

    POSTER = "poster"
    SCREEN = "screen"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class CodeToken:
    """What a QR code says. `expires_at` is None where the code has no room for it."""

    project_id: str
    key_version: int
    expires_at: datetime | None


CodeKey = Callable[[str, int], bytes]
"""Gives the signing key of one project (its id) and generation."""


def issue_token(project: Project, key: CodeKey) -> tuple[str, CodeToken]:
    """Sign the poster token of the project's current generation; it lasts as long as the project."""
    return _issue(project, key, int((project.last_shift_end + POSTER_GRACE).timestamp()))


def issue_screen_token(project: Project, key: CodeKey, now: datetime) -> tuple[str, CodeToken]:
    """Sign the token for a foreman's screen: the same within a step, refused after the next one."""
    step = int(now.timestamp()) // SCREEN_STEP_SECONDS
    return _issue(project, key, (step + 2) * SCREEN_STEP_SECONDS)


def issue_scene_token(project: Project, key: CodeKey) -> tuple[str, CodeToken]:
    """Sign the 32-character form for the mini program's own code (`wxacode.getUnlimited`, `scene`)."""
    body = _SCENE_LAYOUT.pack(_project_bytes(project), project.key_version)
    secret = key(project.project_id, project.key_version)
    token = CodeToken(project.project_id, project.key_version, None)
    return _text(body + _mac(secret, body, _SCENE_MAC_BYTES)), token


def _issue(project: Project, key: CodeKey, expires: int) -> tuple[str, CodeToken]:
    body = _LAYOUT.pack(_VERSION, _project_bytes(project), project.key_version, expires)
    secret = key(project.project_id, project.key_version)
    token = CodeToken(project.project_id, project.key_version, datetime.fromtimestamp(expires, UTC))
    return _text(body + _mac(secret, body, _MAC_BYTES)), token


def _project_bytes(project: Project) -> bytes:
    return crockford.decode(project.project_id).to_bytes(16, "big")


def read_token(text: str, key: CodeKey, now: datetime) -> CodeToken:
    """Verify a token of any form. Raises QrTokenInvalidError, QrTokenExpiredError."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        if len(raw) == _SCENE_BYTES:
            layout, version, expires = _SCENE_LAYOUT, _VERSION, None
            project, key_version = layout.unpack(raw[: layout.size])
        else:
            layout = _LAYOUT
            version, project, key_version, expires = layout.unpack(raw[: layout.size])
    except (ValueError, struct.error):
        raise QrTokenInvalidError from None
    body, mac = raw[: layout.size], raw[layout.size :]
    project_id = crockford.encode(int.from_bytes(project, "big"), 26)
    mac_bytes = _SCENE_MAC_BYTES if layout is _SCENE_LAYOUT else _MAC_BYTES
    expected = _mac(key(project_id, key_version), body, mac_bytes)
    if version != _VERSION or not hmac.compare_digest(mac, expected) or _text(raw) != text:
        raise QrTokenInvalidError
    if expires is None:
        return CodeToken(project_id, key_version, None)
    expires_at = datetime.fromtimestamp(expires, UTC)
    if expires_at <= now:
        raise QrTokenExpiredError
    return CodeToken(project_id, key_version, expires_at)


def scan_link(public_url: str, token: str) -> str:
    """Give the HTTPS link that a code holds; every scanner opens it, WeChat opens the mini program."""
    return f"{public_url.rstrip('/')}/s/{token}"


def _mac(key: bytes, body: bytes, length: int) -> bytes:
    return hmac.digest(key, body, "sha256")[:length]


def _text(raw: bytes) -> str:
    """The one way to write a token; base64 readers take several. Every form is whole groups of three bytes, so none
    is padded."""
    return base64.urlsafe_b64encode(raw).decode()


def check_generation(token: CodeToken, project: Project) -> None:
    """Raise QrTokenRevokedError unless the token's generation is the project's valid one."""
    if project.code_revoked or token.key_version != project.key_version:
        raise QrTokenRevokedError
