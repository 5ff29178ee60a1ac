"""One contract for the transfers of WeChat: the fake, and the real adapter against the simulated WeChat Pay."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from daycover.payouts.transfer import (
    Transfer,
    TransferOrder,
    TransferPostponedError,
    TransferRefusedError,
    Transfers,
    TransferState,
    TransferUnknownError,
)
from daycover.wechat.client import WechatPayClient
from daycover.wechat.transfers import ROOT, WechatTransfers
from tests.simulators.credentials import load_or_make_credentials
from tests.simulators.faults import Fault
from tests.simulators.people import Person
from tests.simulators.wechat_pay import WeChatPayServer
from tests.support.fakes.payouts import SLOW, FakeTransfers
from tests.support.key_material import read_credentials

NUMBER = "CL1P1"
ORDER = TransferOrder(
    out_bill_no=NUMBER,
    openid="o-worker",
    name="王小明",
    amount_fen=358_000,
    remark="日结保理赔款",
    claim_no="CL1",
)
WAITS = TransferState.WAIT_USER_CONFIRM


class Side(Protocol):
    """WeChat's side of the transfers, and what happens there."""

    transfers: Transfers

    def slow_down(self) -> None: ...
    def refuse_next(self, code: str, times: int = 1) -> None: ...
    def lost(self, call: str) -> Any: ...
    def finish(self, state: TransferState, package_info: str | None = None) -> None: ...
    def paid_fen(self) -> int: ...


class FakeSide:
    def __init__(self) -> None:
        self.fake = FakeTransfers()
        self.transfers: Transfers = self.fake
        self.refuse_next = self.fake.refuse_next

    def slow_down(self) -> None:
        self.fake.slow = SLOW

    @contextmanager
    def lost(self, call: str) -> Iterator[None]:
        self.fake.lost_replies = {call}
        yield
        self.fake.lost_replies = set()

    def finish(self, state: TransferState, package_info: str | None = None) -> None:
        assert package_info is None or package_info in self.fake.packages[NUMBER]
        self.fake.finish(NUMBER, state)

    def paid_fen(self) -> int:
        return self.fake.paid_fen


class SimulatedSide:
    def __init__(self, server: WeChatPayServer) -> None:
        self.server = server
        merchant = read_credentials(server.credentials)
        client = WechatPayClient(merchant, base_url=server.base_url)
        self.transfers: Transfers = WechatTransfers(
            client, "https://daycover.example/v1/wechat/transfer-notices"
        )
        self.refuse_next = server.transfers.refuse_next

    def slow_down(self) -> None:
        self.server.transfers.slow_down(1)

    @contextmanager
    def lost(self, call: str) -> Iterator[None]:
        method = "GET" if call == "find" else "POST"
        fault = {"kind": "lost_reply", "path_prefix": ROOT, "method": method}
        self.server.faults.arm(Fault.from_json(fault))
        yield

    def finish(self, state: TransferState, package_info: str | None = None) -> None:
        if state is TransferState.SUCCESS:
            self.server.transfers.confirm(NUMBER, package_info)
        else:
            self.server.transfers.fail(NUMBER, "OVERDUE_CLOSE")

    def paid_fen(self) -> int:
        return self.server.transfers.paid_out_fen()


