import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daycover.errors import DaycoverError
from daycover.payouts.transfer import TransferState
from daycover.wechat.notices import (
    NoticeForgedError,
    NoticeUnreadableError,
    TransferNotice,
    open_transfer_notice,
)
from tests.unit.wechat.merchant import APIV3_KEY, MCHID, MERCHANT, NOW
from tests.unit.wechat.wire import signed_headers

pytestmark = pytest.mark.disable_socket

BILL: dict[str, object] = {
    "mch_id": MCHID,
    "out_bill_no": "P20260601000001A1",
    "transfer_bill_no": "1330000071100999991182020050700019480001",
    "state": "SUCCESS",
    "transfer_amount": 199_999,
    "openid": "o-MYE421800elYMDE34nYD456Xoy",
    "create_time": "2026-06-01T10:00:00+08:00",
    "update_time": "2026-06-01T10:05:00+08:00",
}


def a_notice(
    bill: dict[str, object] | bytes = BILL, *, key: str = APIV3_KEY, envelope: dict[str, Any] | None = None
) -> bytes:
    plain = bill if isinstance(bill, bytes) else json.dumps(bill).encode()
    sealed = AESGCM(key.encode()).encrypt(b"fdasflkja484", plain, b"mch_payment")
    whole = {
        "id": "EV-2018022511223320873",
        "create_time": "2026-06-01T10:05:00+08:00",
        "event_type": "MCHTRANSFER.BILL.FINISHED",
        "resource_type": "encrypt-resource",
        "summary": "商家转账单据终态通知",
        "resource": {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": b64encode(sealed).decode(),
            "nonce": "fdasflkja484",
            "associated_data": "mch_payment",
            "original_type": "mch_payment",
        },
    }
    return json.dumps(whole | (envelope or {}), ensure_ascii=False).encode()


def opened(body: bytes, headers: dict[str, str] | None = None, *, later: int = 0) -> TransferNotice:
    now = NOW + timedelta(seconds=later)
    return open_transfer_notice(headers or signed_headers(body), body, MERCHANT, now)


def test_notice_is_read_when_signed_and_sealed_by_wechat() -> None:
    assert opened(a_notice()) == TransferNotice(
        event_id="EV-2018022511223320873",
        event_type="MCHTRANSFER.BILL.FINISHED",
        out_bill_no="P20260601000001A1",
        transfer_bill_no="1330000071100999991182020050700019480001",
        state=TransferState.SUCCESS,
        amount_fen=199_999,
    )


@pytest.mark.parametrize("state", ["FAIL", "CANCELLED"])
def test_notice_has_its_reason_when_no_money_moved(state: str) -> None:
    notice = opened(a_notice(BILL | {"state": state, "fail_reason": "OVERDUE_CLOSE"}))
    assert (notice.state, notice.fail_reason) == (TransferState(state), "OVERDUE_CLOSE")


def test_notice_is_taken_when_299_seconds_old() -> None:
    assert opened(a_notice(), later=299).amount_fen == 199_999


@pytest.mark.parametrize(
    ("changes", "later", "fault"),
    [
        ({}, 300, "STALE"),
        ({}, -300, "STALE"),
        ({"Wechatpay-Signature": "WECHATPAY/SIGNTEST/AAAA"}, 0, "PROBE"),
        ({"Wechatpay-Signature": ""}, 0, "MISSING"),
        ({"Wechatpay-Serial": "PUB_KEY_ID_0"}, 0, "UNKNOWN_KEY"),
        ({"Wechatpay-Nonce": "another"}, 0, "WRONG"),
    ],
)
def test_notice_is_forged_when_its_signature_proves_nothing(
    changes: dict[str, str], later: int, fault: str
) -> None:
    body = a_notice()
    with pytest.raises(NoticeForgedError) as forged:
        opened(body, signed_headers(body) | changes, later=later)
    assert forged.value.facts == {"fault": fault}
    assert isinstance(forged.value, DaycoverError)


def test_notice_is_forged_when_its_body_was_serialised_again() -> None:
    body = a_notice()
    with pytest.raises(NoticeForgedError):
        opened(json.dumps(json.loads(body), indent=1).encode(), signed_headers(body))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        a_notice(key="vutsrqponmlkjihgfedcba9876543210"),
        a_notice(b"not json"),
        a_notice(BILL | {"state": "PROCESSING"}),
        a_notice(BILL | {"state": "UNKNOWN"}),
        a_notice(BILL | {"mch_id": "1900000002"}),
        a_notice(BILL | {"transfer_amount": "a lot"}),
        a_notice(BILL | {"transfer_amount": 0}),
        a_notice(envelope={"event_type": "MCHTRANSFER.BATCH.FINISHED"}),
        a_notice(envelope={"id": ""}),
        a_notice(envelope={"resource": None}),
        a_notice(envelope={"resource": {"algorithm": "AEAD_SM4_GCM", "ciphertext": "", "nonce": ""}}),
    ],
)
def test_notice_is_unreadable_when_signed_but_not_understood(body: bytes) -> None:
    with pytest.raises(NoticeUnreadableError) as unreadable:
        opened(body)
    assert isinstance(unreadable.value, DaycoverError)
