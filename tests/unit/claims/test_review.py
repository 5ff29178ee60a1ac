"""What staff and claimant do beside the decision: supplement, verdicts, withdrawal, reopening."""

from datetime import timedelta

import pytest

from daycover.api.claims.worker import claim_view
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Queue
from daycover.claims.decide import Verdict
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.due import Clock, due_times
from daycover.claims.evidence import DayFacts
from daycover.claims.judge import DocumentVerdict, LineVerdictError
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError, Decision
from daycover.claims.report import LossReport
from daycover.claims.review import SupplementRequestedError
from daycover.claims.stated import LineVerdict
from daycover.claims.steps import WaitStep
from tests.support.builders import WORKER
from tests.support.claims import a_report, an_invoice, receipt_facts
from tests.support.papers import a_jpeg
from tests.support.queues import queued
from tests.unit.claims.world import World

ACCEPTED = DocumentVerdict(DocumentStatus.ACCEPTED, "CLEAR", "清晰")


def test_thirty_days_stand_still_when_a_supplement_is_awaited() -> None:
    world = World()
    claim = world.referred()
    due = due_times(claim)[Clock.ADJUDICATION]
    world.review.request_supplement("S1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补拍")
    waiting = world.claims.get(claim.claim_no)
    assert waiting.status is ClaimStatus.AWAITING_SUPPLEMENT
    assert due_times(waiting)[Clock.ADJUDICATION] == due, "nobody has told the claimant yet"
    waiting = world.called(claim.claim_no)
    assert Clock.ADJUDICATION not in due_times(waiting)
    assert Clock.ADVANCE in due_times(waiting), "day 60 comes whatever is missing"
    world.at += timedelta(days=40)
    world.send(claim, DocumentType.DIAGNOSIS, content=a_jpeg("a better scan"))
    resumed = world.claims.get(claim.claim_no)
    assert resumed.status is ClaimStatus.IN_REVIEW
    assert due_times(resumed)[Clock.ADJUDICATION] == due + timedelta(days=40)
    assert resumed.place is not None
    assert resumed.place.queue is Queue.DECISION


def test_supplement_is_refused_when_it_was_asked_for_in_this_round() -> None:
    world = World()
    claim = world.referred()
    world.review.request_supplement("S1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补拍")
    world.review.request_supplement("S1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补拍")  # a repetition
    with pytest.raises(SupplementRequestedError):
        world.review.request_supplement("S1", claim.claim_no, (DocumentType.INVOICE,), "还有")
    events = [entry.event for entry in world.claims.history(claim.claim_no)]
    assert events.count(ClaimEvent.SUPPLEMENT_REQUESTED) == 1


def test_rejected_document_is_in_the_one_notice_when_asked_for_others() -> None:
    world = World()
    claim = world.referred()
    invoice = next(d for d in world.documents.list_of(claim.claim_no) if d.invoice_no)
    rejected = DocumentVerdict(DocumentStatus.REJECTED, "ILLEGIBLE", "看不清")
    world.judge("S1", claim.claim_no, invoice.document_id, rejected)
    asked = world.review.request_supplement("S1", claim.claim_no, (DocumentType.INJURY_PHOTO,), "一并补充")
    assert set(asked.round.supplement) == {DocumentType.INJURY_PHOTO, DocumentType.INVOICE}


def test_insured_reads_why_one_of_two_bills_was_rejected_in_the_adjuster_s_words() -> None:
    world = World()
    claim = world.referred()
    bill = next(d for d in world.documents.list_of(claim.claim_no) if d.invoice_no)
    other = next(d for d in world.documents.list_of(claim.claim_no) if d.document_id != bill.document_id)
    rejected = DocumentVerdict(DocumentStatus.REJECTED, "ILLEGIBLE", "右下角的金额被手指挡住了")
    world.judge("S1", claim.claim_no, bill.document_id, rejected)
    world.judge("S1", claim.claim_no, other.document_id, ACCEPTED._replace(reason="与病历相符"))
    sent = {line.document_id: line for line in claim_view(world.read.my_file(WORKER, claim.claim_no)).sent}
    assert sent[bill.document_id].reason == "右下角的金额被手指挡住了"
    assert sent[other.document_id].reason is None, "what staff note of a good paper stays among them"


