"""One lawful step of a claim: the claim after it, with all that follows from it, and its line of the history."""

from datetime import datetime
from typing import Any

from daycover.claims.advance import AdvanceState, lapsed
from daycover.claims.claim import SYSTEM, Actor, ActorKind, Claim, ClaimChange, HistoryEntry
from daycover.claims.due import OVER, advance_since, next_clock, paid_in_advance, place_of
from daycover.claims.lifecycle import (
    CLAIMANT_EVENTS,
    PAYING_DECISIONS,
    STAFF_EVENTS,
    ClaimEvent,
    ClaimStatus,
    ClaimStepClosedError,
    next_status,
)


def opening(claim: Claim, by: Actor) -> HistoryEntry:
    """Give the first line of a claim's history."""
    return _entry(claim, ClaimEvent.REGISTERED, claim.reported_at, by)


def record(
    claim: Claim,
    event: ClaimEvent,
    *,
    at: datetime,
    by: Actor = SYSTEM,
    reason_code: str | None = None,
    reason: str | None = None,
    advance: int | None = None,
    moved_fen: int | None = None,
    payout_id: str | None = None,
    **changes: Any,
) -> ClaimChange:
    """Give the change that `event` makes; `changes` are the claim's fields it sets.

    Reasons and the money moved stand in the history line. A new assessment gets the next version. A decision
    that stands, or a withdrawal, makes the advances lapse that were not sent. Raises ClaimStepClosedError where
    the table has no such step, or only a person may take it.
    """
    if (event in STAFF_EVENTS and by.kind is not ActorKind.STAFF) or (
        event in CLAIMANT_EVENTS and by.kind is not ActorKind.WORKER
    ):
        raise ClaimStepClosedError(claim_status=claim.status.value)
    if unknown := changes.keys() - Claim.model_fields.keys():
        raise TypeError(f"a claim has no {unknown}")
    if (found := changes.get("assessment")) is not None and found is not claim.assessment:
        version = claim.assessment.version + 1 if claim.assessment else 1
        changes["assessment"] = found.model_copy(update={"version": version})
    decision = changes.get("decision", claim.decision)
    status = next_status(claim.status, event, decision)
    after = claim.model_copy(update=changes | {"status": status, "version": claim.version + 1})
    if status is not claim.status and status in _ENDS_ADVANCES:
        after = after.model_copy(update={"advances": lapsed(after.advances, after.reopenings)})
    after = after.model_copy(update=_derived(after))
    entry = _entry(after, event, at, by, reason_code=reason_code, reason=reason)
    entry = entry.model_copy(update={"advance": advance, "moved_fen": moved_fen, "payout_id": payout_id})
    return ClaimChange(claim, after, entry)


_ENDS_ADVANCES = frozenset({ClaimStatus.ACKNOWLEDGED, ClaimStatus.WITHDRAWN})


def _derived(claim: Claim) -> dict[str, Any]:
    """The fields that stand for what the others say, so that staff's queues and conditions find them."""
    paying = (a.number for a in claim.advances if a.state is AdvanceState.PAYING)
    return {
        "place": place_of(claim),
        "next_clock": next_clock(claim),
        "advance_since": advance_since(claim),
        "paying_advance": next(paying, None),
        "advance_excess_fen": advance_excess_fen(claim),
    }


def advance_excess_fen(claim: Claim) -> int:
    """Give what was advanced beyond the decision, once the claim is over, in fen."""
    if claim.status not in OVER:
        return 0
    decided = (claim.amount_fen or 0) if claim.decision in PAYING_DECISIONS else 0
    return max(0, paid_in_advance(claim) - decided)


def _entry(
    claim: Claim,
    event: ClaimEvent,
    at: datetime,
    by: Actor,
    *,
    reason_code: str | None = None,
    reason: str | None = None,
) -> HistoryEntry:
    return HistoryEntry(
        claim_no=claim.claim_no,
        version=claim.version,
        event=event,
        status=claim.status,
        decision=claim.decision,
        at=at,
        by=by,
        reason_code=reason_code,
        reason=reason,
    )
