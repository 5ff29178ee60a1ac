"""Bodies and answers of claims: as the worker reports and reads them, and as staff decide them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, ValidationInfo, field_validator

from daycover.claims.adjudication import Assessment
from daycover.claims.advance import COMMITTED, Advance, AdvanceGround, AdvanceState
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Accident, ActorKind, Claim, Clock, HistoryEntry, Queue, due_times
from daycover.claims.clocks import limitation_ends, service_level
from daycover.claims.collect import Announced, Received, awaited
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType, Need, checklist
from daycover.claims.evidence import (
    FACTS,
    MAXIMUM_BYTES,
    Announcement,
    ClaimDocument,
    ContentType,
    Facts,
    LineVerdict,
    statuses_of,
)
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.read import ClaimFile, PayoutFacts, ReadClaims
from daycover.claims.report import LossNotice, Report, Reported
from daycover.claims.state_advance import CertainPart
from daycover.claims.steps import Step
from daycover.payouts.payee import WAITING_FOR_ACCOUNT
from daycover.platform.http import Body, View

Words = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
ShortWords = Annotated[str, StringConstraints(min_length=1, max_length=200)]
QueueName = Queue
AdvanceName = Annotated[int | None, Field(ge=1, le=99)]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
Instant = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))
]
"""When something happened, far enough from both ends of the calendar for days to be added and taken away."""


class AccidentBody(Body):
    occurred_at: Instant
    place: ShortWords
    description: Words
    injury: ShortWords


class ReportBody(Body):
    policy_no: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    accident: AccidentBody
    claim_types: Annotated[tuple[ClaimType, ...], Field(min_length=1, max_length=7)]
    first_treated_at: Instant | None = None

    def report(self) -> Report:
        """The same benefit named twice is one."""
        return Report(
            policy_no=self.policy_no,
            accident=Accident(**dict(self.accident)),
            claim_types=tuple(sorted(set(self.claim_types))),
            first_treated_at=self.first_treated_at,
        )


class LossNoticeBody(ReportBody):
    """A notice for somebody else: who it is, as far as the reporter knows."""

    worker_id: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    id_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9Xx]$")] | None = None
    contact: ShortWords | None = None

    def report(self) -> Report:
        return super().report().model_copy(update={"contact": self.contact})


class MatchBody(Body):
    policy_no: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class ReasonBody(Body):
    reason: Words


class SupplementBody(Body):
    documents: Annotated[tuple[DocumentType, ...], Field(max_length=23)] = ()
    reason: Words


class InvestigationBody(Body):
    action: Literal["OPEN", "CLOSE"]
    reason_code: ReasonCode
    reason: Words


class ReopeningBody(Body):
    reason_code: ReasonCode
    reason: Words


class NoteBody(Body):
    """`answers_complaint`: the claimant reads the text, and the complaint leaves its queue."""

    text: Words
    answers_complaint: bool = False


class VerdictBody(Body):
    status: Literal["ACCEPTED", "REJECTED", "WAIVED"]
    reason_code: ReasonCode
    reason: Words
    lines: Annotated[tuple[LineVerdict, ...], Field(max_length=200)] = ()

    def verdict(self) -> DocumentVerdict:
        return DocumentVerdict(DocumentStatus(self.status), self.reason_code, self.reason, self.lines)


class DocumentBody(Body):
    doc_type: DocumentType
    content_type: ContentType
    size: Annotated[int, Field(ge=1, le=MAXIMUM_BYTES)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    facts: Annotated[Facts | None, Field(validate_default=True)] = None

    @field_validator("facts")
    @classmethod
    def _of_its_type(cls, facts: Facts | None, info: ValidationInfo) -> Facts | None:
        if "doc_type" not in info.data:  # refused already
            return facts
        expected = FACTS.get(info.data["doc_type"])
        if expected is None and facts is not None:
            raise ValueError("this document type carries no facts")
        if expected is not None and not isinstance(facts, expected):
            raise ValueError("the facts of this document type are required")
        return facts

    def announcement(self) -> Announcement:
        return Announcement(**dict(self))


class AnswerBody(Body):
    answer: AnswerKind
    reason: Words | None = None


class DecisionBody(Body):
    decision: Decision
    amount_fen: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    reason_code: ReasonCode
    reason: Words

    @field_validator("decision")
    @classmethod
    def _decides_something(cls, decision: Decision) -> Decision:
        if decision is Decision.PENDING:
            raise ValueError("PENDING is no decision")
        return decision

    def verdict(self) -> Verdict:
        return Verdict(self.decision, self.amount_fen, self.reason_code, self.reason)


class AdvanceBody(Body):
    """The certain part of a claim, in fen."""

    amount_fen: Annotated[int, Field(ge=1, le=1_000_000_000)]
    reason_code: ReasonCode
    reason: Words

    def part(self) -> CertainPart:
        return CertainPart(self.amount_fen, self.reason_code, self.reason)


class StepTask(Body):
    """Input of the tasks that open a step of the workflow. The token is a secret."""

    claim_no: str
    step: Step
    task_token: Annotated[str, Field(repr=False)]


class ReminderTask(Body):
    claim_no: str
    step: Step


class AcknowledgementBody(Body):
    acknowledged: bool
    reason: Words | None = None


class ReportedView(View):
    """A claim with its checklist, or (`report_no`) a notice that staff will match to a policy."""

    claim_no: str | None = None
    report_no: str | None = None
    status: str
    documents: list["ChecklistLine"]

    @classmethod
    def of(cls, reported: Reported) -> "ReportedView":
        if reported.claim is not None:
            claim = reported.claim
            lines = checklist_lines(claim.claim_types, {})
            return cls(claim_no=claim.claim_no, status=claim.status, documents=lines)
        notice = reported.notice
        assert notice is not None
        lines = checklist_lines(notice.claim_types, {})
        return cls(report_no=notice.report_no, status="UNMATCHED", documents=lines)


class UploadView(View):
    url: str
    fields: dict[str, str]


class AnnouncedView(View):
    document_id: str
    upload: UploadView

    @classmethod
    def of(cls, announced: Announced) -> "AnnouncedView":
        upload = UploadView(url=announced.upload.url, fields=announced.upload.fields)
        return cls(document_id=announced.document.document_id, upload=upload)


class FileLinkView(View):
    """Where the file can be read, for 60 seconds."""

    url: str


class ReceiptView(View):
    status: DocumentStatus
    missing: list[DocumentType]

    @classmethod
    def of(cls, received: Received) -> "ReceiptView":
        return cls(status=received.document.status, missing=list(received.missing))


class ExecutionView(View):
    execution: str


class ChecklistLine(View):
    doc_type: DocumentType
    name: str
    need: Need
    condition: str | None
    status: DocumentStatus


class TimelineLine(View):
    at: datetime
    event: ClaimEvent
    text: str
    status: ClaimStatus
    reason_code: str | None = None
    reason: str | None = None
    moved_fen: int | None = None
    """The money that this line paid, or took back (negative)."""


class AssessmentLineView(View):
    claim_type: ClaimType
    amount_fen: int
    explanation: str


class AssessmentView(View):
    version: int
    formula_version: str
    total_fen: int
    lines: list[AssessmentLineView]


class PayoutView(View):
    """`package_info` opens WeChat's confirmation page, while the worker must confirm there."""

    payout_id: str
    state: str
    amount_fen: int
    package_info: str | None = None
    fail_reason: str | None = None


