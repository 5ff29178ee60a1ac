"""Merchant transfer seen by an independent client: fields, idempotency, money, expiry, callbacks, faults."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulators import Simulators
from tests.simulators.clock import SimulatorClock
from tests.simulators.fields import Fields
from tests.simulators.people import Person
from tests.simulators.rate_limit import RateLimit
from tests.simulators.transfers import Bill, Transfers
from tests.unit.simulators.conftest import CallbackEndpoint, Http, Merchant

BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
DAY = 86_400


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def settled(merchant: Merchant, out_bill_no: str, state: str) -> Any:
    wait_until(lambda: merchant.bill(out_bill_no)[1]["state"] == state)
    return merchant.bill(out_bill_no)[1]


def test_bill_is_paid_once_when_user_confirms(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    before = merchant.control("GET", "/ledger")["balance_fen"]
    status, created = merchant.transfer(openid, "PAY1", 358_000, user_name="张三")
    assert (status, created["state"]) == (200, "WAIT_USER_CONFIRM")
    assert created["package_info"]

    assert merchant.control("POST", "/transfers/PAY1/confirm")["state"] == "TRANSFERING"
    merchant.control("POST", "/transfers/PAY1/confirm")
    bill = settled(merchant, "PAY1", "SUCCESS")
    merchant.control("POST", "/transfers/PAY1/confirm")

    ledger = merchant.control("GET", "/ledger")
    assert (ledger["paid_out_fen"], ledger["balance_fen"]) == (358_000, before - 358_000)
    assert merchant.sdk.decrypt(bill["user_name"]) == "张三"
    assert bill["transfer_amount"] == 358_000
    by_other_number = merchant.sdk.mch_transfer_bills_query(transfer_bill_no=created["transfer_bill_no"])
    assert json.loads(by_other_number[1])["out_bill_no"] == "PAY1"


def test_same_bill_is_returned_when_the_order_is_repeated(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    # The encrypted name differs every time; what counts is the name.
    first = merchant.transfer(openid, "SAME1", 5000, user_name="张三")[1]
    again = merchant.transfer(openid, "SAME1", 5000, user_name="张三")[1]
    assert again["package_info"] != first["package_info"], "each answer has a package of its own"
    assert again | {"package_info": None} == first | {"package_info": None}
    status, answer = merchant.transfer(openid, "SAME1", 5001, user_name="张三")
    assert (status, answer["code"]) == (400, "INVALID_REQUEST")
    assert len(merchant.control("GET", "/ledger")["bills"]) == 1


@pytest.mark.parametrize("kind", ["lost_reply", "unsigned", "signtest"])
def test_package_comes_from_another_order_alone_when_the_reply_was_no_use(
    merchant: Merchant, kind: str
) -> None:
    openid = merchant.seed_worker()
    merchant.control("POST", "/faults", {"path_prefix": BILLS, "method": "POST", "kind": kind, "times": 1})
    with pytest.raises(Exception):  # noqa: B017  (the SDK raises what it likes)
        merchant.transfer(openid, "LOST1")
    for by in ({"out_bill_no": "LOST1"}, None):
        number = merchant.control("GET", "/ledger")["bills"][0]["transfer_bill_no"]
        status, text = merchant.sdk.mch_transfer_bills_query(**(by or {"transfer_bill_no": number}))
        bill = json.loads(text)
        assert (status, bill["state"]) == (200, "WAIT_USER_CONFIRM")
        assert "package_info" not in bill
    again = merchant.transfer(openid, "LOST1")[1]
    assert again["transfer_bill_no"] == bill["transfer_bill_no"]
    assert merchant.control("POST", "/transfers/LOST1/confirm", {"package_info": again["package_info"]})
    assert settled(merchant, "LOST1", "SUCCESS")
    assert merchant.control("GET", "/ledger")["paid_out_fen"] == 1000


def test_user_is_not_asked_when_the_package_is_not_of_the_bill(merchant: Merchant, http: Http) -> None:
    openid = merchant.seed_worker()
    package = merchant.transfer(openid, "OPEN1")[1]["package_info"]
    merchant.transfer(openid, "OPEN2")
    confirm = f"{merchant.base_url}/_sim/transfers/OPEN2/confirm"
    assert http.send("POST", confirm, {"package_info": package}).status == 409
    assert merchant.bill("OPEN2")[1]["state"] == "WAIT_USER_CONFIRM"


def test_slow_bill_waits_for_the_user_only_when_ordered_again_and_asked(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    merchant.control("POST", "/transfers/slow", {"bills": 1})

    def order() -> tuple[str, bool]:
        answer = merchant.transfer(openid, "SLOW1")[1]
        return answer["state"], "package_info" in answer

    def ask() -> tuple[str, bool]:
        answer = merchant.bill("SLOW1")[1]
        return answer["state"], "package_info" in answer

    assert order() == ("ACCEPTED", False)
    assert [ask(), ask()] == [("ACCEPTED", False)] * 2, "WeChat wants the order again"
    assert order() == ("PROCESSING", False)
    assert ask() == ("WAIT_USER_CONFIRM", False)
    assert order() == ("WAIT_USER_CONFIRM", True)
    assert merchant.transfer(openid, "FAST1")[1]["state"] == "WAIT_USER_CONFIRM", "one bill was to be slow"


def test_slow_bill_is_cancelled_or_closed_when_it_never_came_to_the_user(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    merchant.control("POST", "/transfers/slow", {"bills": 2})
    merchant.transfer(openid, "SLOW2")
    merchant.transfer(openid, "SLOW3")
    assert json.loads(merchant.sdk.mch_transfer_bills_cancel("SLOW2")[1])["state"] == "CANCELING"
    assert settled(merchant, "SLOW2", "CANCELLED")["fail_reason"] == "MCH_CANCEL"
    merchant.control("POST", "/clock", {"offset_seconds": DAY + 1})
    bill = merchant.bill("SLOW3")[1]
    assert (bill["state"], bill["fail_reason"]) == ("CANCELLED", "OVERDUE_CLOSE")


@pytest.mark.parametrize(
    ("code", "status"),
    [("NOT_ENOUGH", 403), ("NO_AUTH", 403), ("FREQUENCY_LIMITED", 429), ("SYSTEM_ERROR", 500)],
)
def test_next_orders_are_refused_without_effect_when_told_to(
    merchant: Merchant, code: str, status: int
) -> None:
    openid = merchant.seed_worker()
    merchant.control("POST", "/transfers/refuse", {"code": code, "times": 2})
    for _ in range(2):
        answered, answer = merchant.transfer(openid, "AGAIN1")
        assert (answered, answer["code"]) == (status, code)
        assert merchant.bill("AGAIN1")[0] == 404, "a query is answered"
    assert merchant.transfer(openid, "AGAIN1")[1]["state"] == "WAIT_USER_CONFIRM"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("refuse", {"code": "PARAM_ERROR"}),
        ("refuse", {"code": "NO_AUTH", "times": 0}),
        ("slow", {"bills": 1, "states": ["TRANSFERING"]}),
        ("slow", {"bills": 1, "states": []}),
        ("slow", {"bills": -1}),
    ],
)
def test_demand_is_refused_when_wechat_never_answers_so(
    merchant: Merchant, http: Http, path: str, body: dict[str, Any]
) -> None:
    assert http.send("POST", f"{merchant.base_url}/_sim/transfers/{path}", body).status == 400


def test_nothing_happens_when_a_status_fault_is_armed(merchant: Merchant) -> None:
    fault = {"path_prefix": BILLS, "method": "POST", "kind": "status", "status": 500, "code": "SYSTEM_ERROR"}
    merchant.control("POST", "/faults", fault | {"times": 1})
    openid = merchant.seed_worker()
    status, answer = merchant.transfer(openid, "FAULT1")
    assert (status, answer["code"]) == (500, "SYSTEM_ERROR")
    assert merchant.bill("FAULT1")[0] == 404
    assert merchant.transfer(openid, "FAULT1")[0] == 200


REPORT = [
    {"info_type": "保险产品备案编号", "info_content": "1"},
    {"info_type": "保险名称", "info_content": "2"},
    {"info_type": "保险操作单号", "info_content": "3"},
]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"out_bill_no": "with-dash"}, 400, "PARAM_ERROR"),
        ({"out_bill_no": "a" * 33}, 400, "PARAM_ERROR"),
        ({"transfer_remark": "长" * 33}, 400, "PARAM_ERROR"),
        ({"transfer_amount": 9}, 400, "INVALID_REQUEST"),
        ({"transfer_amount": 10.5}, 400, "PARAM_ERROR"),
        ({"transfer_amount": 2_000_001, "user_name": "张三"}, 400, "INVALID_REQUEST"),
        ({"transfer_scene_report_infos": REPORT[:2]}, 400, "PARAM_ERROR"),
        ({"transfer_scene_report_infos": [*REPORT[:2], REPORT[1]]}, 400, "PARAM_ERROR"),
        ({"transfer_scene_report_infos": [*REPORT, REPORT[0]]}, 400, "PARAM_ERROR"),
        ({"user_recv_perception": "退款"}, 400, "INVALID_REQUEST"),
        ({"transfer_scene_id": "1011"}, 403, "NO_AUTH"),
        ({"notify_url": "https://example.com/notify?a=1"}, 400, "PARAM_ERROR"),
        ({"appid": "wx0000000000000000"}, 400, "INVALID_REQUEST"),
        ({"openid": "nobody"}, 400, "INVALID_REQUEST"),
    ],
)
def test_transfer_is_refused_when_a_field_is_wrong(
    merchant: Merchant, changes: dict[str, Any], status: int, code: str
) -> None:
    order: dict[str, Any] = {"openid": merchant.seed_worker(), "out_bill_no": "WRONG1"}
    answered, answer = merchant.transfer(**(order | changes))
    assert (answered, answer["code"]) == (status, code)
    assert merchant.control("GET", "/ledger")["bills"] == []


def test_name_is_required_when_amount_reaches_2000_yuan(merchant: Merchant) -> None:
    order = {
        "appid": merchant.appid,
        "out_bill_no": "NAME1",
        "transfer_scene_id": "1004",
        "openid": merchant.seed_worker(),
        "transfer_amount": 200_000,
        "transfer_remark": "理赔款",
        "transfer_scene_report_infos": REPORT,
    }
    status, answer = merchant.post(BILLS, order)
    assert (status, answer["code"], answer["detail"]["field"]) == (400, "PARAM_ERROR", "/user_name")
    assert merchant.post(BILLS, order | {"transfer_amount": 199_999})[0] == 200


def test_bill_fails_when_name_is_not_the_persons(merchant: Merchant, endpoint: CallbackEndpoint) -> None:
    openid = merchant.seed_worker()
    status, created = merchant.transfer(openid, "NAME2", user_name="李四", notify_url=endpoint.url)
    assert (status, created["state"], created["fail_reason"]) == (200, "FAIL", "NAME_NOT_CORRECT")
    headers, body = endpoint.wait_for(1)[0]
    assert merchant.sdk.callback(headers, body)["resource"]["fail_reason"] == "NAME_NOT_CORRECT"


def test_transfer_is_refused_when_the_balance_is_short(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    merchant.control("POST", "/balance", {"balance_fen": 1500})
    assert merchant.transfer(openid, "SHORT1", 1000)[0] == 200
    status, answer = merchant.transfer(openid, "SHORT2", 1000)
    assert (status, answer["code"]) == (403, "NOT_ENOUGH")
    merchant.control("POST", "/balance", {"balance_fen": 2000})
    assert merchant.transfer(openid, "SHORT2", 1000)[0] == 200


def test_callback_verifies_and_decrypts_when_the_bill_is_final(
    merchant: Merchant, endpoint: CallbackEndpoint
) -> None:
    openid = merchant.seed_worker()
    merchant.transfer(openid, "CALL1", notify_url=endpoint.url)
    merchant.control("POST", "/transfers/CALL1/confirm")
    headers, body = endpoint.wait_for(1)[0]
    notice = merchant.sdk.callback(headers, body)
    assert notice["event_type"] == "MCHTRANSFER.BILL.FINISHED"
    assert (notice["resource"]["out_bill_no"], notice["resource"]["state"]) == ("CALL1", "SUCCESS")
    assert (notice["resource"]["transfer_amount"], notice["resource"]["openid"]) == (1000, openid)
    sealed = json.loads(body)["resource"]
    assert sealed["original_type"] == sealed["associated_data"] == "mch_payment"
    assert len(sealed["nonce"]) == 12


def test_callback_is_repeated_until_it_is_accepted(merchant: Merchant, endpoint: CallbackEndpoint) -> None:
    endpoint.statuses = [500, 302]
    merchant.transfer(merchant.seed_worker(), "RETRY1", notify_url=endpoint.url)
    merchant.control("POST", "/transfers/RETRY1/confirm")
    received = endpoint.wait_for(3)
    assert len({json.loads(body)["id"] for _, body in received}) == 1
    wait_until(lambda: len(merchant.control("GET", "/notices")) == 3)
    assert [entry["status"] for entry in merchant.control("GET", "/notices")] == [500, 302, 204]


def test_callback_is_doubled_probed_and_late_when_faults_say_so(
    merchant: Merchant, endpoint: CallbackEndpoint
) -> None:
    openid = merchant.seed_worker()
    for number, kind in enumerate(["duplicate_notice", "signtest_notice", "late_notice"]):
        before = len(endpoint.received)
        merchant.control(
            "POST", "/faults", {"path_prefix": "/notices", "kind": kind, "seconds": 0.3, "times": 1}
        )
        merchant.transfer(openid, f"FAULTY{number}", notify_url=endpoint.url)
        started = time.monotonic()
        merchant.control("POST", f"/transfers/FAULTY{number}/confirm")
        received = endpoint.wait_for(before + (1 if kind == "late_notice" else 2))[before:]
        verified = [merchant.sdk.callback(headers, body) is not None for headers, body in received]
        if kind == "duplicate_notice":
            assert verified == [True, True]
            assert len({json.loads(body)["id"] for _, body in received}) == 1
        elif kind == "signtest_notice":
            assert verified == [False, True]
            assert received[0][0]["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
        else:
            assert time.monotonic() - started >= 0.3


def test_bill_is_closed_when_nobody_confirms_for_24_hours(
    merchant: Merchant, endpoint: CallbackEndpoint
) -> None:
    openid = merchant.seed_worker()
    merchant.transfer(openid, "LATE1", notify_url=endpoint.url)
    merchant.control("POST", "/clock", {"offset_seconds": DAY - 5})
    assert merchant.bill("LATE1")[1]["state"] == "WAIT_USER_CONFIRM"
    merchant.control("POST", "/clock", {"offset_seconds": DAY + 1})
    headers, body = endpoint.wait_for(1)[0]
    assert merchant.sdk.callback(headers, body)["resource"]["state"] == "CANCELLED"
    bill = merchant.bill("LATE1")[1]
    assert (bill["state"], bill["fail_reason"]) == ("CANCELLED", "OVERDUE_CLOSE")
    merchant.control("POST", "/clock", {"offset_seconds": 31 * DAY})
    assert merchant.bill("LATE1")[0] == 404


def test_bill_is_cancelled_unless_it_is_final(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    merchant.transfer(openid, "CANCEL1")
    assert json.loads(merchant.sdk.mch_transfer_bills_cancel("CANCEL1")[1])["state"] == "CANCELING"
    assert settled(merchant, "CANCEL1", "CANCELLED")["fail_reason"] == "MCH_CANCEL"
    merchant.transfer(openid, "CANCEL2")
    merchant.control("POST", "/transfers/CANCEL2/fail", {"fail_reason": "ACCOUNT_FROZEN"})
    assert settled(merchant, "CANCEL2", "FAIL")["fail_reason"] == "ACCOUNT_FROZEN"
    assert merchant.sdk.mch_transfer_bills_cancel("CANCEL2")[0] == 400
    assert merchant.control("GET", "/ledger")["paid_out_fen"] == 0


def test_transfer_is_limited_when_more_than_100_come_in_a_second(merchant: Merchant) -> None:
    started = time.monotonic()
    answers = [merchant.post(BILLS, {"out_bill_no": "MANY"}) for _ in range(101)]
    if time.monotonic() - started >= 1:
        pytest.skip("this machine is too slow to break the limit")
    assert [status for status, _ in answers[:100]] == [400] * 100
    assert (answers[100][0], answers[100][1]["code"]) == (429, "FREQUENCY_LIMITED")


def test_limit_admits_again_when_the_interval_has_passed() -> None:
    limit = RateLimit(2, 1)
    assert [limit.admits(now) for now in (10.0, 10.5, 10.9, 11.0, 11.1, 11.5)] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]


def test_bill_is_finished_once_when_two_steps_race(simulators: Simulators) -> None:
    steps: list[Callable[[], None]] = []
    finished: list[Bill] = []
    simulators.people.seed_person(Person("o1", "张三", "11010519491231002X"))
    transfers = Transfers(
        simulators.credentials,
        simulators.people,
        SimulatorClock(),
        finished=finished.append,
        later=steps.append,
        balance_fen=1000,
        single_limit_fen=1000,
    )
    order = {
        "appid": simulators.credentials.appid,
        "out_bill_no": "RACE1",
        "transfer_scene_id": "1004",
        "openid": "o1",
        "transfer_amount": 1000,
        "transfer_remark": "理赔款",
        "transfer_scene_report_infos": REPORT,
    }
    transfers.create(Fields(order))
    transfers.confirm("RACE1")
    transfers.fail("RACE1", "PAYEE_ACCOUNT_ABNORMAL")
    for step in steps:
        step()
    assert [bill.state for bill in finished] == ["FAIL"]
    assert transfers.paid_out_fen() == 0

    transfers.create(Fields(order | {"out_bill_no": "RACE2"}))
    transfers.confirm("RACE2")
    for step in [*steps, *steps]:
        step()
    assert [bill.state for bill in finished] == ["FAIL", "SUCCESS"]
    assert transfers.paid_out_fen() == 1000
