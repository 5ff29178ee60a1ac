"""The whole claim file (案卷) for staff, in one answer."""

from datetime import datetime

from daycover.api.claims.worker import (
    AdvanceView,
    AssessmentView,
    ClaimView,
    advance_view,
    assessment_view,
    claim_summary,
    claim_view,
)
from daycover.claims.advance import Advance
from daycover.claims.claim import HistoryEntry
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import ClaimDocument, Facts, LineVerdict
from daycover.claims.file_kind import FileKind
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.read import ClaimFile, PayoutSeen
from daycover.platform.http import View


class AdvanceFileView(AdvanceView):
    """The same for staff, whatever became of it."""

    stated_by: str
    stated_at: datetime
    acknowledged_by: str | None
    attention: str | None


class FraudSignalView(View):
    rule: str
    weight: str
    evidence: tuple[str, ...]
    score: int


class DocumentView(View):
    document_id: str
    doc_type: DocumentType
    status: DocumentStatus
    content_type: str
    size: int
    sha256: str
    received_at: datetime | None
    duplicate_of: str | None
    same_file_as: str | None
    file_kind: FileKind | None
    """What the bytes are, whatever `content_type` says; null for what nobody can read."""
    line_verdicts: tuple[LineVerdict, ...]
    facts: Facts | None


class HistoryLine(View):
    at: datetime
    event: ClaimEvent
    by: str
    """`STAFF:<id>`, `WORKER:<id>` or `SYSTEM:workflow`."""
    status: ClaimStatus
    decision: Decision
    reason_code: str | None
    reason: str | None
    advance: int | None
    moved_fen: int | None


class PolicyTerms(View):
    policy_no: str
    plan_id: str
    insured_name: str
    occupation_class: int
    sum_insured_fen: int
    starts_at: datetime
    ends_at: datetime
    project_id: str
    company_id: str


class ClaimFileView(ClaimView):
    """The whole claim file (案卷) for staff, in one answer."""

    policy: PolicyTerms
    queue: str | None
    due_at: datetime | None
    referred_for: tuple[str, ...]
    attention: str | None
    assessments: list[AssessmentView]
    """Every assessment that the claim ever had, oldest first."""
    signals: list[FraudSignalView]
    decided_by: str | None
    acknowledged_by: str | None
    reporters: tuple[str, ...]
    """`<kind>:<id>` of whoever reported the accident besides the first."""
    complained_at: datetime | None
    paid_before_fen: int
    advance_files: list[AdvanceFileView]
    advance_excess_fen: int
    """What was advanced beyond the decision, once the claim is over; it is never taken back by machine."""
    files: list[DocumentView]
    history: list[HistoryLine]


def claim_file_view(file: ClaimFile) -> ClaimFileView:
    """Give the whole file for staff."""
    claim = file.claim
    place, policy = claim.place, claim.policy
    assessment = assessment_view(claim.assessment) if claim.assessment else None
    known = dict(claim_view(file)) | dict(claim_summary(claim)) | {"assessment": assessment}
    return ClaimFileView(
        **known,
        policy=PolicyTerms(
            policy_no=policy.policy_no,
            plan_id=policy.plan_id,
            insured_name=policy.insured_name,
            occupation_class=policy.occupation_class,
            sum_insured_fen=policy.sum_insured_fen,
            starts_at=policy.period.start,
            ends_at=policy.period.end,
            project_id=policy.project_id,
            company_id=policy.company_id,
        ),
        queue=place.queue.value if place else None,
        due_at=place.due if place else None,
        referred_for=claim.referred_for,
        attention=claim.attention,
        assessments=[assessment_view(assessment) for assessment in file.assessments],
        signals=[
            FraudSignalView(rule=s.rule, weight=s.weight, evidence=s.evidence, score=s.score)
            for s in claim.signals
        ],
        decided_by=claim.decided_by,
        acknowledged_by=claim.acknowledged_by,
        reporters=tuple(f"{reporter.kind}:{reporter.id}" for reporter in claim.reporters),
        complained_at=claim.complained_at,
        paid_before_fen=claim.paid_before_fen,
        advance_files=[advance_file_view(a, file.advances.get(a.number)) for a in claim.advances],
        advance_excess_fen=claim.advance_excess_fen,
        files=[_document_view(document) for document in file.documents],
        history=[_history_line(entry) for entry in file.history],
    )


def advance_file_view(advance: Advance, payout: PayoutSeen | None) -> AdvanceFileView:
    return AdvanceFileView(
        **dict(advance_view(advance, payout)),
        stated_by=advance.stated_by,
        stated_at=advance.stated_at,
        acknowledged_by=advance.acknowledged_by,
        attention=advance.attention,
    )


def _document_view(document: ClaimDocument) -> DocumentView:
    announced = document.announced
    return DocumentView(
        document_id=document.document_id,
        doc_type=announced.doc_type,
        status=document.status,
        content_type=announced.content_type,
        size=announced.size,
        sha256=announced.sha256,
        received_at=document.received_at,
        duplicate_of=document.duplicate_of,
        same_file_as=document.same_file_as,
        file_kind=document.file_kind,
        line_verdicts=document.line_verdicts,
        facts=announced.facts,
    )


def _history_line(entry: HistoryEntry) -> HistoryLine:
    return HistoryLine(
        at=entry.at,
        event=entry.event,
        by=f"{entry.by.kind}:{entry.by.id}",
        status=entry.status,
        decision=entry.decision,
        reason_code=entry.reason_code,
        reason=entry.reason,
        advance=entry.advance,
        moved_fen=entry.moved_fen,
    )