class AdvanceView(View):
    """One advance as its insured reads it, from its acknowledgement on."""

    number: int
    amount_fen: int
    ground: AdvanceGround
    state: AdvanceState
    paid_at: datetime | None
    payout: PayoutView | None


class AdvanceFileView(AdvanceView):
    """The same for staff, whatever became of it."""

    stated_by: str
    stated_at: datetime
    acknowledged_by: str | None
    attention: str | None


class ClocksView(View):
    """When what falls due; None for a clock that does not run."""

    limitation_ends_at: datetime
    service_level_due_at: datetime | None = None
    holidays_known: bool | None = None
    """False where the year's holidays are not published: Monday to Friday stand in for them."""
    adjudication_due_at: datetime | None = None
    adjudication_paused: bool = False
    refusal_notice_due_at: datetime | None = None
    payment_due_at: datetime | None = None
    advance_due_at: datetime | None = None
    investigation_due_at: datetime | None = None
    breached: tuple[str, ...] = ()
    """`<clock>:<due>` of every clock that ran out."""


class AccidentView(View):
    occurred_at: datetime
    place: str
    description: str
    injury: str


class ClaimSummary(View):
    """One line of a list: no health data."""

    claim_no: str
    policy_no: str
    claim_types: tuple[ClaimType, ...]
    status: ClaimStatus
    decision: Decision
    occurred_at: datetime
    reported_at: datetime
    amount_fen: int | None