def test_claim_is_computed_anew_when_an_invoice_line_is_cut() -> None:
    world = World()
    claim = world.referred()
    assert claim.assessment is not None
    invoice = next(d for d in world.documents.list_of(claim.claim_no) if d.invoice_no)
    cut = LineVerdict(line=0, accepted_fen=900_000, reason_code="OVER_SOCIAL_STANDARD")
    after = world.judge("S1", claim.claim_no, invoice.document_id, ACCEPTED._replace(lines=(cut,)))
    assert after.assessment is not None
    assert claim.assessment.total_fen - after.assessment.total_fen == 80_000
    assert after.decision is Decision.PENDING
    too_much = LineVerdict(line=0, accepted_fen=1_000_001, reason_code="MORE")
    with pytest.raises(LineVerdictError):
        world.judge("S1", claim.claim_no, invoice.document_id, ACCEPTED._replace(lines=(too_much,)))


def test_wait_for_documents_ends_when_the_last_one_is_waived() -> None:
    world = World()
    claim = world.reported()
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS):
        world.send(claim, doc_type)
    world.send(claim, DocumentType.INVOICE, an_invoice())
    world.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=14))
    waived = DocumentVerdict(DocumentStatus.WAIVED, "IN_INVOICE", "发票已列明细")
    after = world.judge("S1", claim.claim_no, DocumentType.EXPENSE_LIST, waived)
    assert after.status is ClaimStatus.AWAITING_DOCS
    assert world.all_sent(claim).status is ClaimStatus.IN_REVIEW


def test_investigation_has_a_time_box_when_opened() -> None:
    world = World()
    claim = world.referred()
    opened = world.review.open_investigation("S1", claim.claim_no, "SCENE", "核实")
    assert opened.place is not None
    assert opened.place.due == world.at + timedelta(days=10)
    assert Clock.ADJUDICATION in due_times(opened), "the 30 days go on"
    closed = world.review.close_investigation("S1", claim.claim_no, "CLEAR", "无异常")
    assert closed.status is ClaimStatus.IN_REVIEW
    assert closed.decision is Decision.PENDING


def test_workflow_ends_when_the_claimant_withdraws() -> None:
    world = World()
    claim = world.referred()
    world.open_step(claim.claim_no, WaitStep.DECISION)
    withdrawn = world.own.withdraw(WORKER, claim.claim_no, "单位已赔")
    assert withdrawn.status is ClaimStatus.WITHDRAWN
    assert world.workflows.answers["token-decision"] == {"withdrawn": True}
    assert world.own.withdraw(WORKER, claim.claim_no, "单位已赔") == withdrawn
    assert world.report(WORKER, _same_report(world)).notice is not None, "a person reopens it, nobody refuses"


def _same_report(world: World) -> LossReport:

    return a_report()


def test_withdrawal_is_refused_when_decided() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "x"))
    with pytest.raises(ClaimStepClosedError):
        world.own.withdraw(WORKER, claim.claim_no, "x")


def test_amount_comes_on_top_when_a_paid_claim_is_reopened() -> None:
    world = World()
    claim = world.agreed()
    reserved = world.pay.reserve(claim.claim_no)
    assert reserved.payout_id is not None
    world.pay.submit(reserved.payout_id)
    world.bank.finish(reserved.payout_id)
    world.pay.confirm(reserved.payout_id)
    world.pay.post(reserved.payout_id)
    world.follow.close(claim.claim_no)
    reopened = world.review.reopen("S1", claim.claim_no, "NEW_BILLS", "后续治疗")
    assert (reopened.held_before.fen, reopened.amount_fen, reopened.decision) == (
        358_000,
        None,
        Decision.PENDING,
    )
    assert [known.amount_fen for known in reopened.rounds] == [358_000, None]
    assert world.workflows.claims == [claim.claim_no, f"{claim.claim_no}-R1"]
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    world.open_step(claim.claim_no, WaitStep.DECISION)
    decided = world.decide("S1", claim.claim_no, Verdict(Decision.PARTIAL, 50_000, "NEW_BILLS", "x"))
    assert decided.amount_fen == 50_000
    world.acknowledge("S2", claim.claim_no, True, None)
    assert world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None).status is ClaimStatus.AGREED


