"""Assessing: the machine may say yes to what is small, plain and unsuspicious, and can never say no."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daycover.claims.bill import BilledItem, BillKind
from daycover.claims.claim import Queue
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType, Need, checklist
from daycover.claims.evidence import FACTS, DayFacts, InvoiceFacts, InvoiceLine
from daycover.claims.fraud import (
    FraudWeight,
    OtherClaim,
    same_accident,
    same_policy,
    timing_signals,
    unreadable_files,
)
from daycover.claims.lifecycle import ClaimStatus, Decision
from tests.support.builders import NOW, WORKER, a_policy
from tests.support.claims import ACCIDENT_AT, LIMITS, an_invoice, receipt_facts
from tests.support.fakes.port import Crash
from tests.support.queues import queued
from tests.unit.claims.world import World


def test_toe_injury_is_approved_when_its_papers_are_complete() -> None:
    world = World()
    claim = world.documented()
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 358_000)
    claim = world.claims.get(claim.claim_no)
    assert (claim.status, claim.decision, claim.amount_fen) == (
        ClaimStatus.ACKNOWLEDGED,
        Decision.APPROVED,
        358_000,
    )
    assert claim.place is None


@pytest.mark.parametrize("near_start_minutes", [0, 5])
def test_claim_goes_to_a_person_when_the_accident_is_near_the_start(near_start_minutes: int) -> None:
    """A worker approved themselves: an accident two seconds after cover began, reported at once."""
    world = World(limits=replace(LIMITS, near_start_minutes=near_start_minutes))
    world.at = NOW + timedelta(minutes=5)
    near = timedelta(minutes=near_start_minutes)
    assert world.assess(world.documented(occurred_at=NOW + near).claim_no).outcome == "REFERRED"
    (claim,) = world.claims.list_of(world.policy.person_id)
    assert claim.round.referred_for == ("F1_NEAR_START",)


def test_toe_injury_is_approved_when_it_is_not_near_the_start_by_a_second() -> None:
    world = World()
    claim = world.documented(occurred_at=NOW + timedelta(minutes=60, seconds=1))
    assert world.assess(claim.claim_no).outcome == "AUTO_APPROVED"


@pytest.mark.parametrize(
    ("bill_fen", "amount_fen", "outcome"),
    [(497_500, 500_000, "AUTO_APPROVED"), (497_501, 500_001, "REFERRED")],
)
def test_claim_goes_to_a_person_when_it_is_above_the_limit(
    bill_fen: int, amount_fen: int, outcome: str
) -> None:
    world = World(limits=replace(LIMITS, first_claim_fen=500_000))
    claim = world.documented(bill_fen=bill_fen)
    # 80 % of what exceeds 100 yuan, rounded half up, and 11 days at 100 yuan
    assert world.assess(claim.claim_no) == (outcome, amount_fen)


@pytest.mark.parametrize(
    ("bill_fen", "days", "reason"),
    [
        (9_000, 14, "BENEFIT_WITHOUT_AMOUNT"),
        (9_000, 3, "NOTHING_TO_PAY"),
        (320_000, 3, "BENEFIT_WITHOUT_AMOUNT"),
    ],
)
def test_claim_goes_to_a_person_when_a_benefit_comes_to_nothing(
    bill_fen: int, days: int, reason: str
) -> None:
    world = World()
    claim = world.documented(bill_fen=bill_fen, days=days)
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    claim = world.claims.get(claim.claim_no)
    assert reason in claim.round.referred_for
    assert claim.decision is Decision.PENDING
    assert queued(world.claims, Queue.DECISION) == [claim]


def test_claim_goes_to_a_person_when_an_invoice_stands_in_another_claim() -> None:
    world = World()
    world.documented(bill_fen=20_000)
    world.at += timedelta(days=2)
    far = ACCIDENT_AT + timedelta(hours=20)
    second = world.documented(occurred_at=far, bill_fen=20_000)
    assert world.assess(second.claim_no).outcome == "REFERRED"
    assert "F15_DUPLICATE_INVOICE" in world.claims.get(second.claim_no).round.referred_for


@pytest.mark.parametrize(("bill_fen", "outcome"), [(372_500, "AUTO_APPROVED"), (372_501, "REFERRED")])
def test_first_claim_goes_to_a_person_when_it_is_above_the_limit_of_first_claims(
    bill_fen: int, outcome: str
) -> None:
    world = World()
    claim = world.documented(bill_fen=bill_fen)
    assert world.assess(claim.claim_no).outcome == outcome
    assert world.claims.get(claim.claim_no).round.referred_for == (
        ("FIRST_CLAIM",) if outcome == "REFERRED" else ()
    )


def test_larger_claim_is_approved_when_one_of_the_person_was_approved_before() -> None:
    world = World(a_policy(), a_policy(start=NOW + timedelta(days=3), sequence=2))
    world.agreed()
    world.at += timedelta(days=3)
    second = world.documented(bill_fen=400_000, invoice_no="B2", occurred_at=world.at - timedelta(hours=1))
    assert world.assess(second.claim_no).outcome == "AUTO_APPROVED"


def test_claim_goes_to_a_person_when_it_is_of_the_sample() -> None:
    world = World(limits=replace(LIMITS, sample_bps=10_000))
    claim = world.documented()
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    assert world.claims.get(claim.claim_no).round.referred_for == ("SAMPLED",)


@pytest.mark.parametrize("claim_types", [(ClaimType.MEDICAL,), (ClaimType.AMBULANCE,)])
def test_claim_goes_to_a_person_when_its_policy_has_another_claim(claim_types: tuple[ClaimType, ...]) -> None:
    """Another benefit of another minute was approved by machine 61 seconds later."""
    world = World()
    first = world.agreed()
    second = complete(world, claim_types, occurred_at=ACCIDENT_AT + timedelta(minutes=10))
    assert world.assess(second).outcome == "REFERRED"
    claim = world.claims.get(second)
    assert "SAME_POLICY" in claim.round.referred_for
    assert ("SAME_POLICY", (first.claim_no,)) in [(s.rule, s.evidence) for s in claim.signals]


def test_machine_approves_when_the_other_claim_of_the_policy_was_withdrawn() -> None:
    world = World()
    first = world.documented()
    world.own.withdraw(WORKER, first.claim_no, "已和解")
    second = world.documented(occurred_at=ACCIDENT_AT + timedelta(minutes=10), invoice_no="B2", days=13)
    assert world.assess(second.claim_no).outcome == "AUTO_APPROVED"


def test_claim_goes_to_a_person_when_another_policy_has_a_claim_of_about_the_same_time() -> None:
    first, second = a_policy(), a_policy(start=NOW + timedelta(minutes=30), sequence=2, company_id="C2")
    world = World(first, second)
    known = world.agreed(policy_no=first.policy_no)
    claim = world.documented(policy_no=second.policy_no, invoice_no="B2")
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    claim = world.claims.get(claim.claim_no)
    assert "SAME_ACCIDENT" in claim.round.referred_for
    assert ("SAME_ACCIDENT", (known.claim_no,)) in [(s.rule, s.evidence) for s in claim.signals]


@pytest.mark.parametrize(
    ("policy_no", "apart", "policy_rule", "accident_rule"),
    [
        ("P1", timedelta(hours=23), True, False),
        ("P2", timedelta(0), False, True),
        ("P2", timedelta(hours=24), False, True),
        ("P2", timedelta(hours=-24), False, True),
        ("P2", timedelta(hours=24, seconds=1), False, False),
    ],
)
def test_linked_claims_are_of_one_policy_or_of_one_accident(
    policy_no: str, apart: timedelta, policy_rule: bool, accident_rule: bool
) -> None:
    others = [OtherClaim("CL2", policy_no, ACCIDENT_AT + apart)]
    found = same_policy("P1", others) + same_accident("P1", ACCIDENT_AT, others, LIMITS.thresholds)
    expected = [("SAME_POLICY", policy_rule), ("SAME_ACCIDENT", accident_rule)]
    assert [(s.rule, s.weight, s.evidence) for s in found] == [
        (rule, FraudWeight.REVIEW, ("CL2",)) for rule, holds in expected if holds
    ]


def test_claim_goes_to_a_person_when_four_papers_of_fifty_bytes_and_a_typed_bill_are_sent() -> None:
    """An attack that was paid 107 seconds after the scan: an accident two seconds after the start."""
    world = World()
    world.at = NOW + timedelta(seconds=30)
    claim = world.reported(claim_types=(ClaimType.MEDICAL,), occurred_at=NOW + timedelta(seconds=2))
    sent = []
    for requirement in checklist((ClaimType.MEDICAL,)):
        if requirement.need is Need.REQUIRED:
            paper = f"%PDF-1.4 {requirement.doc_type}".ljust(44).encode() + b"%%EOF\n"
            assert len(paper) == 50
            facts = an_invoice(500_000) if requirement.doc_type is DocumentType.INVOICE else None
            sent.append(world.send(claim, requirement.doc_type, facts, paper).document_id)
    assert len(sent) == 4
    world.all_sent(claim)
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    claim = world.claims.get(claim.claim_no)
    assert "UNREADABLE_FILE" in claim.round.referred_for
    (signal,) = (s for s in claim.signals if s.rule == "UNREADABLE_FILE")
    assert set(signal.evidence) == set(sent)
    assert queued(world.claims, Queue.DECISION) == [claim]


def test_file_is_readable_when_a_person_accepted_it() -> None:
    world = World()
    claim = world.reported()
    file = world.send(claim, DocumentType.DIAGNOSIS, content=b"scan")
    (signal,) = unreadable_files([file])
    assert (signal.weight, signal.evidence) == (FraudWeight.REVIEW, (file.document_id,))
    for status in (DocumentStatus.ACCEPTED, DocumentStatus.REJECTED, DocumentStatus.REQUIRED):
        assert unreadable_files([file.model_copy(update={"status": status})]) == ()


@pytest.mark.parametrize("claim_type", [ClaimType.DISABILITY, ClaimType.DEATH, ClaimType.SUDDEN_DEATH])
def test_claim_goes_to_a_person_when_a_life_or_a_limb_is_at_stake(claim_type: ClaimType) -> None:
    world = World()
    claim = complete(world, (claim_type,))
    assert world.assess(claim).outcome == "REFERRED"
    assert "CLAIM_TYPE" in world.claims.get(claim).round.referred_for


def test_answer_is_the_same_when_the_task_runs_twice() -> None:
    for bill_fen in (320_000, 1_000_000):
        world = World()
        claim = world.documented(bill_fen=bill_fen)
        assert world.assess(claim.claim_no) == world.assess(claim.claim_no)
        assert len(world.claims.history(claim.claim_no)) == 6


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(12))
def test_claim_is_assessed_once_when_the_task_is_cut_off(index: int, applied: bool) -> None:
    world = World()
    claim = world.documented()
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        world.assess(claim.claim_no)
    except Crash:
        pass
    world.steps.calm()
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 358_000)
    assert len(world.claims.history(claim.claim_no)) == 6


def test_ambulance_is_no_medical_expense_when_it_stands_on_the_same_invoice() -> None:
    world = World()
    claim = world.reported(claim_types=(ClaimType.MEDICAL, ClaimType.AMBULANCE))
    lines = (
        InvoiceLine(item="清创缝合", amount_fen=110_000),
        InvoiceLine(item="急救转运", amount_fen=30_000, kind=BillKind.AMBULANCE),
    )
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    receipt = receipt_facts().model_copy(update={"lines": lines})
    items = tuple(BilledItem(item=line.item, amount_fen=line.amount_fen, kind=line.kind) for line in lines)
    world.send_bill(claim, receipt, items=items)
    world.all_sent(claim)
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 80_000 + 30_000)


def test_earlier_payment_counts_when_the_same_policy_pays_again() -> None:
    world = World()
    world.agreed()
    second = world.documented(occurred_at=ACCIDENT_AT + timedelta(minutes=10), invoice_no="B2")
    prior = world.compute(second).assessment.prior
    assert (prior.medical_fen, prior.hospital_days) == (248_000, 11)


@settings(max_examples=60)
@given(
    types=st.sets(st.sampled_from(ClaimType), min_size=1),
    bill_fen=st.integers(1, 10_000_000),
    days=st.integers(1, 366),
    late=st.timedeltas(timedelta(0), timedelta(days=800)),
    treated=st.none() | st.timedeltas(timedelta(days=-2), timedelta(days=2)),
)
def test_machine_never_refuses_when_given_any_claim(
    types: set[ClaimType], bill_fen: int, days: int, late: timedelta, treated: timedelta | None
) -> None:
    world = World()
    world.at = ACCIDENT_AT + late
    treated_at = None if treated is None else ACCIDENT_AT + treated
    claim_no = complete(
        world, tuple(sorted(types)), bill_fen=bill_fen, days=days, first_treated_at=treated_at
    )
    outcome, amount_fen = world.assess(claim_no)
    claim = world.claims.get(claim_no)
    assert (outcome, claim.decision) in {
        ("AUTO_APPROVED", Decision.APPROVED),
        ("REFERRED", Decision.PENDING),
    }
    if outcome == "AUTO_APPROVED":
        assert 0 < amount_fen <= LIMITS.first_claim_fen
        assert not claim.round.referred_for
    else:
        assert queued(world.claims, Queue.DECISION) == [claim]


def rules(**changes: timedelta) -> list[tuple[str, FraudWeight]]:
    """Signals of a policy that started at NOW; times as offsets from the start."""
    zero = timedelta(0)
    occurred = NOW + changes.get("occurred", timedelta(hours=5))
    reported = NOW + changes.get("reported", timedelta(hours=6))
    treated = NOW + changes["treated"] if "treated" in changes else None
    assert changes.get("occurred", zero) >= zero
    return [
        (s.rule, s.weight) for s in timing_signals(a_policy(), occurred, reported, treated, LIMITS.thresholds)
    ]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, []),
        ({"occurred": timedelta(0)}, [("F1_NEAR_START", FraudWeight.REVIEW)]),
        ({"occurred": timedelta(minutes=60)}, [("F1_NEAR_START", FraudWeight.REVIEW)]),
        ({"occurred": timedelta(minutes=60, seconds=1)}, []),
        (
            {"occurred": timedelta(minutes=5), "reported": timedelta(hours=24, minutes=6)},
            [("F1_NEAR_START", FraudWeight.REVIEW)],
        ),
        ({"treated": timedelta(seconds=-1)}, [("F2_TREATED_BEFORE_START", FraudWeight.REVIEW)]),
        ({"treated": timedelta(hours=4)}, [("F2_TREATED_BEFORE_ACCIDENT", FraudWeight.REVIEW)]),
        ({"treated": timedelta(hours=5)}, []),
        (
            {"occurred": timedelta(hours=23, minutes=30), "reported": timedelta(hours=24)},
            [("F19_NEAR_END", FraudWeight.REVIEW)],
        ),
        ({"occurred": timedelta(hours=23, minutes=30), "reported": timedelta(hours=23, minutes=59)}, []),
        ({"occurred": timedelta(hours=23, minutes=29), "reported": timedelta(days=30)}, []),
    ],
)
def test_signal_is_given_when_the_times_do_not_fit(
    times: dict[str, timedelta], expected: list[tuple[str, FraudWeight]]
) -> None:
    assert rules(**times) == expected


def complete(
    world: World,
    claim_types: tuple[ClaimType, ...],
    bill_fen: int = 320_000,
    days: int = 14,
    **changes: object,
) -> str:
    """Report a claim and send every required document."""
    claim = world.reported(claim_types=claim_types, **changes)
    for requirement in checklist(claim_types):
        if requirement.need is Need.REQUIRED:
            kind = FACTS.get(requirement.doc_type)
            if kind is InvoiceFacts:
                world.send_bill(claim, receipt_facts(bill_fen), days)
            else:
                world.send(claim, requirement.doc_type, DayFacts(days=days) if kind else None)
    assert world.all_sent(claim).status is ClaimStatus.IN_REVIEW
    return claim.claim_no
