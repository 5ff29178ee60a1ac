"""The domain reference, checked off: boundary tests 8 to 14 and 16 of its section 11, worked examples 1 to 6 of 4.5.

Everything runs through the real rules and use cases; numbers in fen. What surrounds a boundary stands in the tests
of its rule.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daycover.claims.adjudication import Assessment, ExpenseLine, Loss, Prior, assess
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Claim, Queue
from daycover.claims.clocks import limitation_ends
from daycover.claims.decide import DecisionBySamePersonError, Verdict
from daycover.claims.disability import final_grade, percentage_bps
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.due import Clock, due_times
from daycover.claims.evidence import DayFacts
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import REFUSING_DECISIONS, ClaimStatus, Decision
from daycover.claims.notice import NoticeKind
from daycover.claims.state_advance import CertainPart
from daycover.claims.steps import WaitStep
from daycover.cover.plan import Plan
from daycover.errors import DaycoverError
from daycover.identity.consent import ConsentMissingError
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import payout_number
from daycover.payouts.transfer import BankAccount
from tests.support.builders import NOW, PERSON, WORKER, a_plan, a_policy
from tests.support.claims import ACCIDENT_AT, a_report, receipt_facts
from tests.support.papers import a_jpeg
from tests.support.queues import queued
from tests.unit.claims.world import World
from tests.unit.cover.world import World as Gate

C = ClaimType
T2, T4 = a_plan("T2"), a_plan("T4")
LIMIT_FEN = 300_000
"""Of the wallet, where a test wants the bank."""


def assessed(
    plan: Plan, *types: ClaimType, nets: bool = False, prior: Prior | None = None, **loss: Any
) -> Assessment:
    benefits = plan.benefits.model_copy(update={"nets_social_insurance": nets})
    return assess(benefits, plan.sum_insured_fen, Loss(claim_types=types, **loss), prior or Prior())


def bills(*amounts_fen: int) -> tuple[ExpenseLine, ...]:
    return tuple(ExpenseLine(item="门诊", amount_fen=amount) for amount in amounts_fen)


def medical_fen(bill_fen: int, plan: Plan = T2, *, nets: bool = False, **loss: Any) -> int:
    return assessed(plan, C.MEDICAL, nets=nets, expenses=bills(bill_fen), **loss).total_fen


def decided(world: World, claim: Claim, decision: Decision, fen: int | None = None) -> Claim:
    world.decide("S1", claim.claim_no, Verdict(decision, fen, "WITHIN_TERMS", "理由"))
    return world.acknowledge("S2", claim.claim_no, True, None)


# Worked examples of section 4.5.


def test_example_1_pays_358_000_when_a_toe_is_crushed() -> None:
    world = World()
    claim = world.reported(claim_types=(C.MEDICAL, C.LOST_INCOME))
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    world.send_bill(claim, receipt_facts(320_000))
    world.send(claim, DocumentType.SICK_LEAVE_CERTIFICATE, DayFacts(days=14))
    world.all_sent(claim)
    assert world.assess(claim.claim_no) == ("REFERRED", 248_000), "nobody vouches for the days yet"
    found = world.accept(claim, DocumentType.SICK_LEAVE_CERTIFICATE).assessment
    assert found is not None
    assert {line.claim_type: line.amount_fen for line in found.lines} == {
        C.MEDICAL: 248_000,
        C.LOST_INCOME: 110_000,
    }


def test_example_2_pays_886_400_when_the_plan_nets_what_social_insurance_paid() -> None:
    assert medical_fen(1_860_000, nets=True, social_insurance_paid_fen=742_000) == 886_400


def test_example_3_pays_the_limit_of_3_000_000_when_3_992_000_were_computed() -> None:
    result = assessed(T2, C.MEDICAL, expenses=bills(5_000_000))
    assert (result.lines[0].inputs["computed_fen"], result.total_fen) == (3_992_000, 3_000_000)


def test_example_4_is_no_claim_and_not_declined_when_the_bill_is_below_the_deductible() -> None:
    world = World()
    claim = world.documented(bill_fen=9_000, claim_types=(C.MEDICAL,))
    assert world.assess(claim.claim_no) == ("REFERRED", 0)
    closed = decided(world, claim, Decision.NO_CLAIM)
    assert (closed.decision, closed.amount_fen) == (Decision.NO_CLAIM, 0)


def test_example_5_pays_24_000_000_for_two_grades_9_and_56_000_000_when_the_worker_dies() -> None:
    injured = assessed(T4, C.DISABILITY, disability_grades=(9, 9))
    assert (injured.lines[0].inputs["grade"], injured.total_fen) == (8, 24_000_000)
    assert assessed(T4, C.DEATH, prior=Prior(disability_fen=24_000_000)).total_fen == 56_000_000


def test_example_6_stays_at_grade_7_when_the_other_injury_has_grade_10() -> None:
    result = assessed(T4, C.DISABILITY, disability_grades=(7, 10))
    assert (result.lines[0].inputs["grade"], result.total_fen) == (7, 32_000_000)


# Boundary tests of section 11.


def test_boundary_8_issue_is_refused_when_no_consent_is_on_record() -> None:
    gate = Gate()
    worker = gate.worker()
    check_in = gate.face(worker)
    bare = check_in.model_copy(update={"consents": (), "check_in_id": "20261124-09"})
    gate.check_ins.add(bare)
    with pytest.raises(ConsentMissingError):
        gate.prove_check_in(worker, bare.check_in_id)
    assert gate.policies.all() == []


@pytest.mark.parametrize(
    ("grades", "grade"), [((9, 9), 8), ((10, 10, 10), 9), ((1, 1), 1), ((7, 10), 7)], ids=str
)
def test_boundary_9_worst_grade_is_raised_once_when_it_is_shared(grades: tuple[int, ...], grade: int) -> None:
    assert final_grade(grades) == grade
    result = assessed(T4, C.DISABILITY, disability_grades=grades)
    assert result.total_fen == T4.sum_insured_fen * percentage_bps(grade) // 10_000


@pytest.mark.parametrize("grades", [(9, 9), (10,), (1, 1)], ids=str)
def test_boundary_9_death_nets_off_the_disability_that_was_paid(grades: tuple[int, ...]) -> None:
    disability_fen = assessed(T4, C.DISABILITY, disability_grades=grades).total_fen
    died = assessed(T4, C.DEATH, prior=Prior(disability_fen=disability_fen))
    assert died.total_fen == T4.sum_insured_fen - disability_fen


@pytest.mark.parametrize(
    ("bill_fen", "paid_fen"),
    [(9_999, 0), (10_000, 0), (10_001, 1), (10_010, 8), (3_760_000, 3_000_000), (3_760_001, 3_000_000)],
)
def test_boundary_10_medical_is_exact_at_the_deductible_and_at_the_limit(
    bill_fen: int, paid_fen: int
) -> None:
    assert medical_fen(bill_fen) == paid_fen


def test_boundary_10_two_policies_pay_the_cost_together_when_they_share_one_bill() -> None:
    first, second = a_policy(), a_policy(start=NOW + timedelta(minutes=30), sequence=2, company_id="C2")
    world = World(first, second)
    paid = []
    for policy in (first, second):
        claim = world.documented(bill_fen=100_000, policy_no=policy.policy_no, claim_types=(C.MEDICAL,))
        paid.append(world.assess(claim.claim_no).amount_fen)
    assert paid == [72_000, 28_000]
    assert sum(paid) == 100_000


@pytest.mark.parametrize(("nets", "paid_fen"), [(True, 886_400), (False, 1_480_000)])
def test_boundary_10_social_insurance_counts_only_when_the_plan_was_priced_for_it(
    nets: bool, paid_fen: int
) -> None:
    assert medical_fen(1_860_000, nets=nets, social_insurance_paid_fen=742_000) == paid_fen


@pytest.mark.parametrize(("days", "paid_days"), [(3, 0), (4, 1), (93, 90), (200, 90)])
def test_boundary_11_hospital_days_begin_after_three_and_stop_at_ninety(days: int, paid_days: int) -> None:
    assert assessed(T2, C.HOSPITAL, inpatient_days=days).total_fen == paid_days * 10_000


def test_boundary_11_no_day_is_paid_twice_when_hospital_and_lost_income_are_claimed() -> None:
    result = assessed(T2, C.HOSPITAL, C.LOST_INCOME, inpatient_days=13, certified_days=30)
    days = {line.claim_type: line.inputs["days_paid"] for line in result.lines}
    assert days == {C.HOSPITAL: 10, C.LOST_INCOME: 17}, "27 of 30 days, three are waited"


def supplemented(world: World, claim: Claim, waits: timedelta) -> None:
    """Ask for a document, and get it after some time."""
    world.review.request_supplement("S1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补充")
    world.called(claim.claim_no)
    world.at += waits
    world.send(claim, DocumentType.DIAGNOSIS, content=a_jpeg(f"scan of {world.at}"))


def test_boundary_12_thirty_days_stand_still_twice_when_two_notices_wait() -> None:
    """One notice a round of review: a dispute begins another round, whose 30 days are the same ones."""
    world = World()
    claim = world.referred()
    started = claim.round.documents_complete_at
    assert started is not None
    world.at += timedelta(days=2)
    supplemented(world, claim, timedelta(days=5))
    decided(world, claim, Decision.PARTIAL, 300_000)
    world.answer(WORKER, claim.claim_no, AnswerKind.DISPUTE, "少算了")
    world.open_step(claim.claim_no, WaitStep.DECISION)
    world.review.request_supplement("S1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补充")
    assert Clock.ADJUDICATION not in due_times(world.called(claim.claim_no)), "it stands still"
    world.at += timedelta(days=4)
    world.send(claim, DocumentType.DIAGNOSIS, content=a_jpeg("another scan"))
    resumed = world.claims.get(claim.claim_no)
    assert due_times(resumed)[Clock.ADJUDICATION] == started + timedelta(days=30 + 5 + 4)


def test_boundary_12_refusal_is_notified_within_three_days() -> None:
    world = World()
    claim = world.referred()
    refused = decided(world, claim, Decision.DECLINED)
    assert refused.round.decided_at is not None
    assert due_times(refused)[Clock.REFUSAL_NOTICE] == refused.round.decided_at + timedelta(days=3)
    world.at = refused.round.decided_at + timedelta(days=3)
    assert any("/REFUSAL_NOTICE:" in breach for breach in world.note_breaches())
    assert Clock.REFUSAL_NOTICE in due_times(world.follow.notify_refusal(claim.claim_no)), (
        "issued is not told"
    )
    assert Clock.REFUSAL_NOTICE not in due_times(world.called(claim.claim_no))


def test_boundary_12_payment_is_due_ten_days_after_the_agreement() -> None:
    world = World()
    claim = world.agreed()
    assert claim.round.agreed_at is not None
    assert due_times(claim)[Clock.PAYMENT] == claim.round.agreed_at + timedelta(days=10)


def test_boundary_12_certain_part_is_paid_in_advance_from_day_sixty_on() -> None:
    world = World()
    claim = world.referred()
    started = claim.round.documents_complete_at
    assert started is not None
    for document in world.documents.list_of(claim.claim_no):
        accepted = DocumentVerdict(DocumentStatus.ACCEPTED, "GENUINE", "原件")
        world.judge("S1", claim.claim_no, document.document_id, accepted)
    world.at = started + timedelta(days=60) - timedelta(seconds=1)
    assert queued(world.claims, Queue.ADVANCE, world.at) == []
    world.at += timedelta(seconds=1)
    assert [waiting.claim_no for waiting in queued(world.claims, Queue.ADVANCE, world.at)] == [claim.claim_no]
    world.state_advance("S1", claim.claim_no, CertainPart(500_000, "CERTAIN_PART", "已核实"))
    world.acknowledge_advance("S2", claim.claim_no, 1, True, None)
    assert world.pay.reserve(claim.claim_no, advance=1) == ("RESERVED", f"{claim.claim_no}P1")
    assert world.claims.get(claim.claim_no).status is ClaimStatus.IN_REVIEW


@pytest.mark.parametrize(("late", "passed"), [(timedelta(seconds=-1), False), (timedelta(0), True)])
def test_boundary_12_claim_on_an_expired_policy_is_admitted_and_marked_after_two_years(
    late: timedelta, passed: bool
) -> None:
    world = World()
    world.at = limitation_ends(ACCIDENT_AT) + late
    claim = world.report(WORKER, a_report()).claim
    assert claim is not None, "neither an expired policy nor the limitation refuses"
    assert ("LIMITATION_PASSED" in {signal.rule for signal in claim.signals}) is passed


def test_boundary_13_unknown_payout_is_asked_for_under_its_number_and_sent_once() -> None:
    world = World()
    claim = world.agreed()
    number = payout_number(claim.claim_no, 1)
    world.pay.reserve(claim.claim_no)
    world.bank.lost_replies = {"submit", "find"}
    assert world.pay.submit(number) is Outcome.UNKNOWN
    assert world.pay.confirm(number) is Outcome.UNKNOWN
    world.pay.record_failure(claim.claim_no, Outcome.UNKNOWN, number)
    world.bank.lost_replies = set()
    assert world.pay.reserve(claim.claim_no) == ("RESERVED", number)
    world.pay.submit(number)
    world.bank.finish(number)
    assert world.pay.confirm(number) is Outcome.SUCCEEDED
    assert list(world.bank.bills) == [number]
    assert world.bank.paid_fen == claim.amount_fen


def test_boundary_13_ten_days_run_again_when_settled_money_bounced() -> None:
    world = World(wallet_limit_fen=LIMIT_FEN)
    claim = world.agreed()
    world.state_payee(WORKER, claim.claim_no, BankAccount("王小明", "6222021234567890123", "工商银行"))
    number = payout_number(claim.claim_no, 1)
    world.pay.reserve(claim.claim_no)
    world.pay.submit(number)
    world.real_bank.finish(number)
    world.pay.confirm(number)
    world.pay.post(number)
    assert Clock.PAYMENT not in due_times(world.claims.get(claim.claim_no)), "paid: the clock stopped"
    world.real_bank.return_money(number)
    assert world.pay.bounce(number) is Outcome.BOUNCED
    back = world.claims.get(claim.claim_no)
    assert back.status is ClaimStatus.AGREED
    assert claim.round.agreed_at is not None
    assert due_times(back)[Clock.PAYMENT] == claim.round.agreed_at + timedelta(days=10)


def test_boundary_14_one_claim_has_three_reporters_when_caller_foreman_and_worker_report() -> None:
    world = World()
    caller = world.report.for_another("staff", "clerk-1", PERSON, a_report()).claim
    later = a_report(ACCIDENT_AT + timedelta(minutes=20))
    foreman = world.report.for_another("company", "C1", PERSON, later, company_id="C1").claim
    worker = world.report(WORKER, a_report(ACCIDENT_AT - timedelta(minutes=7))).claim
    claims = [claim for claim in (caller, foreman, worker) if claim is not None]
    assert len(claims) == 3
    assert all(one.claim_no == other.claim_no for one, other in pairwise(claims))
    assert [claims[-1].reporter_id, *(r.id for r in claims[-1].reporters)] == ["clerk-1", "C1", WORKER]
    assert len(world.claims.list_of(PERSON)) == 1


def machine_acts(world: World, claim_no: str) -> list[Callable[[], object]]:
    """Everything that the workflows and the schedules can do to a claim."""
    return [
        lambda: world.follow.register(claim_no),
        *(partial(world.open_step, claim_no, step) for step in WaitStep),
        *(partial(world.follow.remind, claim_no, step) for step in WaitStep),
        lambda: world.assess(claim_no),
        world.note_breaches,
        lambda: world.follow.notify_refusal(claim_no),
        lambda: world.follow.record_failure(claim_no, "AssessClaim"),
        lambda: world.follow.close(claim_no),
        lambda: world.pay.reserve(claim_no),
        lambda: world.pay.record_failure(claim_no, Outcome.ERROR),
    ]


@settings(max_examples=150)
@given(
    st.sampled_from(["documented", "referred", "reported"]),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 90)), max_size=25),
)
def test_boundary_16_machine_never_refuses_whatever_it_does_in_whatever_order(
    start: str, acts: list[tuple[int, int]]
) -> None:
    world = World()
    claim_no = getattr(world, start)().claim_no
    possible = machine_acts(world, claim_no)
    for act, days in acts:
        world.at += timedelta(days=days)
        with suppress(DaycoverError):
            possible[act % len(possible)]()
    claim = world.claims.get(claim_no)
    assert claim.decision not in REFUSING_DECISIONS
    assert claim.status is not ClaimStatus.CLOSED
    assert all(fact.kind is NoticeKind.RESULT for fact in claim.round.notices)


def test_boundary_16_worthless_claim_is_referred_and_waits_for_a_person_for_ever() -> None:
    world = World()
    claim = world.reported(claim_types=(C.MEDICAL,))
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    world.send_bill(claim, receipt_facts(1))
    world.all_sent(claim)
    assert world.assess(claim.claim_no) == ("REFERRED", 0)
    world.at += timedelta(days=800)
    world.note_breaches()
    world.follow.remind(claim.claim_no, WaitStep.DECISION)
    waiting = world.claims.get(claim.claim_no)
    assert (waiting.status, waiting.decision) == (ClaimStatus.IN_REVIEW, Decision.PENDING)


@pytest.mark.parametrize("decision", [Decision.DECLINED, Decision.PARTIAL])
def test_boundary_16_same_person_is_blocked_from_deciding_and_acknowledging(decision: Decision) -> None:
    world = World()
    claim = world.referred()
    fen = None if decision is Decision.DECLINED else 1
    world.decide("S1", claim.claim_no, Verdict(decision, fen, "REASON", "理由"))
    for acknowledged in (True, False):
        with pytest.raises(DecisionBySamePersonError):
            world.acknowledge("S1", claim.claim_no, acknowledged, None)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.DECIDED
    assert world.acknowledge("S2", claim.claim_no, True, None).status is ClaimStatus.ACKNOWLEDGED


def test_boundary_16_machine_approves_alone_only_below_the_limit() -> None:
    world = World()
    small = world.documented(bill_fen=60_000, days=1)
    assert world.assess(small.claim_no).outcome == "REFERRED", (
        "a benefit that comes to nothing needs a person"
    )
    large = World()
    assert large.assess(large.documented(bill_fen=1_000_000).claim_no).outcome == "REFERRED"
    plain = World()
    assert plain.assess(plain.documented().claim_no).outcome == "AUTO_APPROVED"
