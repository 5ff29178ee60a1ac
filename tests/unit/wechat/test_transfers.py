from dataclasses import replace

import pytest
from urllib3.exceptions import ConnectTimeoutError, ProtocolError, ReadTimeoutError

from daycover.payouts.transfer import (
    Transfer,
    TransferOrder,
    TransferPostponedError,
    TransferRefusedError,
    TransferState,
    TransferUnknownError,
)
from daycover.wechat.transfers import WechatTransfers
from tests.simulators.signing import open_field
from tests.support.replies import Reply
from tests.unit.wechat.merchant import APPID, KEY_ID, MCHID, WECHAT_KEY
from tests.unit.wechat.wire import FakePool, client_on, ok, problem

pytestmark = pytest.mark.disable_socket

BILLS = "https://api.mch.weixin.qq.com/v3/fund-app/mch-transfer/transfer-bills"
NOTIFY_URL = "https://daycover.example/v1/notices/wechat-transfers"
BILL_NO = "P20260601000001A1"
ORDER = TransferOrder(
    out_bill_no=BILL_NO,
    openid="o-MYE421800elYMDE34nYD456Xoy",
    name="张三",
    amount_fen=199_999,
    remark="理赔款",
    claim_no="C20260601000001",
)
MADE: dict[str, object] = {
    "out_bill_no": BILL_NO,
    "transfer_bill_no": "1330000071100999991182020050700019480001",
    "create_time": "2026-06-01T10:00:00+08:00",
    "state": "WAIT_USER_CONFIRM",
    "package_info": "affffddafdfafddffda==",
}
FOUND: dict[str, object] = {
    "mch_id": MCHID,
    "out_bill_no": BILL_NO,
    "transfer_bill_no": "1330000071100999991182020050700019480001",
    "appid": APPID,
    "state": "SUCCESS",
    "transfer_amount": 199_999,
    "transfer_remark": "理赔款",
    "openid": "o-MYE421800elYMDE34nYD456Xoy",
    "create_time": "2026-06-01T10:00:00+08:00",
    "update_time": "2026-06-01T10:05:00+08:00",
}
NO_SUCH_BILL = problem(404, "NOT_FOUND")

UNANSWERED = [
    ReadTimeoutError(None, "/", "Read timed out."),  # type: ignore[arg-type]
    ProtocolError("Connection aborted."),
    ConnectTimeoutError("connect"),
    Reply(200, b"{}"),
    Reply(502, b"<html>"),
    Reply(403, b"<html>"),
    problem(500, "SYSTEM_ERROR"),
]
POSTPONED = [
    (problem(403, "NOT_ENOUGH"), "NOT_ENOUGH"),
    (problem(429, "FREQUENCY_LIMITED"), "FREQUENCY_LIMITED"),
    (problem(400, "FREQUENCY_LIMIT_EXCEED"), "FREQUENCY_LIMIT_EXCEED"),
    (problem(429, "A_CODE_OF_TOMORROW"), "A_CODE_OF_TOMORROW"),
    (Reply(429, b"<html>"), "TOO_MANY_REQUESTS"),
]


def transfers(*replies: Reply | Exception) -> tuple[WechatTransfers, FakePool]:
    pool = FakePool(*replies)
    return WechatTransfers(client_on(pool), NOTIFY_URL), pool


def test_bill_has_the_exact_body_when_submitted() -> None:
    wechat, pool = transfers(ok(**MADE))
    assert wechat.submit(ORDER) == Transfer(
        out_bill_no=BILL_NO,
        state=TransferState.WAIT_USER_CONFIRM,
        transfer_bill_no="1330000071100999991182020050700019480001",
        package_info="affffddafdfafddffda==",
    )
    (sent,) = pool.sent
    assert (sent.method, sent.url) == ("POST", BILLS)
    assert sent.headers["Wechatpay-Serial"] == KEY_ID
    assert sent.json == {
        "appid": APPID,
        "out_bill_no": BILL_NO,
        "transfer_scene_id": "1004",
        "openid": "o-MYE421800elYMDE34nYD456Xoy",
        "transfer_amount": 199_999,
        "transfer_remark": "理赔款",
        "notify_url": NOTIFY_URL,
        "user_recv_perception": "保险理赔款",
        "transfer_scene_report_infos": [
            {"info_type": "保险产品备案编号", "info_content": "C00001732612026010100001"},
            {"info_type": "保险名称", "info_content": "日结保意外险"},
            {"info_type": "保险操作单号", "info_content": "C20260601000001"},
        ],
    }


