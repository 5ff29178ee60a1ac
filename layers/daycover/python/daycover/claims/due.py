"""What runs on a claim (时限) and where staff find it: its clocks by name, and the place in their queues."""

from datetime import UTC, datetime
from enum import StrEnum

from daycover.claims.advance import AdvanceState
from daycover.claims.claim import Claim, Queue, QueuePlace
from daycover.claims.clocks import (
    adjudication_due,
    advance_due,
    payment_due,
    refusal_notice_due,
    service_level_due,
)
from daycover.claims.delivery import refusal_due
from daycover.claims.lifecycle import REFUSING_DECISIONS, UNSETTLED, ClaimStatus
from daycover.claims.representative import RepresentativeStatus


def round_started(claim: Claim) -> datetime | None:
    """Give when the 30 and the 60 days of the round began: with the first receipt of request and papers."""
    return claim.round.received_at or claim.round.documents_complete_at


def advance_since(claim: Claim) -> datetime | None:
    """Give from when a claim is in the queue of advances; the instant may lie ahead.

    Day 60, or the dispute. One that waits for its second person, or for finance, stays until it is settled.
    """
    started, this = round_started(claim), claim.round
    grounds = [] if started is None else [advance_due(started)]
    if this.undisputed_fen is not None and this.disputed_at is not None:
        grounds.append(this.disputed_at)
    current = this.open_advance
    if current is not None:
        owed = [o for o in this.of_advance(current.number) if o.stands]
        under_way = this.state_of(current) is AdvanceState.PAYING and not any(o.attention for o in owed)
        return None if under_way else min([*grounds, current.stated_at])
    if claim.status not in UNSETTLED or this.paid_in_advance_fen:
        return None
    return min(grounds, default=None)


def representative_since(claim: Claim) -> datetime | None:
    """Give since when the oldest request to act for the insured waits."""
    waiting = (r.requested_at for r in claim.representatives if r.status is RepresentativeStatus.REQUESTED)
    return min(waiting, default=None)


class Clock(StrEnum):
    """A time limit that runs against us (reference section 6)."""

    ADJUDICATION = "ADJUDICATION"
    REFUSAL_NOTICE = "REFUSAL_NOTICE"
    PAYMENT = "PAYMENT"
    ADVANCE = "ADVANCE"
    SERVICE_LEVEL = "SERVICE_LEVEL"
    INVESTIGATION = "INVESTIGATION"


_UNDECIDED = frozenset(
    {
        ClaimStatus.AWAITING_DOCS,
        ClaimStatus.IN_REVIEW,
        ClaimStatus.AWAITING_SUPPLEMENT,
        ClaimStatus.INVESTIGATING,
        ClaimStatus.DECIDED,
        ClaimStatus.REOPENED,
    }
)
OVER = frozenset({ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN})


def due_times(claim: Claim) -> dict[Clock, datetime]:
    """Give when each running clock of the current round runs out; one that has not begun, stands still or stopped is
    absent. Earlier rounds have none: their past breaches nothing now. The 3 days of a refusal end with its
    delivery, whatever has become of the claim.
    """
    this, started = claim.round, round_started(claim)
    complete, agreed, decided = this.documents_complete_at, this.agreed_at, this.decided_at
    found: dict[Clock, datetime | None] = {}
    undelivered = refusal_due(claim)
    if undelivered is not None:
        found[Clock.REFUSAL_NOTICE] = undelivered
    if claim.status in OVER:
        return {clock: due for clock, due in found.items() if due is not None}
    if started and claim.status in _UNDECIDED:
        found[Clock.ADJUDICATION] = adjudication_due(started, this.pauses)
    if started and claim.status in UNSETTLED and not this.paid_in_advance_fen:
        found[Clock.ADVANCE] = advance_due(started)
    if complete and this.paid_at is None and this.decision not in REFUSING_DECISIONS:
        found[Clock.SERVICE_LEVEL] = service_level_due(complete)
    if decided and this.decision in REFUSING_DECISIONS and claim.status is ClaimStatus.DECIDED:
        found[Clock.REFUSAL_NOTICE] = refusal_notice_due(decided)
    if agreed and this.paid_at is None:
        found[Clock.PAYMENT] = payment_due(agreed)
    if this.investigate_by and claim.status is ClaimStatus.INVESTIGATING:
        found[Clock.INVESTIGATION] = this.investigate_by
    return {clock: due for clock, due in found.items() if due is not None}


def breach_id(clock: Clock, due: datetime) -> str:
    """Name one run of a clock that ran out; a clock that begins anew is another run."""
    return f"{clock.value}:{due.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def next_clock(claim: Claim) -> datetime | None:
    """Give when the next clock runs out whose end is not recorded yet."""
    return min(
        (due for clock, due in due_times(claim).items() if breach_id(clock, due) not in claim.round.breaches),
        default=None,
    )


def place_of(claim: Claim) -> QueuePlace | None:
    """Give where staff find the claim, by due time; None while it needs nobody."""
    queue = _queue_of(claim)
    if queue is None:
        return None
    this = claim.round
    due = service_level_due(this.documents_complete_at or this.requested_at)
    if queue is Queue.COMPLAINT and claim.complained_at is not None:
        due = service_level_due(claim.complained_at)
    elif queue is Queue.PAYOUT:
        due = payment_due(this.agreed_at or this.requested_at)
    elif claim.status is ClaimStatus.INVESTIGATING and this.investigate_by is not None:
        due = this.investigate_by
    return QueuePlace(queue=queue, due=due)


def _queue_of(claim: Claim) -> Queue | None:
    status, complaint = claim.status, Queue.COMPLAINT if claim.complained_at is not None else None
    if status in OVER:
        return complaint
    if status is ClaimStatus.DECIDED:
        return Queue.ACKNOWLEDGEMENT
    if status is ClaimStatus.INVESTIGATING or (status is ClaimStatus.IN_REVIEW and claim.round.referred_for):
        return Queue.DECISION
    if claim.first_attention:
        paying = status in {ClaimStatus.AGREED, ClaimStatus.PAYING}
        return Queue.PAYOUT if paying else Queue.DECISION
    return complaint