class ClaimView(ClaimSummary):
    """The claim as its insured reads it."""

    accident: AccidentView
    documents: list[ChecklistLine]
    missing: list[DocumentType]
    timeline: list[TimelineLine]
    assessment: AssessmentView | None
    payout: PayoutView | None
    advances: list[AdvanceView]
    advanced_fen: int
    """What was paid in advance, or is on its way; the payout of the decision is less by it."""
    payee_wanted: bool
    """The payout waits for a bank account in the insured's own name."""
    identity_wanted: bool
    """The payout waits until the insured has shown their face (`POST …/identity-checks`)."""
    clocks: ClocksView


class QueueLine(View):
    """One line of a staff queue; a notice that matched no policy has `report_no` instead of `claim_no`."""

    due_at: datetime
    claim_no: str | None = None
    report_no: str | None = None
    policy_no: str | None = None
    status: str
    decision: Decision = Decision.PENDING
    claim_types: tuple[ClaimType, ...]
    occurred_at: datetime
    reported_at: datetime
    amount_fen: int | None = None
    referred_for: tuple[str, ...] = ()
    attention: str | None = None
    advances: tuple[AdvanceFileView, ...] = ()


class SignalView(View):
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
    signals: list[SignalView]
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


class ClaimsView(View):
    claims: list[ClaimSummary]


class QueueView(View):
    claims: list[QueueLine]


def worker_summary(claim: Claim) -> ClaimSummary:
    """Give the line of the worker's list. A decision that nobody acknowledged yet does not show."""
    return claim_summary(_as_announced(claim))


def claim_summary(claim: Claim) -> ClaimSummary:
    return ClaimSummary(
        claim_no=claim.claim_no,
        policy_no=claim.policy.policy_no,
        claim_types=claim.claim_types,
        status=claim.status,
        decision=claim.decision,
        occurred_at=claim.accident.occurred_at,
        reported_at=claim.reported_at,
        amount_fen=claim.amount_fen,
    )


def claim_view(file: ClaimFile) -> ClaimView:
    """Give the claim as its insured may read it."""
    claim, payout = file.claim, file.payout
    found = statuses_of(claim, file.documents)
    shown = worker_summary(claim)
    return ClaimView(
        **dict(shown),
        accident=AccidentView(**dict(claim.accident)),
        documents=checklist_lines(claim.claim_types, found),
        missing=list(awaited(claim, file.documents)),
        timeline=_timeline(file.history),
        assessment=_assessment_of(claim) if shown.decision is not Decision.PENDING else None,
        payout=_payout_view(payout) if payout else None,
        advances=[
            _advance_view(advance, file.advances.get(advance.number))
            for advance in claim.advances
            if advance.state in COMMITTED
        ],
        advanced_fen=claim.advanced_fen,
        payee_wanted=_wants_account(claim) and not claim.goes_to_beneficiaries,
        identity_wanted=_identity_wanted(file),
        clocks=_clocks(claim),
    )


