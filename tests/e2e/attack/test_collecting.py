"""What once paid somebody who had to be paid nothing, or twice, or could not be collected: each over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from tests.support.actors import StaffConsole, WorkerApp
from tests.support.clocks import SINCE_THE_ACCIDENT, when_the_shift_began
from tests.support.simulated import TRANSFER_BILLS
from tests.support.waiting import eventually
from tests.support.world import World

pytestmark = pytest.mark.stack

MEDICAL_LIMIT_FEN = 3_000_000
"""Of plan T2."""
SINCE_THE_SCAN = timedelta(minutes=4)
WITHIN_TERMS = {"reason_code": "WITHIN_TERMS", "reason": "票据和病历齐全"}


class Unanswered(NamedTuple):
    """A claim whose transfer WeChat took, and what had been paid by then."""

    worker: WorkerApp
    claim_no: str
    paid_out_fen: int


@pytest.fixture(scope="module", autouse=True)
def unanswered(world: World) -> Unanswered:
    """WeChat's answer was lost. It comes first, because Payout asks again after 20 seconds."""
    worker, claim_no = world.approved_claim()
    paid_out_fen = world.simulated.ledger()["paid_out_fen"]
    world.simulated.arm_pay_fault("lost_reply", path_prefix=TRANSFER_BILLS, method="POST")
    try:
        worker.answer_amount(claim_no).expect(200)
        eventually(lambda: world.bills_of(claim_no), bool, "WeChat has the bill")
    finally:
        world.simulated.clear_pay_faults()
    return Unanswered(worker, claim_no, paid_out_fen)


def hand_in(worker: WorkerApp, reported: Any, facts: dict[str, Any], file: bytes) -> None:
    """Hand in every required document, with one and the same content."""
    claim_no = reported["claim_no"]
    for line in reported["documents"]:
        if line["need"] == "REQUIRED":
            announced = worker.announce(claim_no, line["doc_type"], file, facts.get(line["doc_type"])).expect(
                201
            )
            worker.upload(announced, file)
            worker.receipt(claim_no, announced["document_id"]).expect(200)
    worker.all_sent(claim_no).expect(200)


def reasons(adjuster: StaffConsole, claim_no: str) -> set[str]:
    """Wait until the claim waits for an adjuster; give why."""

    def queued() -> list[Any]:
        return [line for line in adjuster.queue("DECISION") if line["claim_no"] == claim_no]

    [line] = eventually(queued, bool, "the claim waits for a decision")
    return set(line["referred_for"])


def typed_facts(claim_no: str) -> dict[str, Any]:
    """What the attacker typed beside files that nobody can read."""
    return {
        "INVOICE": {
            "invoice_no": f"F{claim_no[-12:]}",
            "lines": [{"item": "门诊治疗", "amount_fen": 500_000}],
        },
        "SICK_LEAVE_CERTIFICATE": {"days": 14},
    }


def test_nobody_approves_themselves_with_an_accident_two_seconds_after_the_scan(world: World) -> None:
    """Four files of 50 bytes and a typed bill of 5,000 yuan; two minutes later again, for another benefit."""
    worker = world.worker()
    worker.behind = SINCE_THE_SCAN
    with when_the_shift_began(world.stack, SINCE_THE_SCAN):
        policy = worker.become_insured(world.qr_token)
    hurt_at = datetime.fromisoformat(policy["start"]) + timedelta(seconds=2)
    adjuster = world.staff("staff-shen")
    acts = (("MEDICAL", hurt_at), ("LOST_INCOME", hurt_at + timedelta(minutes=2)))
    claim_nos = []
    for claim_type, occurred_at in acts:
        reported = worker.report([claim_type], occurred_at).expect(202)
        claim_nos.append(str(reported["claim_no"]))
        facts = typed_facts(claim_nos[-1])
        hand_in(worker, reported, facts, f"%PDF-1.4 {claim_type}".encode().ljust(50))
        assert reasons(adjuster, claim_nos[-1]) >= {"F1_NEAR_START", "UNREADABLE_FILE"}
    assert len(set(claim_nos)) == len(acts)
    assert "SAME_POLICY" in reasons(adjuster, claim_nos[1])
    for claim_no in claim_nos:
        claim = worker.claim(claim_no)
        assert (claim["status"], claim["decision"], claim["amount_fen"]) == ("IN_REVIEW", "PENDING", None)
        assert worker.answer_amount(claim_no).status == 409, "there is nothing to agree to"
        assert world.bills_of(claim_no) == []


