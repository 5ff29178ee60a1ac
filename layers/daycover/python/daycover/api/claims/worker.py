"""A claim as its insured answers and reads it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from daycover.api.claims.checklist import ChecklistLine, checklist_lines
from daycover.api.claims.consents import ClaimConsentView, claim_consents
from daycover.api.claims.notices import ClaimNoticeView, notice_views
from daycover.api.cover.work_card import Merchant
from daycover.api.discretion import Contact, Health
from daycover.api.fields import Words
from daycover.claims.access import may_still
from daycover.claims.adjudication import Assessment, source_of
from daycover.claims.advance import Advance, AdvanceGround, AdvanceState
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Claim
from daycover.claims.clocks import limitation_ends, service_level
from daycover.claims.collect import awaited
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.due import Clock, due_times
from daycover.claims.evidence import ClaimDocument, statuses_of
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.obligation import INSURED, Obligation
from daycover.claims.read import ClaimFile, OwnClaims, PayoutSeen
from daycover.claims.representative import Representative, RepresentativeKind, RepresentativeStatus
from daycover.claims.shown import (
    Told,
    announced_advances,
    announced_assessment,
    as_announced,
    identity_wanted,
    told,
)
from daycover.payouts.payee import wanting_account
from daycover.platform.http import Body, View


class ReasonBody(Body):
    reason: Words


class AnswerBody(Body):
    answer: AnswerKind
    reason: Words | None = None


class TimelineLine(View):
    at: datetime
    event: ClaimEvent
    text: str
    status: ClaimStatus
    reason_code: str | None = None
    reason: Health[str] = None
    moved_fen: int | None = None
    """The money that this line paid, or took back (negative)."""


class AssessmentLineView(View):
    claim_type: ClaimType
    amount_fen: int
    explanation: Health[str]
    inputs: Health[dict[str, int]]
    """The numbers of the formula: fen, days, basis points, a grade."""
    sources: Health[dict[str, tuple[str, ...]]]
    """Whence each number is: entries of the loss sheet, or `policy`, `paid before`, `formula`."""


class AssessmentView(View):
    version: int
    formula_version: str
    total_fen: int
    sheet: int
    """The version of the loss sheet that it was computed from."""
    lines: list[AssessmentLineView]


class TransferConfirmation(View):
    """What `wx.requestMerchantTransfer` takes to open WeChat's confirmation page: WeChat tells nobody by itself."""

    mch_id: str
    app_id: str
    package: str


class PayoutView(View):
    """`confirmation` is there while the insured must confirm in WeChat. `fail_reason` and `fault` are codes of WeChat
    or the bank."""

    payout_id: str
    state: str
    amount_fen: int
    confirmation: TransferConfirmation | None = None
    fail_reason: str | None = None
    fault: str | None = None


class AdvanceView(View):
    """One advance as its insured reads it, from its acknowledgement on."""

    number: int
    amount_fen: int
    ground: AdvanceGround
    state: AdvanceState
    paid_at: datetime | None
    payout: PayoutView | None
    """Of what the insured is owed of it; beneficiaries have payouts of their own."""


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
    place: Health[str]
    description: Health[str]
    injury: Health[str]
    """Null for an heir as well: what a death claim needs stands in its documents."""


class SentDocument(View):
    """A document that was handed in, for whoever sent it: the file itself is not given back.

    `REQUIRED` was announced and never uploaded; `reason_code` says why one was rejected, `reason` in the adjuster's
    words.
    """

    document_id: str
    doc_type: DocumentType
    status: DocumentStatus
    pages: int
    replaces: str | None
    received_at: datetime | None
    reason_code: str | None
    reason: Health[str]


class RepresentativeLine(View):
    """A representative as the insured reads it; the numbers are masked."""

    number: int
    kind: RepresentativeKind
    status: RepresentativeStatus
    in_force: bool
    name: str
    relation: Contact[str]
    requested_at: datetime


def representative_line(claim: Claim, known: Representative) -> RepresentativeLine:
    return RepresentativeLine(
        number=known.number,
        kind=known.kind,
        status=known.status,
        in_force=may_still(claim, known),
        name=known.said.name,
        relation=known.said.relation,
        requested_at=known.requested_at,
    )


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
    also_covered: tuple[str, ...]
    """The insured's other policies that covered the accident: each takes a report of its own. For the insured
    alone."""
    representatives: list[RepresentativeLine]
    """Who asked to act for the insured, for the insured alone."""
    documents: list[ChecklistLine]
    sent: list[SentDocument]
    """Every document, oldest first; `documents` says how far each line of the checklist is."""
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
    notices: list[ClaimNoticeView]
    """What was said in writing, oldest first."""
    clocks: ClocksView
    consents: list[ClaimConsentView]
    """Each text that the claim may need a separate consent to, and whether it has it."""


class RepresentationView(View):
    """The state of a request to act on a claim, as whoever asked reads it."""

    claim_no: str
    number: int
    kind: RepresentativeKind
    status: RepresentativeStatus
    in_force: bool
    """Whether it lets one act now: an agent's and a guardian's power ends with the insured's death."""
    requested_at: datetime


class ClaimsView(View):
    claims: list[ClaimSummary]
    representations: list[RepresentationView]


def representation_view(
    claim_no: str, asked: Representative, *, in_force: bool = False
) -> RepresentationView:
    return RepresentationView(
        claim_no=claim_no,
        number=asked.number,
        kind=asked.kind,
        status=asked.status,
        in_force=in_force,
        requested_at=asked.requested_at,
    )


def own_claims_view(own: OwnClaims) -> ClaimsView:
    """Give the list of an account."""
    return ClaimsView(
        claims=[worker_summary(claim) for claim in own.claims],
        representations=[
            representation_view(known.claim_no, known.representative, in_force=known.in_force)
            for known in own.represented
        ],
    )