_OF_IDENTITY = frozenset({ClaimEvent.IDENTITY_REQUESTED, ClaimEvent.IDENTITY_PROVED})


def _identity_wanted(file: ClaimFile) -> bool:
    """Read from the history: the last word on the payee's identity is our question."""
    asked = (entry for entry in reversed(file.history) if not entry.is_of_beneficiary)
    last = next((entry.event for entry in asked if entry.event in _OF_IDENTITY), None)
    over = file.claim.status in {ClaimStatus.PAID, ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN}
    return last is ClaimEvent.IDENTITY_REQUESTED and not over


def claim_file_view(file: ClaimFile) -> ClaimFileView:
    """Give the whole file for staff."""
    claim = file.claim
    place, policy = claim.place, claim.policy
    known = dict(claim_view(file)) | dict(claim_summary(claim)) | {"assessment": _assessment_of(claim)}
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
        assessments=[_assessment_view(assessment) for assessment in file.assessments],
        signals=[
            SignalView(rule=s.rule, weight=s.weight, evidence=s.evidence, score=s.score)
            for s in claim.signals
        ],
        decided_by=claim.decided_by,
        acknowledged_by=claim.acknowledged_by,
        reporters=tuple(f"{reporter.kind}:{reporter.id}" for reporter in claim.reporters),
        complained_at=claim.complained_at,
        paid_before_fen=claim.paid_before_fen,
        advance_files=[_advance_file_view(a, file.advances.get(a.number)) for a in claim.advances],
        advance_excess_fen=claim.advance_excess_fen,
        files=[_document_view(document) for document in file.documents],
        history=[_history_line(entry) for entry in file.history],
    )


def queue_line(claim: Claim) -> QueueLine:
    place = claim.place
    return QueueLine(
        due_at=place.due if place else claim.reported_at,
        claim_no=claim.claim_no,
        policy_no=claim.policy.policy_no,
        status=claim.status,
        decision=claim.decision,
        claim_types=claim.claim_types,
        occurred_at=claim.accident.occurred_at,
        reported_at=claim.reported_at,
        amount_fen=claim.amount_fen or (claim.assessment.total_fen if claim.assessment else None),
        referred_for=claim.referred_for,
        attention=claim.attention,
        advances=tuple(_advance_file_view(advance, None) for advance in claim.advances),
    )


def queue_view(queue: Queue, read: ReadClaims) -> QueueView:
    """Give one staff queue by due time."""
    if queue is Queue.ADVANCE:
        return QueueView(claims=[_advance_line(claim) for claim in read.waiting(queue)])
    if queue is Queue.UNMATCHED:
        return QueueView(claims=[notice_line(notice) for notice in read.unmatched()])
    return QueueView(claims=[queue_line(claim) for claim in read.waiting(queue)])


def _advance_line(claim: Claim) -> QueueLine:
    return queue_line(claim).model_copy(update={"due_at": claim.advance_since or claim.reported_at})


def notice_line(notice: LossNotice) -> QueueLine:
    return QueueLine(
        due_at=notice.due,
        report_no=notice.report_no,
        policy_no=notice.policy_no,
        status="UNMATCHED",
        claim_types=notice.claim_types,
        occurred_at=notice.accident.occurred_at,
        reported_at=notice.reported_at,
    )


class NoticeView(QueueLine):
    """A whole loss notice for staff who match it."""

    accident: AccidentView
    contact: str | None
    reported_by: str
    matched_claim_no: str | None


def notice_view(notice: LossNotice) -> NoticeView:
    return NoticeView(
        **dict(notice_line(notice)) | {"status": notice.status.value},
        accident=AccidentView(**dict(notice.accident)),
        contact=notice.contact,
        reported_by=f"{notice.reported_by}:{notice.reporter_id}",
        matched_claim_no=notice.claim_no,
    )


