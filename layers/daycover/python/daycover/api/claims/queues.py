"""The queues of staff, and a loss notice that waits for its policy."""

from datetime import datetime, timedelta

from daycover.api.claims.file import AdvanceFileView, advance_file_view
from daycover.api.claims.worker import AccidentView
from daycover.api.discretion import Contact
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim, Queue
from daycover.claims.delivery import undelivered
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import Decision
from daycover.claims.loss_notice import LossNotice
from daycover.claims.notice import NoticeKind
from daycover.claims.obligation import ObligationState
from daycover.claims.read import ReadClaims
from daycover.platform.http import View

QueueName = Queue
JUDGED_WITHIN = timedelta(days=1)
"""How soon a person looks at a request to act for the insured (our own promise)."""


class StuckView(View):
    """Money that finance must look at. `fault` is WeChat's or the bank's code, null where neither said one."""

    number: int
    amount_fen: int
    state: ObligationState
    advance: int | None
    attention: Attention
    fault: str | None


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
    attention: Attention | None = None
    advances: tuple[AdvanceFileView, ...] = ()
    notice: NoticeKind | None = None
    """Which notice waits to be delivered; in the queue of notices."""
    stuck: tuple[StuckView, ...] = ()
    """What of its money did not arrive, and why."""


class QueueView(View):
    claims: list[QueueLine]


def queue_line(claim: Claim) -> QueueLine:
    place, this = claim.place, claim.round
    advanced = [o for o in this.obligations if o.advance is not None]
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
        referred_for=claim.round.referred_for,
        attention=claim.first_attention or next((o.attention for o in advanced if o.attention), None),
        advances=tuple(advance_file_view(this, advance) for advance in this.advances),
        stuck=tuple(StuckView(**dict(o)) for o in this.obligations if o.attention is not None),
    )


def queue_view(queue: Queue, read: ReadClaims) -> QueueView:
    """Give one staff queue by due time."""
    if queue is Queue.ADVANCE:
        return QueueView(claims=[_advance_line(claim) for claim in read.waiting(queue)])
    if queue is Queue.NOTICE:
        return QueueView(claims=[_notice_line(claim) for claim in read.waiting(queue)])
    if queue is Queue.REPRESENTATIVE:
        return QueueView(claims=[_representative_line(claim) for claim in read.waiting(queue)])
    if queue is Queue.UNMATCHED:
        return QueueView(claims=[notice_line(notice) for notice in read.unmatched()])
    return QueueView(claims=[queue_line(claim) for claim in read.waiting(queue)])


def _advance_line(claim: Claim) -> QueueLine:
    return queue_line(claim).model_copy(update={"due_at": claim.advance_since or claim.reported_at})


def _notice_line(claim: Claim) -> QueueLine:
    fact = undelivered(claim)
    update = {"due_at": claim.notice_due or claim.reported_at, "notice": fact.kind if fact else None}
    return queue_line(claim).model_copy(update=update)


def _representative_line(claim: Claim) -> QueueLine:
    since = claim.representative_since or claim.reported_at
    return queue_line(claim).model_copy(update={"due_at": since + JUDGED_WITHIN})


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
    contact: Contact[str]
    phone: Contact[str]
    insured_name: Contact[str]
    relation: Contact[str]
    reported_by: str
    matched_claim_no: str | None


def notice_view(notice: LossNotice) -> NoticeView:
    return NoticeView(
        **dict(notice_line(notice)) | {"status": notice.status.value},
        accident=AccidentView(**dict(notice.accident)),
        contact=notice.contact,
        phone=notice.phone,
        insured_name=notice.insured_name,
        relation=notice.relation,
        reported_by=f"{notice.reported_by}:{notice.reporter_id}",
        matched_claim_no=notice.claim_no,
    )