@pytest.mark.parametrize("amount_fen", [200_000, 200_001, 1_000_000])
def test_name_is_sealed_when_the_amount_demands_it(amount_fen: int) -> None:
    wechat, pool = transfers(ok(**MADE))
    wechat.submit(replace(ORDER, amount_fen=amount_fen))
    assert open_field(WECHAT_KEY, pool.sent[0].json["user_name"]) == "张三"


@pytest.mark.parametrize("amount_fen", [10, 29, 30, 199_999])
def test_name_stays_here_when_the_amount_is_below_2000_yuan(amount_fen: int) -> None:
    wechat, pool = transfers(ok(**MADE))
    wechat.submit(replace(ORDER, amount_fen=amount_fen))
    assert "user_name" not in pool.sent[0].json


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "PARAM_ERROR"), (400, "INVALID_REQUEST"), (403, "NO_AUTH"), (400, "A_CODE_OF_TOMORROW")],
)
def test_submission_is_refused_when_wechat_refuses_and_knows_no_bill(status: int, code: str) -> None:
    wechat, pool = transfers(problem(status, code), NO_SUCH_BILL)
    with pytest.raises(TransferRefusedError) as refused:
        wechat.submit(ORDER)
    assert refused.value.facts == {"code": code}
    assert [sent.method for sent in pool.sent] == ["POST", "GET"]


def test_bill_is_found_when_a_repeated_submission_is_refused() -> None:
    wechat, _ = transfers(problem(400, "INVALID_REQUEST"), ok(**FOUND))
    assert wechat.submit(ORDER).state is TransferState.SUCCESS


@pytest.mark.parametrize(
    "second", [*UNANSWERED, *(reply for reply, _ in POSTPONED), problem(401, "SIGN_ERROR")]
)
def test_refusal_is_unknown_when_it_cannot_be_confirmed(second: Reply | Exception) -> None:
    wechat, _ = transfers(problem(403, "NO_AUTH"), second)
    with pytest.raises(TransferUnknownError) as unknown:
        wechat.submit(ORDER)
    assert unknown.value.facts == {"code": "NO_AUTH"}, "the refusal says more than the failed look-up"


@pytest.mark.parametrize(("reply", "code"), POSTPONED)
def test_submission_is_postponed_when_wechat_took_nothing(reply: Reply, code: str) -> None:
    wechat, pool = transfers(reply)
    with pytest.raises(TransferPostponedError) as postponed:
        wechat.submit(ORDER)
    assert postponed.value.facts == {"code": code}
    assert [sent.method for sent in pool.sent] == ["POST"], "never sent twice"


@pytest.mark.parametrize(
    ("reply", "facts"),
    [
        (problem(500, "SYSTEM_ERROR"), {"code": "SYSTEM_ERROR"}),
        (Reply(502, b"<html>"), {}),
        (ConnectTimeoutError("connect"), {}),
    ],
)
def test_code_is_kept_when_wechat_leaves_the_result_open(
    reply: Reply | Exception, facts: dict[str, object]
) -> None:
    with pytest.raises(TransferUnknownError) as unknown:
        transfers(reply)[0].submit(ORDER)
    assert unknown.value.facts == facts
    with pytest.raises(TransferUnknownError) as unknown:
        transfers(reply)[0].find(BILL_NO)
    assert unknown.value.facts == facts


@pytest.mark.parametrize("code", ["FREQUENCY_LIMITED", "NO_AUTH"])
def test_code_is_kept_when_the_question_is_not_answered(code: str) -> None:
    with pytest.raises(TransferUnknownError) as unknown:
        transfers(problem(429 if code == "FREQUENCY_LIMITED" else 403, code))[0].find(BILL_NO)
    assert unknown.value.facts == {"code": code}


@pytest.mark.parametrize("reply", UNANSWERED)
def test_result_is_unknown_when_no_usable_answer_came(reply: Reply | Exception) -> None:
    wechat, pool = transfers(reply)
    with pytest.raises(TransferUnknownError):
        wechat.submit(ORDER)
    assert len(pool.sent) == 1
    with pytest.raises(TransferUnknownError):
        transfers(reply)[0].find(BILL_NO)


@pytest.mark.parametrize("changes", [{"state": "UNKNOWN"}, {"state": None}, {"out_bill_no": "another"}])
def test_result_is_unknown_when_the_answer_is_not_understood(changes: dict[str, object]) -> None:
    with pytest.raises(TransferUnknownError):
        transfers(ok(**MADE | changes))[0].submit(ORDER)
    with pytest.raises(TransferUnknownError):
        transfers(ok(**FOUND | changes))[0].find(BILL_NO)


