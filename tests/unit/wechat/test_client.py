import json
import re
import traceback
from datetime import timedelta

import pytest
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from wechatpayv3 import utils as other

from daycover.wechat.client import (
    WechatAnswer,
    WechatError,
    WechatRefusedError,
    WechatRetryError,
    WechatUnknownError,
)
from tests.support.replies import Reply
from tests.unit.wechat.merchant import KEY_ID, MERCHANT_KEY, NOW
from tests.unit.wechat.wire import FakePool, client_on, ok, problem, signed_headers

pytestmark = pytest.mark.disable_socket

HOST = "https://api.mch.weixin.qq.com"


class Thing(WechatAnswer):
    name: str


def raised_by(reply: Reply | Exception, method: str = "GET") -> WechatError:
    with pytest.raises(WechatError) as caught:
        client_on(FakePool(reply)).request(method, "/v3/things", answer=Thing)
    return caught.value


def test_request_goes_out_signed_when_it_has_query_and_body() -> None:
    pool = FakePool(ok(name="张三"))
    answer = client_on(pool).request(
        "POST", "/v3/things", answer=Thing, query={"day": "2026-06-01", "of": "甲"}, body={"name": "张三"}
    )
    assert answer == Thing(name="张三")
    (sent,) = pool.sent
    target = "/v3/things?day=2026-06-01&of=%E7%94%B2"
    assert (sent.method, sent.url, sent.json) == ("POST", HOST + target, {"name": "张三"})
    assert sent.body is not None
    message = f"POST\n{target}\n1780000000\nn0nce\n{sent.body.decode()}\n"
    signature = re.search(r'signature="([^"]+)"', sent.headers["Authorization"])
    assert signature is not None
    assert signature[1] == other.rsa_sign(MERCHANT_KEY, message)
    assert sent.headers["Wechatpay-Serial"] == KEY_ID
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["User-Agent"]


def test_nothing_is_retried_or_followed_when_sent() -> None:
    pool = FakePool(ok(name="x"))
    client_on(pool).request("GET", "/v3/things", answer=Thing)
    options = pool.sent[0].options
    assert options["retries"] is False
    assert options["redirect"] is False
    assert options["timeout"].connect_timeout > 0
    assert options["timeout"].read_timeout > 0


RETRY, UNKNOWN, REFUSED = WechatRetryError, WechatUnknownError, WechatRefusedError


@pytest.mark.parametrize(
    ("status", "code", "on_get", "on_post"),
    [
        (400, "PARAM_ERROR", REFUSED, REFUSED),
        (400, "INVALID_REQUEST", REFUSED, REFUSED),
        (400, "FREQUENCY_LIMIT_EXCEED", RETRY, RETRY),
        (401, "SIGN_ERROR", REFUSED, REFUSED),
        (403, "NO_AUTH", REFUSED, REFUSED),
        (403, "NOT_ENOUGH", RETRY, RETRY),
        (404, "NOT_FOUND", REFUSED, REFUSED),
        (404, "RESOURCE_NOT_EXISTS", REFUSED, REFUSED),
        (429, "FREQUENCY_LIMITED", RETRY, RETRY),
        (429, "FREQUENCY_LIMIT_EXCEED", RETRY, RETRY),
        (429, "A_CODE_OF_TOMORROW", RETRY, RETRY),
        (500, "SYSTEM_ERROR", RETRY, UNKNOWN),
        (500, "NOT_ENOUGH", RETRY, UNKNOWN),
        (502, "BAD_GATEWAY", RETRY, UNKNOWN),
        (503, "SERVICE_UNAVAILABLE", RETRY, UNKNOWN),
        (302, "FOUND", UNKNOWN, UNKNOWN),
    ],
)
def test_failure_has_its_kind_when_status_and_code_are_known(
    status: int, code: str, on_get: type[WechatError], on_post: type[WechatError]
) -> None:
    for method, kind in (("GET", on_get), ("POST", on_post)):
        error = raised_by(problem(status, code), method)
        assert type(error) is kind
        assert (error.status, error.code, error.request_id) == (status, code, "08A1B2C3")


@pytest.mark.parametrize(
    "data", [b"", b"<html>blocked</html>", b"[]", b'{"code":404}', b'{"code":"<b>"}', b"\xff"]
)
def test_refusal_is_unknown_when_it_has_no_code_of_wechat(data: bytes) -> None:
    for status in (400, 403, 404):
        assert type(raised_by(Reply(status, data), "POST")) is UNKNOWN


def test_kind_does_not_change_when_the_message_does() -> None:
    replies = [
        Reply(400, json.dumps({"code": "INVALID_REQUEST", "message": text}).encode())
        for text in ("", "系统繁忙，请稍后重试", "SYSTEM_ERROR")
    ]
    assert {type(raised_by(reply, "POST")) for reply in replies} == {REFUSED}


CONNECTION = HTTPSConnection("api.mch.weixin.qq.com")
POOL = HTTPSConnectionPool("api.mch.weixin.qq.com")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (NewConnectionError(CONNECTION, "refused"), RETRY),
        (ConnectTimeoutError("connect"), RETRY),
        (ReadTimeoutError(POOL, "/v3/things", "read"), UNKNOWN),
        (ProtocolError("Connection aborted."), UNKNOWN),
        (SSLError("broken"), UNKNOWN),
        (HTTPError("anything else"), UNKNOWN),
    ],
)
def test_fault_is_unknown_when_the_request_may_have_arrived(
    fault: Exception, kind: type[WechatError]
) -> None:
    for method in ("GET", "POST"):
        assert type(raised_by(fault, method)) is kind


BODY = b'{"name":"x"}'


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, BODY),
        Reply(200, BODY, {"Request-ID": "08A1B2C3"}),
        Reply(200, BODY, signed_headers(b'{"name":"y"}')),
        Reply(200, BODY, signed_headers(BODY) | {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/AAAA"}),
        Reply(200, BODY, signed_headers(BODY, serial="PUB_KEY_ID_0")),
        Reply(200, BODY, signed_headers(BODY, at=NOW - timedelta(seconds=300))),
        Reply(204, b"", {}),
        Reply(299, BODY),
    ],
)
def test_success_is_unknown_when_its_signature_proves_nothing(reply: Reply) -> None:
    assert type(raised_by(reply, "POST")) is UNKNOWN


def test_success_is_taken_when_signed_299_seconds_ago() -> None:
    reply = Reply(200, BODY, signed_headers(BODY, at=NOW - timedelta(seconds=299)))
    assert client_on(FakePool(reply)).request("GET", "/v3/things", answer=Thing).name == "x"


@pytest.mark.parametrize("data", [b"", b"{}", b'{"name":', b'{"name":7}', b"[]", b"null"])
def test_success_is_unknown_when_its_shape_is_wrong(data: bytes) -> None:
    assert type(raised_by(Reply(200, data, signed_headers(data)), "POST")) is UNKNOWN


def test_error_text_holds_no_field_of_the_answer_when_its_shape_is_wrong() -> None:
    data = b'{"name":{"id":"11010519491231002X"}}'
    error = raised_by(Reply(200, data, signed_headers(data)))
    assert "11010519491231002X" not in "".join(traceback.format_exception(error))
