"""The whole claim file (案卷) for staff, in one answer."""

from datetime import datetime

from daycover.api.claims.sheet import BenefitView, SheetView
from daycover.api.claims.worker import (
    AssessmentView,
    ClaimView,
    PayoutView,
    assessment_view,
    claim_summary,
    claim_view,
    payout_view,
)
from daycover.api.discretion import Contact, Health
from daycover.china_time import china_day
from daycover.claims.access import may_still
from daycover.claims.advance import Advance, AdvanceGround, AdvanceState
from daycover.claims.attention import Attention
from daycover.claims.bill import BillFault, BillState
from daycover.claims.claim import Claim, HistoryEntry
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import ClaimDocument, Facts
from daycover.claims.exposure import proposed_by
from daycover.claims.inform import Delivery
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.obligation import Obligation, ObligationState
from daycover.claims.read import ClaimFile
from daycover.claims.representative import Representative, RepresentativeKind, RepresentativeStatus
from daycover.claims.round import Round
from daycover.file_kind import FileKind
from daycover.identity.document import IdDocumentType
from daycover.platform.http import View


class AdvanceFileView(View):
    """An advance for staff, whatever became of it; its money stands in `obligations` under its number."""

    number: int
    amount_fen: int
    ground: AdvanceGround
    state: AdvanceState
    stated_by: str
    stated_at: datetime
    acknowledged_by: str | None


class ObligationView(View):
    """An amount owed: the decided amount, a beneficiary's share of it, or (`advance`) an advance. `payout` is the
    latest that was sent for it."""

    number: int
    payee: str
    """`INSURED`, or the beneficiary by the id of the share."""
    advance: int | None
    amount_fen: int
    state: ObligationState
    attention: Attention | None
    paid_at: datetime | None
    payout: PayoutView | None


class RoundView(View):
    """One run of the claim from the request to the settlement; the last one is the current one."""

    number: int
    requested_at: datetime
    received_at: datetime | None
    documents_complete_at: datetime | None
    decision: Decision
    amount_fen: int | None
    decided_by: str | None
    decided_at: datetime | None
    acknowledged_by: str | None
    agreed_at: datetime | None
    paid_at: datetime | None
    closed_at: datetime | None
    breaches: tuple[str, ...]
    held: dict[ClaimType, int]
    """What it takes of the policy's limits, in fen by benefit."""
    advances: list[AdvanceFileView]
    obligations: list[ObligationView]


class FraudSignalView(View):
    rule: str
    weight: str
    evidence: Health[tuple[str, ...]]
    score: int


class CheckedBillView(View):
    """What its platform says of a bill."""

    bill_no: str
    state: BillState
    related_no: str | None
    patient: Health[str]
    total_fen: int


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
    pages: int
    page_kinds: list[FileKind | None]
    """What each page is, in their order; empty before the file arrived."""
    replaces: str | None
    checked_at: datetime | None
    """When the platforms were asked for the bills in it."""
    bills: list[CheckedBillView]
    faults: tuple[BillFault, ...]
    facts: Health[Facts]
    """What the claimant wrote beside it: a draft until an adjuster accepts it."""


class HistoryLine(View):
    at: datetime
    event: ClaimEvent
    by: str
    """`STAFF:<id>`, `WORKER:<id>` or `SYSTEM:workflow`."""
    status: ClaimStatus
    decision: Decision
    reason_code: str | None
    reason: Health[str]
    round: int
    obligation: int | None
    advance: int | None
    moved_fen: int | None
    sheet: int | None
    """The version of the loss sheet that the line made."""
    notice: str | None


class RepresentativeFileView(View):
    """A representative for staff; the numbers are masked."""

    number: int
    worker_id: str
    """The account that acts: `REPRESENTATIVE:<id>` in the history."""
    kind: RepresentativeKind
    status: RepresentativeStatus
    in_force: bool
    name: str
    document_type: IdDocumentType
    document_number: str
    relation: Contact[str]
    phone: Contact[str]
    """In full: whoever judges the request calls."""
    requested_at: datetime
    document_id: str | None
    for_all_heirs: bool
    judged_by: str | None
    judged_at: datetime | None
    ended_at: datetime | None


def _representative_view(claim: Claim, known: Representative) -> RepresentativeFileView:
    return RepresentativeFileView(
        number=known.number,
        worker_id=known.worker_id,
        kind=known.kind,
        status=known.status,
        in_force=may_still(claim, known),
        name=known.said.name,
        document_type=known.said.document_type,
        document_number=known.said.masked_number,
        relation=known.said.relation,
        phone=known.said.phone,
        requested_at=known.requested_at,
        document_id=known.document_id,
        for_all_heirs=known.for_all_heirs,
        judged_by=known.judged_by,
        judged_at=known.judged_at,
        ended_at=known.ended_at,
    )


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
    worker_id: str
    """The account that the policy was taken out with: `WORKER:<id>` in the history is the insured's own act."""


