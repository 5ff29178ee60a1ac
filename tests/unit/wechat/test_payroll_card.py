import json
from dataclasses import replace
from datetime import datetime
from socket import gaierror
from ssl import SSLCertVerificationError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from daycover.identity.work_card import (
    Authentication,
    AuthenticationState,
    PreOrder,
    PreOrderToken,
    Purpose,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.wechat.payroll_card import PayrollCard
from tests.simulators.signing import open_field
from tests.support.replies import Reply
from tests.unit.wechat.merchant import APPID, KEY_ID, MCHID, WECHAT_KEY
from tests.unit.wechat.wire import FakePool, client_on, ok, problem

pytestmark = pytest.mark.disable_socket

CONNECTION = HTTPConnection("api.mch.weixin.qq.com")
ROOT = "https://api.mch.weixin.qq.com/v3/payroll-card"
SUB_MCHID = "1900000109"
OPENID = "o-MYE421800elYMDE34nYD456Xoy"
NUMBER = "01JZ0000000000000000000001"
ORDER = PreOrder(
    authenticate_number=NUMBER,
    openid=OPENID,
    sub_mchid=SUB_MCHID,
    project_name="临港三号仓",
    employer_name="示例劳务有限公司",
    name="张三",
    id_number="11010519491231002X",
)
PARTIES: dict[str, object] = {"openid": OPENID, "mchid": MCHID, "sub_mchid": SUB_MCHID}
TOKEN = PARTIES | {"authenticate_number": NUMBER, "token": "abcdef", "expires_in": 300}
CHECKED = PARTIES | {
    "authenticate_scene": "FROM_MINI_APP",
    "authenticate_source": APPID,
    "project_name": "临港三号仓",
    "employer_name": "示例劳务有限公司",
    "authenticate_state": "AUTHENTICATE_SUCCESS",
    "authenticate_time": "2026-06-01T07:58:00+08:00",
    "authenticate_number": NUMBER,
    "authenticate_type": "SIGN_IN",
}


def card(*replies: Reply | Exception) -> tuple[PayrollCard, FakePool]:
    pool = FakePool(*replies)
    return PayrollCard(client_on(pool)), pool


def ask(reply: Reply | Exception) -> Authentication:
    return card(reply)[0].authentication(NUMBER, SUB_MCHID)


def test_pre_order_has_the_exact_body_when_sent() -> None:
    payroll, pool = card(ok(**TOKEN))
    assert payroll.pre_order(ORDER) == PreOrderToken(NUMBER, "abcdef", 300)
    (sent,) = pool.sent
    assert (sent.method, sent.url) == ("POST", ROOT + "/authentications/pre-order-with-auth")
    assert sent.headers["Wechatpay-Serial"] == KEY_ID
    body = sent.json
    assert open_field(WECHAT_KEY, body.pop("user_name")) == "张三"
    assert open_field(WECHAT_KEY, body.pop("id_card_number")) == "11010519491231002X"
    assert body == {
        "openid": OPENID,
        "appid": APPID,
        "sub_mchid": SUB_MCHID,
        "authenticate_number": NUMBER,
        "project_name": "临港三号仓",
        "employer_name": "示例劳务有限公司",
        "authenticate_type": "SIGN_IN",
        "employment_type": "SHORT_TERM_EMPLOYMENT",
    }


def test_pre_order_is_a_plain_check_when_a_payee_shows_their_face() -> None:
    payroll, pool = card(ok(**TOKEN))
    payroll.pre_order(replace(ORDER, purpose=Purpose.PAYOUT))
    assert "authenticate_type" not in pool.sent[0].json


def test_limit_is_named_when_the_day_has_had_twenty_pre_orders() -> None:
    with pytest.raises(WorkCardLimitError):
        card(problem(429, "FREQUENCY_LIMITED"))[0].pre_order(ORDER)


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "PARAM_ERROR"), (401, "SIGN_ERROR"), (403, "NO_AUTH"), (404, "RESOURCE_NOT_EXISTS")],
)
def test_card_refuses_with_its_code_when_wechat_does(status: int, code: str) -> None:
    with pytest.raises(WorkCardRefusedError) as refused:
        card(problem(status, code))[0].pre_order(ORDER)
    assert refused.value.facts == {"code": code}
    with pytest.raises(WorkCardRefusedError) as refused:
        ask(problem(status, code))
    assert refused.value.facts == {"code": code}


@pytest.mark.parametrize(
    "reply",
    [
        problem(429, "FREQUENCY_LIMIT_EXCEED"),
        problem(500, "SYSTEM_ERROR"),
        Reply(502, b"<html>"),
        Reply(200, b"{}"),
        ProtocolError("Connection aborted."),
        ok(**TOKEN | {"expires_in": 0}),
        ok(**TOKEN | {"token": ""}),
        ok(**TOKEN | {"authenticate_number": "another"}),
        ok(**TOKEN | {"openid": "another"}),
        ok(**TOKEN | {"sub_mchid": "another"}),
        ok(**TOKEN | {"mchid": "another"}),
    ],
)
def test_pre_order_is_unavailable_when_the_answer_is_of_no_use(reply: Reply | Exception) -> None:
    with pytest.raises(WorkCardUnavailableError):
        card(reply)[0].pre_order(ORDER)