def test_complaint_waits_in_its_queue_until_it_is_answered() -> None:
    world = World()
    claim = world.agreed()
    complained = world.own.complain(WORKER, claim.claim_no, "太慢")
    assert complained.place is not None
    assert complained.place.queue is Queue.COMPLAINT
    answered = world.review.answer_complaint("S1", claim.claim_no, "已加快")
    assert answered.place is None
    with pytest.raises(ClaimStepClosedError):
        world.review.answer_complaint("S1", claim.claim_no, "已加快")


def test_breach_is_recorded_once_when_looked_for_daily() -> None:
    world = World()
    claim = world.referred()
    world.at += timedelta(days=31)
    first = world.note_breaches()
    assert {line.split("/")[1].split(":")[0] for line in first} == {"ADJUDICATION", "SERVICE_LEVEL"}
    assert world.note_breaches() == []
    world.at += timedelta(days=30)
    assert [line.split("/")[1].split(":")[0] for line in world.note_breaches()] == ["ADVANCE"]
    seen = world.claims.get(claim.claim_no)
    assert seen.status is ClaimStatus.IN_REVIEW
    assert seen.decision is Decision.PENDING


def test_claim_is_assessed_anew_when_all_supplements_have_arrived() -> None:
    world = World()
    claim = world.referred()
    assert claim.assessment is not None
    world.at += timedelta(days=1)
    wanted = (DocumentType.INVOICE, DocumentType.ADMISSION_RECORD)
    world.review.request_supplement("S1", claim.claim_no, wanted, "请补充后续票据")
    world.send_bill(claim, receipt_facts(200_000, "B7"), content=a_jpeg("later bill"))
    waiting = world.claims.get(claim.claim_no)
    assert (waiting.status, waiting.assessment) == (ClaimStatus.AWAITING_SUPPLEMENT, claim.assessment)
    world.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=20), content=a_jpeg("longer stay"))
    resumed = world.claims.get(claim.claim_no)
    assert resumed.status is ClaimStatus.IN_REVIEW
    assert resumed.assessment is not None
    assert (claim.assessment.version, resumed.assessment.version) == (1, 2)
    assert resumed.assessment.total_fen == claim.assessment.total_fen, "nobody has verified it yet"
    assert resumed.round.referred_for[: len(claim.round.referred_for)] == claim.round.referred_for
    assert {"BILL_UNVERIFIED", "STAY_UNVERIFIED"} <= set(resumed.round.referred_for)
    assert world.claims.assessments(claim.claim_no) == [claim.assessment, resumed.assessment]
    world.verify.again("S1", claim.claim_no)
    resumed = world.accept(claim, DocumentType.ADMISSION_RECORD)
    assert resumed.assessment is not None
    assert resumed.assessment.total_fen == claim.assessment.total_fen + 160_000 + 60_000
    decided = world.decide("S1", claim.claim_no, Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "x"))
    assert decided.amount_fen == resumed.assessment.total_fen


def test_machine_does_not_approve_what_a_person_asked_about_when_the_supplement_is_plain() -> None:
    """Also where the request came before the machine had looked at the claim."""
    world = World()
    claim = world.documented()
    world.at += timedelta(days=1)
    world.review.request_supplement("S1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补充")
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    world.send(claim, DocumentType.DIAGNOSIS, content=a_jpeg("another scan"))
    resumed = world.claims.get(claim.claim_no)
    assert (resumed.status, resumed.decision) == (ClaimStatus.IN_REVIEW, Decision.PENDING)
    assert resumed.round.referred_for == ("SUPPLEMENTED",)
    assert resumed.assessment is not None
    assert resumed.assessment.total_fen == 358_000
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    assert queued(world.claims, Queue.DECISION) == [resumed]


def test_each_verdict_on_a_document_leaves_an_assessment_of_its_own() -> None:
    world = World()
    claim = world.referred()
    for document in world.documents.list_of(claim.claim_no):
        verdict = DocumentVerdict(DocumentStatus.ACCEPTED, "GENUINE", "原件")
        world.judge("S1", claim.claim_no, document.document_id, verdict)
    versions = [assessment.version for assessment in world.claims.assessments(claim.claim_no)]
    assert versions == [1, 2, 3, 4, 5, 6]