@pytest.mark.parametrize("state", list(TransferState))
def test_every_state_is_read_when_wechat_names_it(state: TransferState) -> None:
    made = transfers(ok(**MADE | {"state": state.value}))[0].submit(ORDER)
    found = transfers(ok(**FOUND | {"state": state.value}))[0].find(BILL_NO)
    assert found is not None
    assert made.state is found.state is state
    assert (made.package_info is not None) == (state is TransferState.WAIT_USER_CONFIRM)


def test_bill_is_asked_by_our_number_when_looked_up() -> None:
    wechat, pool = transfers(ok(**FOUND | {"state": "FAIL", "fail_reason": "NAME_NOT_CORRECT"}))
    assert wechat.find(BILL_NO) == Transfer(
        out_bill_no=BILL_NO,
        state=TransferState.FAIL,
        amount_fen=199_999,
        transfer_bill_no="1330000071100999991182020050700019480001",
        fail_reason="NAME_NOT_CORRECT",
    )
    assert (pool.sent[0].method, pool.sent[0].url) == ("GET", f"{BILLS}/out-bill-no/{BILL_NO}")


@pytest.mark.parametrize("code", ["NOT_FOUND", "RESOURCE_NOT_EXISTS"])
def test_no_bill_is_found_when_wechat_knows_none(code: str) -> None:
    assert transfers(problem(404, code))[0].find(BILL_NO) is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, b"<html>"),
        problem(404, "NO_ROUTE"),
        problem(400, "NOT_FOUND"),
        problem(400, "PARAM_ERROR"),
        problem(401, "SIGN_ERROR"),
        ok(**FOUND | {"mch_id": "another"}),
        ok(**FOUND | {"transfer_amount": 0}),
    ],
)
def test_lookup_is_unknown_when_the_answer_does_not_settle_it(reply: Reply) -> None:
    with pytest.raises(TransferUnknownError):
        transfers(reply)[0].find(BILL_NO)


TAKEN_BACK: dict[str, object] = {
    "out_bill_no": BILL_NO,
    "transfer_bill_no": "1330000071100999991182020050700019480001",
    "state": "CANCELING",
    "update_time": "2026-06-01T10:05:00+08:00",
}


def test_bill_is_taken_back_by_our_number_when_cancelled() -> None:
    wechat, pool = transfers(ok(**TAKEN_BACK))
    assert wechat.cancel(BILL_NO) == Transfer(
        out_bill_no=BILL_NO,
        state=TransferState.CANCELING,
        transfer_bill_no="1330000071100999991182020050700019480001",
    )
    (sent,) = pool.sent
    assert (sent.method, sent.url) == ("POST", f"{BILLS}/out-bill-no/{BILL_NO}/cancel")
    assert sent.body is None


@pytest.mark.parametrize("refusal", [problem(400, "INVALID_REQUEST"), problem(403, "NO_AUTH"), NO_SUCH_BILL])
def test_bill_is_what_the_query_says_when_it_cannot_be_taken_back(refusal: Reply) -> None:
    wechat, pool = transfers(refusal, ok(**FOUND))
    bill = wechat.cancel(BILL_NO)
    assert bill is not None
    assert (bill.state, bill.amount_fen) == (TransferState.SUCCESS, 199_999)
    assert [sent.method for sent in pool.sent] == ["POST", "GET"]


def test_no_bill_is_taken_back_when_wechat_knows_none() -> None:
    assert transfers(NO_SUCH_BILL, NO_SUCH_BILL)[0].cancel(BILL_NO) is None


@pytest.mark.parametrize(
    ("replies", "facts"),
    [
        *(((reply,), {"code": code}) for reply, code in POSTPONED if code != "TOO_MANY_REQUESTS"),
        ((problem(500, "SYSTEM_ERROR"),), {"code": "SYSTEM_ERROR"}),
        ((problem(400, "INVALID_REQUEST"), problem(500, "SYSTEM_ERROR")), {"code": "INVALID_REQUEST"}),
        ((ReadTimeoutError(None, "/", "Read timed out."),), {}),  # type: ignore[arg-type]
        ((ok(**TAKEN_BACK | {"state": "UNKNOWN"}),), {}),
        ((ok(**TAKEN_BACK | {"out_bill_no": "another"}),), {}),
        ((Reply(200, b"{}"),), {}),
    ],
)
def test_cancelling_is_unknown_when_no_usable_answer_came(
    replies: tuple[Reply | Exception, ...], facts: dict[str, object]
) -> None:
    with pytest.raises(TransferUnknownError) as unknown:
        transfers(*replies)[0].cancel(BILL_NO)
    assert unknown.value.facts == facts
