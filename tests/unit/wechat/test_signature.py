import re
from base64 import b64encode
from datetime import timedelta
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from wechatpayv3 import utils as other

from daycover.wechat.signature import SCHEME, SignatureError, SignatureFault, authorization, verify
from tests.unit.wechat.merchant import (
    KEY_ID,
    MCHID,
    MERCHANT,
    MERCHANT_KEY,
    NEXT_KEY_ID,
    NOW,
    SERIAL_NO,
    WECHAT_KEY,
)
from tests.unit.wechat.wire import signed_headers

pytestmark = pytest.mark.disable_socket

TARGET = "/v3/fund-app/mch-transfer/transfer-bills"
NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
REQUEST = '{"remark":"保险理赔款"}'.encode()
ANSWER = '{"state":"SUCCESS","remark":"理赔"}'.encode()
KEYS = MERCHANT.wechatpay_public_keys

# `openssl dgst -sha256 -sign` over the five lines of the request, the three lines of the answer.
OPENSSL_REQUEST_SIGNATURE = (
    "G3lx9B5KmlOE9ZyixjGeRCq0aNtolXOcbSyMNFbIM3tznKuJvDN0/ow80BJr+QmrhxpKSsFrvs5MNxBD5jucLJ45QNxzr0PU2tQR"
    "zBi3b9mf2OcfK0HWuUsnRkFH0FALfj43ukp5zo3+JSb67ObKTuAu+5t/oAy9mxnQhbJHRN3oW1mw9gb/oqRfNKuAH8L+1G2ivAow"
    "KK87WBKhhNgVmA2YnNzkBvfd465jaRB2FKHtK9h96XA4tesM1T4MRI2Vp7CrbLvGma2FjDv8gRjnEkReQXVeT2QCepbWWFOPgj0b"
    "M45CpVi2KY+KCGqi7LFAWvDs2ZRHZTTyS+sNMSZnkw=="
)
OPENSSL_ANSWER_SIGNATURE = (
    "0E06eqibQP3Xv7RJOgPEXz5+bZ89X71OEhGyDu8xe0Ln3iPmkwGidQtYjIZa9nLljOtEAjPHrdqMPaqmW33bKYCxrxrWA4lOGWs2"
    "6Ql9tmvLgSKTRH4XIVjmtVy0pTRBErTzRw0Tl3oP4kpee7bhecqawJndRAV11r+rDijWEhx+50MAnGsRvkg1bXbTCaUVG475UjLg"
    "IWZeGaCZMhep6N8vqCXdRzyhy/KHJ89GngwQxUO0rR0LJnHIdrgNjpp4/nyn9sln5kDeM6FizmMtyOkgIHR1pW6sOZu5ArYA8Ez4"
    "O/Z0lnfCpc4J1qfNqkSALUW+T7bfvgrYnRBaKpxV2g=="
)


def pairs_of(header: str) -> dict[str, str]:
    assert header.startswith(SCHEME + " ")
    return dict(re.findall(r'(\w+)="([^"]*)"', header))


def fault_of(headers: dict[str, str], body: bytes = ANSWER, *, later: float = 0) -> SignatureFault | None:
    try:
        verify(headers, body, keys=KEYS, now=NOW + timedelta(seconds=later))
    except SignatureError as error:
        return error.fault
    return None


def test_request_carries_openssl_signature_when_the_lines_are_the_same() -> None:
    header = authorization(MERCHANT, method="POST", target=TARGET, body=REQUEST, now=NOW, nonce=NONCE)
    assert pairs_of(header) == {
        "mchid": MCHID,
        "nonce_str": NONCE,
        "timestamp": "1780000000",
        "serial_no": SERIAL_NO,
        "signature": OPENSSL_REQUEST_SIGNATURE,
    }


@pytest.mark.parametrize(("method", "body"), [("POST", REQUEST), ("GET", b"")])
def test_request_is_signed_alike_when_another_client_signs_it(method: str, body: bytes) -> None:
    with patch("time.time", return_value=NOW.timestamp()):
        theirs = other.build_authorization(
            TARGET, method, MCHID, SERIAL_NO, MERCHANT_KEY, data=body.decode(), nonce_str=NONCE
        )
    ours = authorization(MERCHANT, method=method, target=TARGET, body=body, now=NOW, nonce=NONCE)
    assert pairs_of(ours) == pairs_of(theirs)


