"""The screen's code of fifteen seconds and the scene's of 32 characters, written out by a second hand."""

import base64
import hmac
import struct
from datetime import UTC, datetime, timedelta

import pytest

from daycover import crockford
from daycover.projects.code import (
    CodeToken,
    QrTokenExpiredError,
    QrTokenInvalidError,
    QrTokenRevokedError,
    check_generation,
    issue_scene_token,
    issue_screen_token,
    issue_token,
    read_token,
)
from tests.support.builders import a_project

NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
"""The beginning of a step: 00:30:00 is a multiple of fifteen seconds."""
NUMBER = 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF
OLD = a_project(project_id=crockford.encode(NUMBER, 26))
PROJECT = OLD.with_next_code()
"""Of the second generation, so that project and generation are told apart in what is signed."""


def key(project_id: str, key_version: int) -> bytes:
    return hmac.digest(b"secret", f"{project_id}:{key_version}".encode(), "sha256")


def written(body: bytes, mac_bytes: int) -> str:
    """What anybody who has the key and the module's description would write."""
    mac = hmac.digest(key(PROJECT.project_id, 2), body, "sha256")[:mac_bytes]
    return base64.urlsafe_b64encode(body + mac).decode()


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [0, 7.5, 14.999])
def test_screen_code_is_the_same_within_its_step_and_good_for_one_more(seconds: float) -> None:
    token, said = issue_screen_token(PROJECT, key, after(seconds))
    assert said == CodeToken(PROJECT.project_id, 2, after(30))
    until = int(after(30).timestamp())
    assert token == written(struct.pack(">B16sHI", 1, NUMBER.to_bytes(16, "big"), 2, until), 16)
    assert read_token(token, key, after(29)) == said
    with pytest.raises(QrTokenExpiredError):
        read_token(token, key, after(30))


def test_screen_code_is_another_when_the_next_step_begins() -> None:
    token, said = issue_screen_token(PROJECT, key, after(15))
    assert said.expires_at == after(45)
    assert token != issue_screen_token(PROJECT, key, after(14))[0]


def test_scene_is_32_characters_and_never_expires_by_itself() -> None:
    token, said = issue_scene_token(PROJECT, key)
    assert token == written(struct.pack(">16sH", NUMBER.to_bytes(16, "big"), 2), 6)
    assert len(token) == 32, "all that WeChat's `scene` holds"
    assert said == CodeToken(PROJECT.project_id, 2, None)
    assert read_token(token, key, after(10 * 365 * 86_400)) == said


def test_scene_is_refused_when_any_single_bit_is_flipped() -> None:
    raw = base64.urlsafe_b64decode(issue_scene_token(PROJECT, key)[0])
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(QrTokenInvalidError):
            read_token(base64.urlsafe_b64encode(bytes(changed)).decode(), key, NOW)


def test_short_signature_is_no_poster_when_a_scene_s_is_put_on_one() -> None:
    """Six bytes are enough for a scene alone: a poster carries sixteen."""
    body = struct.pack(">B16sHI", 1, NUMBER.to_bytes(16, "big"), 2, int(after(60).timestamp()))
    assert read_token(written(body, 16), key, NOW).project_id == PROJECT.project_id
    with pytest.raises(QrTokenInvalidError):
        read_token(written(body, 6), key, NOW)


def test_poster_of_another_layout_is_refused_when_it_is_signed_all_the_same() -> None:
    body = struct.pack(">B16sHI", 2, NUMBER.to_bytes(16, "big"), 2, int(after(60).timestamp()))
    with pytest.raises(QrTokenInvalidError):
        read_token(written(body, 16), key, NOW)


def test_every_form_falls_with_its_generation_when_the_company_rotates() -> None:
    posted, on_screen = issue_token(OLD, key), issue_screen_token(OLD, key, NOW)
    for token, said in (posted, on_screen, issue_scene_token(OLD, key)):
        assert read_token(token, key, NOW) == said
        assert (said.project_id, said.key_version) == (OLD.project_id, 1)
        check_generation(said, OLD)
        with pytest.raises(QrTokenRevokedError):
            check_generation(said, PROJECT)
