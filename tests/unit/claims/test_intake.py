"""Who else reports: operators, clerks, several people for one accident; what waits for a person."""

from datetime import timedelta

import pytest

from daycover.claims.claim import Claim, Queue
from daycover.claims.documents import DocumentType
from daycover.claims.evidence import DayFacts
from daycover.claims.fraud import FraudWeight
from daycover.claims.loss_notice import LossNoticeMatchedError, NoticeStatus
from tests.support.builders import NOW, PERSON, WORKER, a_policy
from tests.support.claims import ACCIDENT_AT, a_report, receipt_facts
from tests.unit.claims.world import World


def test_one_claim_has_three_reporters_when_caller_foreman_and_worker_report() -> None:
    """Boundary test 14: they remember different minutes, and the caller knows no policy number."""
    world = World()
    caller = world.report.for_another("staff", "clerk-1", PERSON, a_report(ACCIDENT_AT)).claim
    later = a_report(ACCIDENT_AT + timedelta(minutes=20))
    foreman = world.report.for_another("company", "C1", PERSON, later, company_id="C1").claim
    worker = world.report(WORKER, a_report(ACCIDENT_AT - timedelta(minutes=7))).claim
    assert caller is not None
    assert foreman is not None
    assert worker is not None
    assert caller.claim_no == foreman.claim_no == worker.claim_no
    assert worker.reporter_id == "clerk-1"
    assert [reporter.id for reporter in worker.reporters] == ["C1", WORKER]
    assert world.workflows.claims == [caller.claim_no]
    world.report(WORKER, later)
    assert len(world.claims.list_of(PERSON)) == 2, "who names a second minute means a second accident"


def test_operator_learns_nothing_when_the_policy_is_another_company_s() -> None:
    world = World(a_policy(company_id="C2"))
    reported = world.report.for_another("company", "C1", PERSON, a_report(), company_id="C1")
    assert reported.claim is None
    assert reported.notice is not None


def test_notice_becomes_a_claim_when_a_person_matches_it() -> None:
    world = World()
    notice = world.report.for_another("staff", "clerk-1", None, a_report()).notice
    assert notice is not None
    assert [one.report_no for one in world.queues.page(Queue.UNMATCHED).notices] == [notice.report_no]
    claim = world.report.match("clerk-2", notice.report_no, world.policy.policy_no)
    assert world.report.match("clerk-2", notice.report_no, world.policy.policy_no).claim_no == claim.claim_no
    assert world.queues.page(Queue.UNMATCHED).notices == []
    assert world.read.notice(notice.report_no).status is NoticeStatus.CONVERTED
    assert claim.reported_at == notice.reported_at


def test_notice_is_a_duplicate_when_the_accident_has_its_claim() -> None:
    world = World()
    notice = world.report.for_another("staff", "clerk-1", None, a_report()).notice
    assert notice is not None
    known = world.reported()
    claim = world.report.match("clerk-2", notice.report_no, world.policy.policy_no)
    assert claim.claim_no == known.claim_no
    assert world.read.notice(notice.report_no).status is NoticeStatus.DUPLICATE
    other = a_policy(start=NOW + timedelta(days=1), sequence=2)
    world.policies._policies[other.policy_no] = other
    with pytest.raises(LossNoticeMatchedError):
        world.report.match("clerk-2", notice.report_no, other.policy_no)


def test_accident_before_cover_is_admitted_and_marked_when_a_person_matches_it() -> None:
    world = World()
    early = a_report(NOW - timedelta(seconds=1))
    notice = world.report.for_another("staff", "clerk-1", PERSON, early).notice
    assert notice is not None
    claim = world.report.match("clerk-1", notice.report_no, world.policy.policy_no)
    assert ("F1_BEFORE_START", FraudWeight.REVIEW) in {(s.rule, s.weight) for s in claim.signals}


def rules(world: World, claim: Claim) -> set[str]:
    world.assess(claim.claim_no)
    return {signal.rule for signal in world.claims.get(claim.claim_no).signals}


def test_work_above_the_insured_class_is_asked_about_when_the_accident_speaks_of_it() -> None:
    world = World()
    report = a_report()
    words = report.accident.model_copy(update={"description": "从脚手架上跌落"})
    claim = world.report(WORKER, report.model_copy(update={"accident": words})).claim
    assert claim is not None
    world.follow.register(claim.claim_no)
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    world.send_bill(claim, receipt_facts(), 14)
    world.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=14))
    world.all_sent(claim)
    assert "F14_OCCUPATION" in rules(world, claim)


def test_third_claim_in_ninety_days_is_looked_at_when_assessed() -> None:
    days = [a_policy(start=NOW + timedelta(days=30 * n), sequence=n + 1) for n in range(3)]
    world = World(*days)
    frequent = []
    for n, policy in enumerate(days):
        world.at = policy.period.start + timedelta(hours=3)
        accident_at = policy.period.start + timedelta(hours=2)
        claim = world.documented(invoice_no=f"A{n}", occurred_at=accident_at)
        frequent.append("F17_FREQUENT" in rules(world, claim))
    assert frequent == [False, False, True]


def test_same_file_is_noted_when_another_claim_of_the_person_holds_it() -> None:
    days = [a_policy(start=NOW + timedelta(days=2 * n), sequence=n + 1) for n in range(2)]
    world = World(*days)
    claims = []
    for n, policy in enumerate(days):
        world.at = policy.period.start + timedelta(hours=3)
        accident_at = policy.period.start + timedelta(hours=2)
        claims.append(world.documented(invoice_no=f"A{n}", occurred_at=accident_at))
    assert "F16_REUSED_FILE" not in rules(world, claims[0])
    assert "F16_REUSED_FILE" in rules(world, claims[1])
    signals = world.claims.get(claims[1].claim_no).signals
    assert {s.weight for s in signals if s.rule == "F16_REUSED_FILE"} == {FraudWeight.NOTE}


def test_bill_is_paid_once_when_two_policies_share_it() -> None:
    """Boundary test 10: the medical shares add up to the cost at most; the daily allowance is paid twice."""
    first = a_policy()
    second = a_policy(start=NOW + timedelta(minutes=30), sequence=2, company_id="C2")
    world = World(first, second)
    bill_fen = 100_000
    totals = {}
    for policy in (first, second):
        claim = world.documented(bill_fen=bill_fen, policy_no=policy.policy_no)
        world.assess(claim.claim_no)
        assessed = world.claims.get(claim.claim_no).assessment
        assert assessed is not None
        totals[policy.policy_no] = {line.claim_type.value: line.amount_fen for line in assessed.lines}
    assert [total["MEDICAL"] for total in totals.values()] == [72_000, 28_000]
    assert [total["HOSPITAL"] for total in totals.values()] == [110_000, 110_000]