def test_authentication_is_asked_by_number_when_queried() -> None:
    payroll, pool = card(ok(**CHECKED))
    assert payroll.authentication(NUMBER, SUB_MCHID) == Authentication(
        authenticate_number=NUMBER,
        state=AuthenticationState.SUCCESS,
        openid=OPENID,
        at=datetime.fromisoformat("2026-06-01T07:58:00+08:00"),
    )
    assert pool.sent[0].method == "GET"
    assert pool.sent[0].url == f"{ROOT}/authentications/{NUMBER}?sub_mchid={SUB_MCHID}"
    assert pool.sent[0].body is None


def test_authentication_is_open_when_the_face_was_not_shown() -> None:
    answer = PARTIES | {"authenticate_number": NUMBER, "authenticate_state": "AUTHENTICATE_PROCESSING"}
    assert ask(ok(**answer)) == Authentication(NUMBER, AuthenticationState.PROCESSING, OPENID)


def test_authentication_has_reason_and_no_time_when_failed() -> None:
    failed = CHECKED | {
        "authenticate_state": "AUTHENTICATE_FAILED",
        "authenticate_failed_reason": "人脸识别失败次数过多",
    }
    result = ask(ok(**failed))
    assert (result.state, result.at) == (AuthenticationState.FAILED, None)
    assert result.failed_reason == "人脸识别失败次数过多"


@pytest.mark.parametrize(
    "changes",
    [
        {"authenticate_state": "UNKNOWN"},
        {"authenticate_state": "SUCCESS"},
        {"authenticate_type": "UNKNOWN"},
        {"authenticate_scene": "UNKNOWN"},
        {"authenticate_time": None},
        {"authenticate_time": "2026-06-01T07:58:00"},
        {"authenticate_time": "this morning"},
        {"authenticate_number": "another"},
        {"openid": ""},
        {"mchid": "another"},
        {"sub_mchid": "another"},
    ],
)
def test_authentication_is_unavailable_when_the_answer_is_not_understood(changes: dict[str, object]) -> None:
    with pytest.raises(WorkCardUnavailableError):
        ask(ok(**CHECKED | changes))


@given(st.text().filter(lambda text: not text.startswith("AUTHENTICATE_")))
def test_no_success_comes_from_any_other_state_when_signed(state: str) -> None:
    with pytest.raises(WorkCardUnavailableError):
        ask(ok(**CHECKED | {"authenticate_state": state}))


@pytest.mark.parametrize(
    "reply", [problem(429, "FREQUENCY_LIMITED"), problem(500, "SYSTEM_ERROR"), ProtocolError("aborted")]
)
def test_query_is_unavailable_when_it_may_be_repeated(reply: Reply | Exception) -> None:
    with pytest.raises(WorkCardUnavailableError):
        ask(reply)


@pytest.mark.parametrize(
    ("reply", "counts", "answered"),
    [
        (NewConnectionError(CONNECTION, "refused"), False, False),
        (ConnectTimeoutError("slow"), False, False),
        (NameResolutionError("api.mch.weixin.qq.com", CONNECTION, gaierror("no name")), False, False),
        (SSLError(SSLCertVerificationError("not WeChat's")), False, False),
        (SSLError(OSError("broken off")), True, False),
        (ProtocolError("aborted"), True, False),
        (ReadTimeoutError(HTTPConnectionPool("api.mch.weixin.qq.com"), "", "no answer"), True, False),
        (problem(500, "SYSTEM_ERROR"), True, True),
        (problem(502, "x"), True, True),
        (Reply(503, b"<html>"), True, True),
        (Reply(403, b"<html>"), True, True),
        (Reply(200, b"{}"), True, True),
        (Reply(302, b""), True, True),
        (ok(**TOKEN | {"token": ""}), True, True),
        (ok(**TOKEN | {"openid": "another"}), True, True),
        (ok(**TOKEN | {"authenticate_number": "another"}), True, True),
        (problem(429, "FREQUENCY_LIMIT_EXCEED"), False, True),
        (Reply(429, b""), False, True),
    ],
)
def test_pre_order_counts_only_when_it_may_have_reached_wechat_and_been_taken(
    reply: Reply | Exception, counts: bool, answered: bool
) -> None:
    with pytest.raises(WorkCardUnavailableError) as unavailable:
        card(reply)[0].pre_order(ORDER)
    assert (unavailable.value.may_have_counted, unavailable.value.answered) == (counts, answered)


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("17", 17),
        ("90000", 3600),
        *((odd, None) for odd in ("0", "-3", "Wed, 21 Oct 2026 07:28:00 GMT", "1e3", "１７", "", "9" * 40)),
    ],
)
def test_wechat_s_own_retry_after_is_passed_on_when_it_is_a_number(stated: str, seconds: int | None) -> None:
    body = json.dumps({"code": "SYSTEM_ERROR", "message": "x"}).encode()
    for status, code in ((503, b"SYSTEM_ERROR"), (429, b"FREQUENCY_LIMITED")):
        reply = Reply(status, body.replace(b"SYSTEM_ERROR", code), {"retry-after": stated})
        with pytest.raises((WorkCardUnavailableError, WorkCardLimitError)) as refused:
            card(reply)[0].pre_order(ORDER)
        assert refused.value.told is (seconds is not None)
        assert refused.value.retry_after == (seconds or type(refused.value).retry_after)