def test_answer_is_accepted_when_openssl_signed_it() -> None:
    assert fault_of(signed_headers(ANSWER) | {"Wechatpay-Signature": OPENSSL_ANSWER_SIGNATURE}) is None


@given(body=st.text(), nonce=st.text("0123456789abcdef", min_size=1, max_size=32), age=st.integers(-299, 299))
def test_both_clients_accept_when_wechat_signed_any_body(body: str, nonce: str, age: int) -> None:
    timestamp = str(int(NOW.timestamp()) + age)
    signature = other.rsa_sign(WECHAT_KEY, f"{timestamp}\n{nonce}\n{body}\n")
    headers = signed_headers(b"") | {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": signature,
    }
    assert other.rsa_verify(timestamp, nonce, body, signature, WECHAT_KEY.public_key())
    assert fault_of(headers, body.encode()) is None


@given(body=st.binary(min_size=1), data=st.data())
def test_answer_is_refused_when_any_byte_differs(body: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    changed = bytearray(body)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert fault_of(signed_headers(body), body) is None
    assert fault_of(signed_headers(body), bytes(changed)) is SignatureFault.WRONG


@given(body=st.binary(), target=st.text(min_size=1), nonce=st.text("0123456789abcdef", min_size=1))
def test_own_request_verifies_when_read_back_with_the_merchant_key(
    body: bytes, target: str, nonce: str
) -> None:
    header = authorization(MERCHANT, method="POST", target=target, body=body, now=NOW, nonce=nonce)
    pairs = pairs_of(header)
    lines = f"POST\n{target}\n{pairs['timestamp']}\n{nonce}\n".encode() + body + b"\n"
    assert pairs["signature"] == b64encode(MERCHANT_KEY.sign(lines, PKCS1v15(), SHA256())).decode()


@pytest.mark.parametrize("later", [-299, 0, 299, 299.9])
def test_answer_is_accepted_when_less_than_five_minutes_off(later: float) -> None:
    assert fault_of(signed_headers(ANSWER), later=later) is None


@pytest.mark.parametrize("later", [-86400, -301, -300, 300, 301, 31_536_000])
def test_answer_is_stale_when_five_minutes_off_or_more(later: float) -> None:
    assert fault_of(signed_headers(ANSWER), later=later) is SignatureFault.STALE


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "9" * 400, "9" * 5000])
def test_answer_is_stale_when_its_time_is_no_time(timestamp: str) -> None:
    assert fault_of(signed_headers(ANSWER) | {"Wechatpay-Timestamp": timestamp}) is SignatureFault.STALE


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_answer_is_accepted_when_header_names_come_in_any_case(change: type[str]) -> None:
    headers = {change(name): value for name, value in signed_headers(ANSWER).items()}
    assert fault_of(headers) is None


def test_answer_is_accepted_when_the_signature_type_is_not_named() -> None:
    headers = signed_headers(ANSWER)
    del headers["Wechatpay-Signature-Type"]
    assert fault_of(headers) is None


def test_probe_is_told_apart_when_wechat_sends_a_test_signature() -> None:
    probe = "WECHATPAY/SIGNTEST/" + OPENSSL_ANSWER_SIGNATURE
    assert fault_of(signed_headers(ANSWER) | {"Wechatpay-Signature": probe}) is SignatureFault.PROBE


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"Wechatpay-Signature": ""}, SignatureFault.MISSING),
        ({"Wechatpay-Signature": "not base64!"}, SignatureFault.WRONG),
        ({"Wechatpay-Signature": OPENSSL_REQUEST_SIGNATURE}, SignatureFault.WRONG),
        ({"Wechatpay-Nonce": "another"}, SignatureFault.WRONG),
        ({"Wechatpay-Timestamp": "1780000001"}, SignatureFault.WRONG),
        ({"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}, SignatureFault.WRONG),
        ({"Wechatpay-Serial": "PUB_KEY_ID_0"}, SignatureFault.UNKNOWN_KEY),
        ({"Wechatpay-Serial": ""}, SignatureFault.UNKNOWN_KEY),
        ({"Wechatpay-Serial": NEXT_KEY_ID}, SignatureFault.WRONG),
    ],
)
def test_answer_is_refused_with_its_fault_when_a_header_is_wrong(
    changes: dict[str, str], fault: SignatureFault
) -> None:
    assert fault_of(signed_headers(ANSWER, serial=KEY_ID) | changes) is fault


def test_answer_is_refused_when_no_header_came_at_all() -> None:
    assert fault_of({}) is SignatureFault.MISSING
