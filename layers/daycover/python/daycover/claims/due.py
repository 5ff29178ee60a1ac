"""What runs on a claim (时限) and where staff find it: its clocks by name, and the place in their queues."""

from datetime import UTC, datetime
from enum import StrEnum

from daycover.claims.advance import AdvanceState, open_advance, paid_in_advance_fen
from daycover.claims.claim import Claim, Queue, QueuePlace
from daycover.claims.clocks import (
    adjudication_due,
    advance_due,
    payment_due,
    refusal_notice_due,
    service_level_due,
)
from daycover.claims.lifecycle import REFUSING_DECISIONS, UNSETTLED, ClaimStatus


def advance_since(claim: Claim) -> datetime | None:
    """Give from when a claim is in the queue of advances; the instant may lie ahead.

    Day 60, or the dispute. One that waits for its second person, or for finance, stays until it is settled.
    """
    started = claim.documents_complete_at
    grounds = [] if started is None else [advance_due(started)]
    if claim.undisputed_fen is not None and claim.disputed_at is not None:
        grounds.append(claim.disputed_at)
    current = open_advance(claim.advances)
    if current is not None:
        under_way = current.state is AdvanceState.PAYING and current.attention is None
        return None if under_way else min([*grounds, current.stated_at])
    if claim.status not in UNSETTLED or paid_in_advance(claim):
        return None
    return min(grounds, default=None)


class Clock(StrEnum):
    """A time limit that runs against us (reference section 6)."""

    ADJUDICATION = "ADJUDICATION"
    REFUSAL_NOTICE = "REFUSAL_NOTICE"
    PAYMENT = "PAYMENT"
    ADVANCE = "ADVANCE"
    SERVICE_LEVEL = "SERVICE_LEVEL"
    INVESTIGATION = "INVESTIGATION"


_UNDECIDED = frozenset({ClaimStatus.IN_REVIEW, ClaimStatus.INVESTIGATING, ClaimStatus.DECIDED})
OVER = frozenset({ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN})


def due_times(claim: Claim) -> dict[Clock, datetime]:
    """Give when each running clock runs out; one that has not begun, stands still or stopped is absent."""
    complete, agreed, decided = claim.documents_complete_at, claim.agreed_at, claim.decided_at
    found: dict[Clock, datetime | None] = {}
    if claim.status in OVER:
        return {}
    if complete and claim.status in _UNDECIDED:
        found[Clock.ADJUDICATION] = adjudication_due(complete, claim.pauses)
    if complete and claim.status in UNSETTLED and not paid_in_advance(claim):
        found[Clock.ADVANCE] = advance_due(complete)
    if complete and claim.paid_at is None and claim.decision not in REFUSING_DECISIONS:
        found[Clock.SERVICE_LEVEL] = service_level_due(complete)
    if decided and claim.decision in REFUSING_DECISIONS and claim.refusal_notice_sent_at is None:
        found[Clock.REFUSAL_NOTICE] = refusal_notice_due(decided)
    if agreed and claim.paid_at is None:
        found[Clock.PAYMENT] = payment_due(agreed)
    if claim.investigate_by and claim.status is ClaimStatus.INVESTIGATING:
        found[Clock.INVESTIGATION] = claim.investigate_by
    return {clock: due for clock, due in found.items() if due is not None}


def breach_id(clock: Clock, due: datetime) -> str:
    """Name one run of a clock that ran out; a clock that begins anew is another run."""
    return f"{clock.value}:{due.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def next_clock(claim: Claim) -> datetime | None:
    """Give when the next clock runs out whose end is not recorded yet."""
    return min(
        (due for clock, due in due_times(claim).items() if breach_id(clock, due) not in claim.breaches),
        default=None,
    )


def place_of(claim: Claim) -> QueuePlace | None:
    """Give where staff find the claim, by due time; None while it needs nobody."""
    queue = _queue_of(claim)
    if queue is None:
        return None
    due = service_level_due(claim.documents_complete_at or claim.reported_at)
    if queue is Queue.COMPLAINT and claim.complained_at is not None:
        due = service_level_due(claim.complained_at)
    elif queue is Queue.PAYOUT:
        due = payment_due(claim.agreed_at or claim.reported_at)
    elif claim.status is ClaimStatus.INVESTIGATING and claim.investigate_by is not None:
        due = claim.investigate_by
    return QueuePlace(queue=queue, due=due)


def _queue_of(claim: Claim) -> Queue | None:
    status, complaint = claim.status, Queue.COMPLAINT if claim.complained_at is not None else None
    if status in OVER:
        return complaint
    if status is ClaimStatus.DECIDED:
        return Queue.ACKNOWLEDGEMENT
    if status is ClaimStatus.INVESTIGATING or (status is ClaimStatus.IN_REVIEW and claim.referred_for):
        return Queue.DECISION
    if claim.attention:
        paying = status in {ClaimStatus.AGREED, ClaimStatus.PAYING}
        return Queue.PAYOUT if paying else Queue.DECISION
    return complaint


def paid_in_advance(claim: Claim) -> int:
    return paid_in_advance_fen(claim.advances, claim.reopenings)