class ClaimFileView(ClaimView):
    """The whole claim file (案卷) for staff, in one answer."""

    policy: PolicyTerms
    queue: str | None
    due_at: datetime | None
    referred_for: tuple[str, ...]
    attention: Attention | None
    assessments: list[AssessmentView]
    """Every assessment that the claim ever had, oldest first."""
    signals: list[FraudSignalView]
    assignee: str | None
    """Who of the staff has taken it, in the queue where it stands."""
    decided_by: str | None
    acknowledged_by: str | None
    reporters: tuple[str, ...]
    """`<kind>:<id>` of whoever reported the accident besides the first."""
    representation: list[RepresentativeFileView]
    """Who asked to act for the insured, and what staff said to it."""
    complained_at: datetime | None
    rounds: list[RoundView]
    """Oldest first; what earlier ones paid is not paid again."""
    advance_excess_fen: int
    """What was advanced beyond the decision, once the claim is over; it is never taken back by machine."""
    sheet: SheetView
    benefits: list[BenefitView]
    notice_message: Delivery | None
    """What WeChat said of the message that tells of the undelivered notice: `NOT_WANTED` is a phone that has not
    subscribed."""
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
            worker_id=policy.worker_id,
        ),
        queue=place.queue.value if place else None,
        due_at=place.due if place else None,
        referred_for=claim.round.referred_for,
        attention=claim.first_attention,
        assessments=[assessment_view(assessment) for assessment in file.assessments],
        signals=[
            FraudSignalView(rule=s.rule, weight=s.weight, evidence=s.evidence, score=s.score)
            for s in claim.signals
        ],
        assignee=claim.assignee,
        decided_by=claim.round.decided_by,
        acknowledged_by=claim.round.acknowledged_by,
        reporters=tuple(f"{reporter.kind}:{reporter.id}" for reporter in claim.reporters),
        representation=[_representative_view(claim, r) for r in claim.representatives],
        complained_at=claim.complained_at,
        rounds=[_round_view(file, known) for known in claim.rounds],
        advance_excess_fen=claim.advance_excess_fen,
        sheet=SheetView.of(file.sheet, china_day(claim.accident.occurred_at)),
        benefits=_benefit_views(claim),
        notice_message=file.message,
        files=[_document_view(document) for document in file.documents],
        history=[_history_line(entry) for entry in file.history],
    )


def _benefit_views(claim: Claim) -> list[BenefitView]:
    """The decided amounts beside the assessed ones; a standing decision of the machine is what the round holds."""
    current = claim.round
    proposed = proposed_by(claim.assessment, claim.held_before)
    decided: dict[str, int] = dict(current.granted)
    if not decided and current.stands:
        decided = {t: held.fen for t, held in current.holding.benefits.items()}
    pending = current.decision is Decision.PENDING
    return [
        BenefitView(
            claim_type=claim_type,
            assessed_fen=proposed.get(claim_type, 0),
            decided_fen=None if pending else decided.get(claim_type, 0),
        )
        for claim_type in ClaimType
        if claim_type in claim.claim_types or claim_type in decided
    ]


def advance_file_view(owing: Round, advance: Advance) -> AdvanceFileView:
    return AdvanceFileView(
        number=advance.number,
        amount_fen=advance.amount_fen,
        ground=advance.ground,
        state=owing.state_of(advance),
        stated_by=advance.stated_by,
        stated_at=advance.stated_at,
        acknowledged_by=advance.acknowledged_by,
    )


def _round_view(file: ClaimFile, known: Round) -> RoundView:
    return RoundView(
        number=known.number,
        requested_at=known.requested_at,
        received_at=known.received_at,
        documents_complete_at=known.documents_complete_at,
        decision=known.decision,
        amount_fen=known.amount_fen,
        decided_by=known.decided_by,
        decided_at=known.decided_at,
        acknowledged_by=known.acknowledged_by,
        agreed_at=known.agreed_at,
        paid_at=known.paid_at,
        closed_at=known.closed_at,
        breaches=known.breaches,
        held={claim_type: held.fen for claim_type, held in known.holding.benefits.items()},
        advances=[advance_file_view(known, advance) for advance in known.advances],
        obligations=[_obligation_view(file, owed) for owed in known.obligations],
    )


def _obligation_view(file: ClaimFile, owed: Obligation) -> ObligationView:
    payout = file.payouts.get(owed.number)
    return ObligationView(
        number=owed.number,
        payee=owed.payee,
        advance=owed.advance,
        amount_fen=owed.amount_fen,
        state=owed.state,
        attention=owed.attention,
        paid_at=owed.paid_at,
        payout=payout_view(payout) if payout else None,
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
        pages=len(announced.pages),
        page_kinds=list(document.kinds),
        replaces=announced.replaces,
        checked_at=document.checked_at,
        bills=[
            CheckedBillView(
                bill_no=check.bill_no,
                state=check.state,
                related_no=check.related_no,
                patient=check.patient,
                total_fen=check.total_fen,
            )
            for check in document.checks
        ],
        faults=document.faults,
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
        round=entry.round,
        obligation=entry.obligation,
        advance=entry.advance,
        moved_fen=entry.moved_fen,
        sheet=entry.sheet,
        notice=entry.notice,
    )