def worker_summary(claim: Claim) -> ClaimSummary:
    """Give the line of the worker's list. A decision that nobody acknowledged yet does not show."""
    return claim_summary(as_announced(claim))


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


Payer = Callable[[], Merchant]
"""Gives the merchant whose confirmation page WeChat opens."""


def claim_view(file: ClaimFile, payer: Payer | None = None) -> ClaimView:
    """Give the claim as its insured, or who acts for them, may read it; `payer` is asked for only where the insured
    must confirm."""
    claim, seen_by = file.claim, file.seen_by
    of_insured = seen_by is None or seen_by.representative is None
    of_heir = seen_by is not None and seen_by.is_heir
    payer = payer if of_insured else None
    payout = _latest(file, claim.round.decided_obligations)
    found = statuses_of(claim, file.documents)
    assessment = announced_assessment(claim)
    return ClaimView(
        **dict(worker_summary(claim)),
        accident=AccidentView(**dict(claim.accident) | ({"injury": None} if of_heir else {})),
        also_covered=claim.also_covered if of_insured else (),
        representatives=[representative_line(claim, r) for r in claim.representatives] if of_insured else [],
        documents=checklist_lines(claim.claim_types, found),
        sent=[_sent(document) for document in sorted(file.documents, key=lambda d: d.announced_at)],
        missing=list(awaited(claim, file.documents)),
        timeline=[_timeline_line(line) for line in told(file.history)],
        assessment=assessment_view(assessment) if assessment else None,
        payout=payout_view(payout, payer) if payout else None,
        advances=[advance_view(file, advance, payer) for advance in announced_advances(claim)],
        advanced_fen=claim.round.advanced_fen,
        payee_wanted=bool(wanting_account(claim)) and not claim.goes_to_beneficiaries,
        identity_wanted=identity_wanted(claim, file.history),
        notices=notice_views(file),
        clocks=_clocks(claim),
        consents=claim_consents(claim.consents),
    )


def _sent(document: ClaimDocument) -> SentDocument:
    rejected = document.status is DocumentStatus.REJECTED
    return SentDocument(
        document_id=document.document_id,
        doc_type=document.announced.doc_type,
        status=document.status,
        pages=len(document.announced.pages),
        replaces=document.announced.replaces,
        received_at=document.received_at,
        reason_code=document.verdict_code if rejected else None,
        reason=document.verdict_reason if rejected else None,
    )


def _timeline_line(line: Told) -> TimelineLine:
    entry = line.entry
    return TimelineLine(
        at=entry.at,
        event=entry.event,
        text=line.text_zh,
        status=entry.status,
        reason_code=line.reason_code,
        reason=line.reason,
        moved_fen=entry.moved_fen,
    )


def assessment_view(assessment: Assessment) -> AssessmentView:
    return AssessmentView(
        version=assessment.version,
        formula_version=assessment.formula_version,
        total_fen=assessment.total_fen,
        sheet=assessment.sheet,
        lines=[
            AssessmentLineView(
                claim_type=line.claim_type,
                amount_fen=line.amount_fen,
                explanation=line.explanation_zh,
                inputs=line.inputs,
                sources={name: source_of(name, assessment.loss) for name in line.inputs},
            )
            for line in assessment.lines
        ],
    )


def payout_view(payout: PayoutSeen, payer: Payer | None = None) -> PayoutView:
    confirmation = None
    if payout.package_info is not None and payer is not None:
        merchant = payer()
        confirmation = TransferConfirmation(
            mch_id=merchant.mchid, app_id=merchant.appid, package=payout.package_info
        )
    return PayoutView(
        payout_id=payout.payout_id,
        state=payout.state,
        amount_fen=payout.amount_fen,
        confirmation=confirmation,
        fail_reason=payout.fail_reason,
        fault=payout.fault,
    )


def advance_view(file: ClaimFile, advance: Advance, payer: Payer | None) -> AdvanceView:
    owing = next(known for known in file.claim.rounds if advance in known.advances)
    owed = owing.of_advance(advance.number)
    standing = [obligation for obligation in owed if obligation.stands]
    payout = _latest(file, owed)
    return AdvanceView(
        number=advance.number,
        amount_fen=sum(o.amount_fen for o in standing) if standing else advance.amount_fen,
        ground=advance.ground,
        state=owing.state_of(advance),
        paid_at=max((o.paid_at for o in standing if o.paid_at is not None), default=None),
        payout=payout_view(payout, payer) if payout else None,
    )


def _latest(file: ClaimFile, owed: Iterable[Obligation]) -> PayoutSeen | None:
    """The payout of what is owed to the insured."""
    mine = [o.number for o in owed if o.payee == INSURED and o.number in file.payouts]
    return file.payouts[mine[-1]] if mine else None


def _clocks(claim: Claim) -> ClocksView:
    due, complete = due_times(claim), claim.round.documents_complete_at
    promised = service_level(complete) if complete and Clock.SERVICE_LEVEL in due else None
    return ClocksView(
        limitation_ends_at=limitation_ends(claim.accident.occurred_at),
        service_level_due_at=promised.due if promised else None,
        holidays_known=promised.holidays_known if promised else None,
        adjudication_due_at=due.get(Clock.ADJUDICATION),
        adjudication_paused=any(pause.end is None for pause in claim.round.pauses),
        refusal_notice_due_at=due.get(Clock.REFUSAL_NOTICE),
        payment_due_at=due.get(Clock.PAYMENT),
        advance_due_at=due.get(Clock.ADVANCE),
        investigation_due_at=due.get(Clock.INVESTIGATION),
        breached=claim.round.breaches,
    )
