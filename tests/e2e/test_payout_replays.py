"""Callbacks that come twice, late or forged, and answers that are lost, pay once."""

from collections.abc import Iterator

import pytest

from tests.support.simulated import TRANSFER_BILLS
from tests.support.waiting import eventually
from tests.support.world import World

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def _no_fault_is_left(world: World) -> Iterator[None]:
    yield
    world.simulated.clear_pay_faults()


def assert_paid_once(world: World, claim_no: str, amount_fen: int, before_fen: int) -> None:
    bills = world.bills_of(claim_no)
    assert [bill["state"] for bill in bills] == ["SUCCESS"]
    assert world.simulated.ledger()["paid_out_fen"] - before_fen == amount_fen


def test_claim_is_paid_once_when_the_callback_is_replayed(world: World) -> None:
    worker, claim_no = world.approved_claim()
    before_fen = world.simulated.ledger()["paid_out_fen"]
    notices_before = len(world.simulated.notices())
    world.simulated.arm_pay_fault("duplicate_notice")
    worker.answer_amount(claim_no).expect(200)
    world.simulated.confirm_transfer(world.wait_for_bill(worker, claim_no))
    claim = world.wait_for_claim(worker, claim_no, "CLOSED")
    taken = eventually(
        lambda: [notice["status"] for notice in world.simulated.notices()[notices_before:]],
        lambda statuses: statuses.count(204) >= 2,
        "both copies of the callback are taken",
    )
    assert set(taken) == {204}
    assert [line["event"] for line in claim["timeline"]].count("PAID") == 1
    assert_paid_once(world, claim_no, 40_000, before_fen)


def test_claim_is_paid_once_when_the_reply_to_the_transfer_is_lost(world: World) -> None:
    worker, claim_no = world.approved_claim()
    before_fen = world.simulated.ledger()["paid_out_fen"]
    world.simulated.arm_pay_fault("lost_reply", path_prefix=TRANSFER_BILLS, method="POST")
    worker.answer_amount(claim_no).expect(200)
    [bill] = eventually(lambda: world.bills_of(claim_no), bool, "the bill exists all the same")
    world.simulated.confirm_transfer(bill["out_bill_no"])
    world.wait_for_claim(worker, claim_no, "CLOSED")
    assert_paid_once(world, claim_no, 40_000, before_fen)


def test_payout_started_twice_pays_once(world: World) -> None:
    worker, claim_no = world.approved_claim()
    before_fen = world.simulated.ledger()["paid_out_fen"]
    worker.answer_amount(claim_no).expect(200)
    bill = world.wait_for_bill(worker, claim_no)
    finance = world.staff("staff-qiao")
    for _ in range(3):
        finance.trigger_payout(claim_no).expect(202)
    world.simulated.confirm_transfer(bill)
    world.wait_for_claim(worker, claim_no, "PAID", "CLOSED")
    assert_paid_once(world, claim_no, 40_000, before_fen)


def test_callback_is_refused_when_it_is_forged(world: World) -> None:
    forged = world.api.post("/v1/wechat/transfer-notices", {"id": "1", "event_type": "X", "resource": {}})
    assert forged.status == 401
    assert set(forged.body) == {"code", "message"}
