"""The queues of staff, and a loss notice that waits for its policy."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from daycover.api.claims.file import AdvanceFileView, advance_file_view
from daycover.api.claims.worker import AccidentView
from daycover.api.discretion import Contact
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim, Queue
from daycover.claims.delivery import undelivered
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.loss_notice import LossNotice
from daycover.claims.notice import NoticeKind
from daycover.claims.obligation import ObligationState
from daycover.claims.queues import JUDGED_WITHIN, QueueCount, QueuePage, Wanted
from daycover.platform.http import View

QueueName = Queue
BenefitName = ClaimType
StatusName = ClaimStatus
QueuePageNumber = Annotated[int, Field(ge=1, le=1_000)]
Whose = Literal["MINE", "NOBODYS"]
Due = Literal["PAST"]
NumberPart = Annotated[str, StringConstraints(min_length=1, max_length=60)]
"""A part of a claim's number, or a whole one of a policy."""


def wanted_by(
    staff_id: str, benefit: ClaimType | None, status: ClaimStatus | None, due: Due | None, whose: Whose | None
) -> Wanted:
    """Give what a queue is filtered by, as its reader asks for it."""
    return Wanted(
        benefit=benefit,
        status=status,
        overdue=due == "PAST",
        assignee=staff_id if whose == "MINE" else None,
        nobodys=whose == "NOBODYS",
    )


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
    insured_name: str | None = None
    """Masked."""
    assignee: str | None = None
    """Who of the staff has taken it."""
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


class QueueCountView(View):
    queue: Queue
    waiting: int
    """At most 5,000 are counted."""
    overdue: int


class QueueView(View):
    """One page of a queue by due time. `matched` of the `waiting` fit what it was filtered by."""

    claims: list[QueueLine]
    waiting: int
    matched: int
    page: int
    pages: int
    counts: list[QueueCountView]
    """Of every queue; with the first page only."""


class FoundClaimsView(View):
    claims: list[QueueLine]


def queue_line(claim: Claim) -> QueueLine:
    place, this = claim.place, claim.round
    advanced = [o for o in this.obligations if o.advance is not None]
    return QueueLine(
        due_at=place.due if place else claim.reported_at,
        claim_no=claim.claim_no,
        policy_no=claim.policy.policy_no,
        insured_name=claim.policy.insured_name,
        assignee=claim.assignee,
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


def queue_view(queue: Queue, found: QueuePage, counts: Mapping[Queue, QueueCount] | None = None) -> QueueView:
    """Give one page of a staff queue."""
    line = LINES.get(queue, queue_line)
    return QueueView(
        claims=[*map(line, found.claims), *map(notice_line, found.notices)],
        waiting=found.waiting,
        matched=found.matched,
        page=found.page,
        pages=found.pages,
        counts=[
            QueueCountView(queue=name, waiting=count.waiting, overdue=count.overdue)
            for name, count in (counts or {}).items()
        ],
    )


def found_claims_view(claims: Sequence[Claim]) -> FoundClaimsView:
    return FoundClaimsView(claims=[queue_line(claim) for claim in claims])


def _advance_line(claim: Claim) -> QueueLine:
    return queue_line(claim).model_copy(update={"due_at": claim.advance_since or claim.reported_at})


def _notice_line(claim: Claim) -> QueueLine:
    fact = undelivered(claim)
    update = {"due_at": claim.notice_due or claim.reported_at, "notice": fact.kind if fact else None}
    return queue_line(claim).model_copy(update=update)


def _representative_line(claim: Claim) -> QueueLine:
    since = claim.representative_since or claim.reported_at
    return queue_line(claim).model_copy(update={"due_at": since + JUDGED_WITHIN})


LINES = {Queue.ADVANCE: _advance_line, Queue.NOTICE: _notice_line, Queue.REPRESENTATIVE: _representative_line}


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
        **dict(notice_line(notice)) | {"status": notice.status.value, "insured_name": notice.insured_name},
        accident=AccidentView(**dict(notice.accident)),
        contact=notice.contact,
        phone=notice.phone,
        relation=notice.relation,
        reported_by=f"{notice.reported_by}:{notice.reporter_id}",
        matched_claim_no=notice.claim_no,
    )
