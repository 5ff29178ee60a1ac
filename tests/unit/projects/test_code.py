"""The QR token: ours to the last bit, valid to the last second, of the current generation only."""

import base64
import hmac
from datetime import UTC, date, datetime, timedelta

import pytest

from daycover.projects.code import (
    POSTER_GRACE,
    QrTokenExpiredError,
    QrTokenInvalidError,
    QrTokenRevokedError,
    check_generation,
    issue_token,
    read_token,
)
from tests.support.builders import NOW, a_night_project, a_project

PROJECT = a_project()


def key(project_id: str, key_version: int) -> bytes:
    return hmac.digest(b"secret", f"{project_id}:{key_version}".encode(), "sha256")


TOKEN, CODE = issue_token(PROJECT, key)


def test_token_reads_back_when_genuine() -> None:
    assert read_token(TOKEN, key, NOW) == CODE
    assert CODE.project_id == PROJECT.project_id
    assert CODE.key_version == 1


def test_token_is_short_and_the_same_when_issued_again() -> None:
    assert len(TOKEN) == 52
    assert issue_token(PROJECT, key)[0] == TOKEN


def test_token_is_refused_when_any_single_bit_is_flipped() -> None:
    raw = base64.urlsafe_b64decode(TOKEN)
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        forged = base64.urlsafe_b64encode(bytes(changed)).rstrip(b"=").decode()
        with pytest.raises(QrTokenInvalidError):
            read_token(forged, key, NOW)


@pytest.mark.parametrize(
    "text",
    ["", "x", TOKEN[:-1], TOKEN[:-4], TOKEN + "AAAA", TOKEN + "=", TOKEN + "\n", " " + TOKEN, "王" * 52,
     "A" * 52, "%" * 52, TOKEN * 3],
)  # fmt: skip
def test_token_is_refused_when_cut_padded_or_strange(text: str) -> None:
    with pytest.raises(QrTokenInvalidError):
        read_token(text, key, NOW)


def test_token_is_refused_when_signed_with_another_key() -> None:
    with pytest.raises(QrTokenInvalidError):
        read_token(TOKEN, lambda project_id, version: b"another" * 5, NOW)


def test_token_expires_to_the_second_when_the_grace_is_over() -> None:
    last_shift_end = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)  # 18:00 +08:00
    assert last_shift_end + POSTER_GRACE == CODE.expires_at
    read_token(TOKEN, key, CODE.expires_at - timedelta(seconds=1))
    with pytest.raises(QrTokenExpiredError):
        read_token(TOKEN, key, CODE.expires_at)


def test_token_outlives_the_last_morning_when_the_shift_crosses_midnight() -> None:
    _, code = issue_token(a_night_project(ends_on=date(2026, 11, 30)), key)
    assert code.expires_at == datetime(2026, 11, 30, 22, 0, tzinfo=UTC) + POSTER_GRACE


def test_generation_is_refused_when_rotated_or_revoked() -> None:
    check_generation(CODE, PROJECT)
    rotated = PROJECT.with_next_code()
    with pytest.raises(QrTokenRevokedError):
        check_generation(CODE, rotated)
    revoked = PROJECT.with_code_revoked()
    with pytest.raises(QrTokenRevokedError):
        check_generation(CODE, revoked)


def test_code_is_valid_again_when_rotated_after_revocation() -> None:
    project = PROJECT.with_code_revoked().with_next_code()
    token, code = issue_token(project, key)
    assert token != TOKEN
    check_generation(read_token(token, key, NOW), project)
    with pytest.raises(QrTokenRevokedError):
        check_generation(CODE, project)
    assert code.key_version == 2


def test_token_holds_no_personal_data_when_decoded() -> None:
    raw = base64.urlsafe_b64decode(TOKEN)
    assert len(raw) == 1 + 16 + 2 + 4 + 16
    assert PROJECT.company_name.encode() not in raw