def checklist_lines(
    claim_types: tuple[ClaimType, ...], found: dict[DocumentType, DocumentStatus]
) -> list[ChecklistLine]:
    return [
        ChecklistLine(
            doc_type=requirement.doc_type,
            name=requirement.name_zh,
            need=requirement.need,
            condition=requirement.condition_zh,
            status=_shown_status(requirement.need, found.get(requirement.doc_type)),
        )
        for requirement in checklist(claim_types)
    ]


def _shown_status(need: Need, found: DocumentStatus | None) -> DocumentStatus:
    if need is Need.AUTOMATIC:
        return DocumentStatus.ACCEPTED
    return found or DocumentStatus.REQUIRED


TIMELINE_ZH = {
    ClaimEvent.REGISTERED: "已收到报案并立案",
    ClaimEvent.CHECKLIST_SENT: "已一次性告知所需材料",
    ClaimEvent.DOCUMENTS_COMPLETED: "材料已齐全,开始审核",
    ClaimEvent.SUPPLEMENT_REQUESTED: "需要补充材料",
    ClaimEvent.SUPPLEMENT_COMPLETED: "补充材料已收到",
    ClaimEvent.REFERRED: "由理赔人员审核",
    ClaimEvent.AUTO_APPROVED: "已核定赔付,请确认金额",
    ClaimEvent.ACKNOWLEDGED: "核定结果已复核",
    ClaimEvent.ACCEPTED: "您已同意赔付金额",
    ClaimEvent.DISPUTED: "您对金额有异议",
    ClaimEvent.REVIEW_RESUMED: "重新审核",
    ClaimEvent.REFUSAL_NOTICE_SENT: "已发出核定结果通知书",
    ClaimEvent.PAYOUT_RESERVED: "赔款支付中",
    ClaimEvent.PAYOUT_FAILED: "支付未成功,将重新支付",
    ClaimEvent.PAYOUT_BOUNCED: "赔款被银行退回,请核对收款账户",
    ClaimEvent.PAID: "赔款已到账",
    ClaimEvent.CLOSED: "已结案",
    ClaimEvent.REOPENED: "重新开案",
    ClaimEvent.WITHDRAWN: "已撤案",
    ClaimEvent.REMINDED: "已提醒您",
    ClaimEvent.IDENTITY_REQUESTED: "赔款较大,请刷脸确认收款人是您本人",
    ClaimEvent.IDENTITY_PROVED: "收款人身份已核验",
    ClaimEvent.BENEFICIARIES_CONFIRMED: "受益人已确认",
    ClaimEvent.COMPLAINED: "已收到您的投诉",
    ClaimEvent.COMPLAINT_ANSWERED: "已答复您的投诉",
    ClaimEvent.INVESTIGATION_OPENED: "正在核实情况",
    ClaimEvent.INVESTIGATION_CLOSED: "情况已核实,继续审核",
    ClaimEvent.ADVANCE_ACKNOWLEDGED: "已同意先予支付",
    ClaimEvent.ADVANCE_RESERVED: "先予支付中",
    ClaimEvent.ADVANCE_FAILED: "先予支付未成功,我们将处理",
    ClaimEvent.ADVANCE_PAID: "先予支付已到账",
    ClaimEvent.ADVANCE_BOUNCED: "先予支付被银行退回,请核对收款账户",
    ClaimEvent.ADVANCE_SUFFICED: "先予支付已付清核定金额",
}
"""What the worker sees; a decision appears once it has been acknowledged."""
_ANNOUNCING = frozenset({ClaimEvent.ACKNOWLEDGED, ClaimEvent.REFUSAL_NOTICE_SENT})


_TOLD_WITH_REASON = frozenset({ClaimEvent.SUPPLEMENT_REQUESTED, ClaimEvent.COMPLAINT_ANSWERED})
"""Staff's words that are meant for the claimant."""