@pytest.fixture(params=["fake", "simulated"])
def side(request: pytest.FixtureRequest, key_files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    if request.param == "fake":
        yield FakeSide()
        return
    with WeChatPayServer(load_or_make_credentials(key_files)) as server:
        server.people.seed_person(Person("o-worker", "王小明", "11010519491231002X"))
        steps: list[Callable[[], None]] = []
        monkeypatch.setattr(server.transfers, "_later", steps.append)
        monkeypatch.setattr(server.notices, "send", lambda *_, **__: None)
        go_on = server.transfers._query

        def query(find: Any) -> Any:
            """A moment has passed before anybody asks."""
            while steps:
                steps.pop(0)()
            return go_on(find)

        monkeypatch.setattr(server.transfers, "_query", query)
        yield SimulatedSide(server)


def found(side: Side) -> Transfer:
    bill = side.transfers.find(NUMBER)
    assert bill is not None
    assert bill.package_info is None, "a query gives no package"
    assert bill.amount_fen == ORDER.amount_fen
    return bill


def test_package_is_another_one_when_the_bill_is_submitted_again(side: Side) -> None:
    assert side.transfers.find(NUMBER) is None
    first, second = side.transfers.submit(ORDER), side.transfers.submit(ORDER)
    assert found(side).state is first.state is WAITS
    assert first.package_info
    assert second.package_info not in {None, first.package_info}
    assert (first.amount_fen, replace(second, package_info=None)) == (None, replace(first, package_info=None))
    side.finish(TransferState.SUCCESS, second.package_info)
    assert found(side).state is TransferState.SUCCESS
    assert replace(found(side), amount_fen=None) == side.transfers.submit(ORDER)
    assert side.paid_fen() == ORDER.amount_fen


def test_bill_waits_without_a_package_when_the_answer_was_lost(side: Side) -> None:
    with side.lost("submit"), pytest.raises(TransferUnknownError) as unknown:
        side.transfers.submit(ORDER)
    assert unknown.value.facts == {}
    assert found(side).state is WAITS
    package_info = side.transfers.submit(ORDER).package_info
    assert package_info
    side.finish(TransferState.SUCCESS, package_info)
    assert found(side).state is TransferState.SUCCESS
    assert side.paid_fen() == ORDER.amount_fen


def test_slow_bill_has_a_package_only_when_submitted_again_while_it_waits(side: Side) -> None:
    side.slow_down()
    assert side.transfers.submit(ORDER).state is TransferState.ACCEPTED
    assert [found(side).state, found(side).state] == [TransferState.ACCEPTED] * 2
    processing = side.transfers.submit(ORDER)
    assert (processing.state, processing.package_info) == (TransferState.PROCESSING, None)
    assert found(side).state is WAITS
    assert side.transfers.submit(ORDER).package_info


@pytest.mark.parametrize("code", ["NOT_ENOUGH", "FREQUENCY_LIMITED"])
def test_nothing_was_taken_when_the_submission_is_postponed(side: Side, code: str) -> None:
    side.refuse_next(code, 2)
    for _ in range(2):
        with pytest.raises(TransferPostponedError) as postponed:
            side.transfers.submit(ORDER)
        assert postponed.value.facts == {"code": code}
        assert side.transfers.find(NUMBER) is None
    assert side.transfers.submit(ORDER).state is WAITS


def test_bill_stands_when_only_its_next_submission_is_postponed(side: Side) -> None:
    side.transfers.submit(ORDER)
    side.refuse_next("FREQUENCY_LIMITED")
    with pytest.raises(TransferPostponedError):
        side.transfers.submit(ORDER)
    assert found(side).state is WAITS


def test_code_is_kept_when_the_result_is_open(side: Side) -> None:
    side.refuse_next("SYSTEM_ERROR")
    with pytest.raises(TransferUnknownError) as unknown:
        side.transfers.submit(ORDER)
    assert unknown.value.facts == {"code": "SYSTEM_ERROR"}
    assert side.transfers.submit(ORDER).state is WAITS


def test_refusal_is_believed_only_when_no_bill_exists(side: Side) -> None:
    side.refuse_next("NO_AUTH")
    with pytest.raises(TransferRefusedError) as refused:
        side.transfers.submit(ORDER)
    assert refused.value.facts == {"code": "NO_AUTH"}
    side.transfers.submit(ORDER)
    side.refuse_next("NO_AUTH")
    assert side.transfers.submit(ORDER) == found(side)
    assert side.transfers.submit(replace(ORDER, amount_fen=1_000)) == found(side), "the first order stands"


@pytest.mark.parametrize("is_slow", [False, True])
def test_bill_is_taken_back_when_it_has_not_left(side: Side, is_slow: bool) -> None:
    if is_slow:
        side.slow_down()
    assert side.transfers.cancel(NUMBER) is None
    number = side.transfers.submit(ORDER).transfer_bill_no
    canceling = Transfer(NUMBER, TransferState.CANCELING, transfer_bill_no=number)
    assert side.transfers.cancel(NUMBER) == canceling
    closed = found(side)
    assert (closed.state, closed.fail_reason) == (TransferState.CANCELLED, "MCH_CANCEL")
    assert side.transfers.cancel(NUMBER) == replace(canceling, state=TransferState.CANCELLED)
    assert side.transfers.submit(ORDER) == replace(closed, amount_fen=None)
    assert side.paid_fen() == 0


@pytest.mark.parametrize("state", [TransferState.SUCCESS, TransferState.FAIL])
def test_bill_is_what_the_query_says_when_it_is_too_late_to_take_it_back(
    side: Side, state: TransferState
) -> None:
    side.transfers.submit(ORDER)
    side.finish(state)
    assert found(side).state is state
    assert side.transfers.cancel(NUMBER) == found(side)


def test_bill_is_taken_back_when_the_answer_to_that_is_lost(side: Side) -> None:
    side.transfers.submit(ORDER)
    with side.lost("cancel"), pytest.raises(TransferUnknownError):
        side.transfers.cancel(NUMBER)
    assert found(side).state is TransferState.CANCELLED