def test_nothing_leaves_when_the_policy_is_voided_after_the_machine_approved(world: World) -> None:
    worker, claim_no = world.approved_claim()
    policy_no = worker.claim(claim_no)["policy_no"]
    senior, adjuster = world.staff("staff-lu"), world.staff("staff-shen")
    path = f"/v1/staff/policies/{policy_no}/voidance"
    assert senior.api.post(path, {"reason": "IDENTITY_THEFT"}).expect(200)["status"] == "VOIDED"
    assert "POLICY_NOT_STANDING" in reasons(adjuster, claim_no)
    claim = worker.claim(claim_no)
    assert (claim["status"], claim["decision"], claim["amount_fen"]) == ("IN_REVIEW", "PENDING", None)
    assert worker.answer_amount(claim_no).status == 409, "what was offered has fallen"
    refused = adjuster.decide(claim_no)
    assert refused.status == 409
    assert refused.body["type"].endswith("/policy-not-standing")
    assert world.bills_of(claim_no) == []


def test_two_claims_stay_within_the_policy_s_limit_when_each_is_decided_before_the_other_stands(
    world: World,
) -> None:
    worker, _ = world.worker_on_shift()
    first, second = world.staff("staff-gu"), world.staff("staff-lu")
    claim_nos = []
    for minutes in (0, 10):
        occurred_at = datetime.now(UTC) - SINCE_THE_ACCIDENT + timedelta(minutes=minutes)
        reported = worker.report(["MEDICAL"], occurred_at).expect(202)
        claim_no = str(reported["claim_no"])
        worker.hand_in_all(reported, worker.medical_papers(claim_no, [MEDICAL_LIMIT_FEN * 2], 0))
        assert "ABOVE_LIMIT" in reasons(first, claim_no)
        claim_nos.append(claim_no)
    assert len(set(claim_nos)) == len(claim_nos)
    for claim_no in claim_nos:
        assert first.decide(claim_no).expect(200)["amount_fen"] == MEDICAL_LIMIT_FEN
    assert second.acknowledge(claim_nos[0]).expect(200)["amount_fen"] == MEDICAL_LIMIT_FEN
    refused = second.acknowledge(claim_nos[1])
    assert refused.status == 409
    assert refused.body["type"].endswith("/exposure-moved")
    assert reasons(first, claim_nos[1]), "it is back with the adjusters, computed anew"
    assert first.decide(claim_nos[1]).status == 422, "nothing is left of the limit to approve"
    assert first.decide(claim_nos[1], "PARTIAL", amount_fen=1).status == 422, "nor for a part"
    more = {"decision": "PARTIAL", "amount_fen": 1, "benefits": {"MEDICAL": 1}} | WITHIN_TERMS
    assert first.api.post(f"/v1/staff/claims/{claim_nos[1]}/decision", more).status == 422, "nor a fen of it"
    promised = [worker.claim(claim_no)["amount_fen"] or 0 for claim_no in claim_nos]
    assert promised == [MEDICAL_LIMIT_FEN, 0]


def test_worker_collects_the_transfer_when_its_answer_was_lost(world: World, unanswered: Unanswered) -> None:
    """WeChat's query gives no page to confirm on: the bill is sent again under its number, by itself."""
    worker, claim_no, paid_out_fen = unanswered
    claim = eventually(
        lambda: worker.claim(claim_no),
        lambda seen: bool(seen["payout"] and seen["payout"]["confirmation"]),
        "the worker is given what opens WeChat's page",
        seconds=120,
    )
    payout = claim["payout"]
    world.simulated.confirm_transfer(payout["payout_id"], payout["confirmation"]["package"])
    world.wait_for_claim(worker, claim_no, "CLOSED")
    assert [bill["state"] for bill in world.bills_of(claim_no)] == ["SUCCESS"], "one bill, paid once"
    assert world.simulated.ledger()["paid_out_fen"] - paid_out_fen == claim["amount_fen"]