def _as_announced(claim: Claim) -> Claim:
    if claim.status is ClaimStatus.DECIDED:
        return claim.model_copy(
            update={"status": ClaimStatus.IN_REVIEW, "decision": Decision.PENDING, "amount_fen": None}
        )
    return claim


def _timeline(history: Iterable[HistoryEntry]) -> list[TimelineLine]:
    """What the worker may know: staff's own reasons stay inside, those of a decision come with its news."""
    lines = []
    decided: HistoryEntry | None = None
    for entry in history:
        if entry.event is ClaimEvent.DECIDED:
            decided = entry
        if entry.event not in TIMELINE_ZH or entry.is_of_beneficiary:
            continue
        by_staff = entry.by.kind is ActorKind.STAFF
        told = entry.event in _TOLD_WITH_REASON
        source = decided if entry.event in _ANNOUNCING else None if by_staff and not told else entry
        lines.append(
            TimelineLine(
                at=entry.at,
                event=entry.event,
                text=TIMELINE_ZH[entry.event],
                status=entry.status,
                reason_code=source.reason_code if source else None,
                reason=source.reason if source else None,
                moved_fen=entry.moved_fen,
            )
        )
    return lines


def _assessment_of(claim: Claim) -> AssessmentView | None:
    return _assessment_view(claim.assessment) if claim.assessment else None


def _assessment_view(assessment: Assessment) -> AssessmentView:
    return AssessmentView(
        version=assessment.version,
        formula_version=assessment.formula_version,
        total_fen=assessment.total_fen,
        lines=[
            AssessmentLineView(
                claim_type=line.claim_type, amount_fen=line.amount_fen, explanation=line.explanation_zh
            )
            for line in assessment.lines
        ],
    )


def _payout_view(payout: PayoutFacts) -> PayoutView:
    return PayoutView(
        payout_id=payout.payout_id,
        state=payout.state,
        amount_fen=payout.amount_fen,
        package_info=payout.package_info,
        fail_reason=payout.fail_reason,
    )


def _advance_view(advance: Advance, payout: PayoutFacts | None) -> AdvanceView:
    return AdvanceView(
        number=advance.number,
        amount_fen=advance.amount_fen,
        ground=advance.ground,
        state=advance.state,
        paid_at=advance.paid_at,
        payout=_payout_view(payout) if payout else None,
    )


def _advance_file_view(advance: Advance, payout: PayoutFacts | None) -> AdvanceFileView:
    return AdvanceFileView(
        **dict(_advance_view(advance, payout)),
        stated_by=advance.stated_by,
        stated_at=advance.stated_at,
        acknowledged_by=advance.acknowledged_by,
        attention=advance.attention,
    )


def _wants_account(claim: Claim) -> bool:
    attentions = {claim.attention} | {a.attention for a in claim.advances if a.state in COMMITTED}
    return bool(attentions & WAITING_FOR_ACCOUNT)


def _clocks(claim: Claim) -> ClocksView:
    due, complete = due_times(claim), claim.documents_complete_at
    promised = service_level(complete) if complete and Clock.SERVICE_LEVEL in due else None
    return ClocksView(
        limitation_ends_at=limitation_ends(claim.accident.occurred_at),
        service_level_due_at=promised.due if promised else None,
        holidays_known=promised.holidays_known if promised else None,
        adjudication_due_at=due.get(Clock.ADJUDICATION),
        adjudication_paused=claim.status is ClaimStatus.AWAITING_SUPPLEMENT,
        refusal_notice_due_at=due.get(Clock.REFUSAL_NOTICE),
        payment_due_at=due.get(Clock.PAYMENT),
        advance_due_at=due.get(Clock.ADVANCE),
        investigation_due_at=due.get(Clock.INVESTIGATION),
        breached=claim.breaches,
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
