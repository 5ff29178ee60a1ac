"""Signatures in both directions, and the ways in which they are broken on purpose."""

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.simulators import Simulators
from tests.simulators.credentials import make_key
from tests.unit.simulators.conftest import SUB_MCHID, Http, HttpReply, Merchant

PATH = "/v3/payroll-card/authentications/N1?sub_mchid=" + SUB_MCHID


def send_signed(simulators: Simulators, http: Http, **changes: Any) -> HttpReply:
    """Sign by hand after the document, with one thing changed, and send."""
    credentials = simulators.credentials
    timestamp = str(int(time.time()) + changes.get("age", 0))
    message = f"GET\n{changes.get('signed_path', PATH)}\n{timestamp}\nnonce\n\n"
    key = changes.get("key", credentials.merchant_key)
    signature = base64.b64encode(key.sign(message.encode(), PKCS1v15(), SHA256())).decode()
    serial, mchid = changes.get("serial", credentials.serial_no), changes.get("mchid", credentials.mchid)
    headers = {
        "Accept": "application/json",
        "User-Agent": "test",
        "Authorization": f'WECHATPAY2-SHA256-RSA2048 signature="{signature}",mchid="{mchid}",'
        f'nonce_str="nonce",timestamp="{timestamp}",serial_no="{serial}"',
    } | changes.get("headers", {})
    return http.send("GET", simulators.wechat_pay.base_url + PATH, **headers)


@pytest.mark.parametrize("age", [0, -290, 290])
@pytest.mark.usefixtures("merchant")
def test_request_is_accepted_when_signed_as_documented(simulators: Simulators, http: Http, age: int) -> None:
    assert send_signed(simulators, http, age=age).json()["code"] == "RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize(
    "changes",
    [
        {"age": -305},
        {"age": 305},
        {"signed_path": PATH.partition("?")[0]},
        {"key": make_key()},
        {"serial": "00"},
        {"mchid": "1"},
        {"headers": {"Authorization": "Bearer x"}},
    ],
    ids=[
        "too old",
        "too new",
        "query not signed",
        "other key",
        "other serial",
        "other merchant",
        "no signature",
    ],
)
@pytest.mark.usefixtures("merchant")
def test_request_is_rejected_when_signature_is_wrong(
    simulators: Simulators, http: Http, changes: dict[str, Any]
) -> None:
    reply = send_signed(simulators, http, **changes)
    assert (reply.status, reply.json()["code"]) == (401, "SIGN_ERROR")


def test_rejection_names_what_was_signed_when_signature_is_wrong(simulators: Simulators, http: Http) -> None:
    information = send_signed(simulators, http, key=make_key()).json()["detail"]["sign_information"]
    assert (information["method"], information["url"]) == ("GET", PATH)


def test_clock_shift_does_not_move_the_signature_window(
    merchant: Merchant, simulators: Simulators, http: Http
) -> None:
    merchant.control("POST", "/clock", {"offset_seconds": 100_000})
    assert send_signed(simulators, http).status == 404
    assert merchant.pre_order_with_auth(merchant.seed_worker())[0] == 200


def test_request_is_refused_when_headers_are_missing(simulators: Simulators, http: Http) -> None:
    assert send_signed(simulators, http, headers={"Accept": "text/html"}).status == 400
    assert send_signed(simulators, http, headers={"Wechatpay-Serial": "PUB_KEY_ID_0"}).status == 400


def test_errors_are_signed_too(simulators: Simulators, http: Http, merchant: Merchant) -> None:
    reply = send_signed(simulators, http)
    assert reply.headers["Request-ID"]
    assert merchant.sdk._core._verify_signature(reply.headers, reply.body.decode())


@pytest.mark.parametrize("kind", ["unsigned", "signtest"])
def test_answer_does_not_verify_when_a_fault_breaks_its_signature(merchant: Merchant, kind: str) -> None:
    openid = merchant.seed_worker()
    fault = {"path_prefix": "/v3/payroll-card", "method": "POST", "kind": kind, "times": 1}
    merchant.control("POST", "/faults", fault)
    with pytest.raises(Exception, match=r"signature|algorithm"):
        merchant.pre_order_with_auth(openid)
    assert merchant.pre_order_with_auth(openid)[0] == 200


def test_answer_is_slow_when_a_fault_says_so(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    merchant.control("POST", "/faults", {"kind": "slow", "path_prefix": "/v3/", "seconds": 0.3, "times": 1})
    started = time.monotonic()
    assert merchant.pre_order_with_auth(openid)[0] == 200
    assert time.monotonic() - started >= 0.3


def test_control_plane_refuses_what_it_does_not_understand(simulators: Simulators, http: Http) -> None:
    base_url = simulators.wechat_pay.base_url
    for path, body in [
        ("/faults", {"kind": "earthquake"}),
        ("/faults", {"kind": "slow", "seconds": "x"}),
        ("/people", [{"openid": "o"}]),
        ("/authentications/N1/face", {"result": "perhaps"}),
        ("/clock", {}),
    ]:
        reply = http.send("POST", f"{base_url}/_sim{path}", body)
        assert reply.status == 400
        assert "error" in json.loads(reply.body)
    assert http.send("POST", f"{base_url}/_sim/transfers/NONE/confirm", {}).status == 404
    assert http.send("GET", f"{base_url}/_sim/nothing").status == 404
