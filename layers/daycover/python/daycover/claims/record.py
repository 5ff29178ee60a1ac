"""One lawful step of a claim: the claim after it, with all that follows from it, and its line of the history."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from daycover.claims.claim import SYSTEM, Actor, ActorKind, Claim, ClaimChange, HistoryEntry
from daycover.claims.delivery import notice_due
from daycover.claims.due import OVER, advance_since, next_clock, place_of, representative_since
from daycover.claims.exposure import ExposureChange
from daycover.claims.lifecycle import (
    CLAIMANT_EVENTS,
    PAYING_DECISIONS,
    STAFF_EVENTS,
    ClaimEvent,
    ClaimStepClosedError,
    next_status,
)
from daycover.claims.obligation import INSURED, Obligation
from daycover.claims.round import Round
from daycover.claims.sheet import LossSheet


class ExposureForgottenError(TypeError):
    """A step changes what a round holds and does not move the policy's exposure: a mistake of ours."""


CLAIMANTS = frozenset({ActorKind.WORKER, ActorKind.REPRESENTATIVE})


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
    obligation: Obligation | None = None,
    advance: int | None = None,
    moved_fen: int | None = None,
    payout_id: str | None = None,
    exposure: ExposureChange | None = None,
    sheet: LossSheet | None = None,
    notice: str | None = None,
    **changes: Any,
) -> ClaimChange:
    """Give the change that `event` makes; `changes` are fields of the claim or of its current round.

    `sheet` is the next version of the loss sheet. Reasons and the money moved
    stand in the history line; `obligation` is put into the round that owes it, and
    named there. A new assessment gets the next version. A decision that stands, one that falls with its policy,
    and a withdrawal make lapse what was not sent. Raises ClaimStepClosedError where the table has no such step,
    or only a person may take it; ExposureForgottenError where the round needs other room of its policy than it
    holds and `exposure` does not move it.
    """
    if (event in STAFF_EVENTS and by.kind is not ActorKind.STAFF) or (
        event in CLAIMANT_EVENTS and by.kind not in CLAIMANTS
    ):
        raise ClaimStepClosedError(claim_status=claim.status.value)
    if unknown := changes.keys() - Claim.model_fields.keys() - Round.model_fields.keys():
        raise TypeError(f"a claim has no {unknown}")
    if sheet is not None:
        # one more than the last: a round goes on with the sheet of the one before
        sheet = sheet.model_copy(update={"version": claim.round.sheet + 1, "round": claim.round.number})
        changes["sheet"] = sheet.version
    if (found := changes.get("assessment")) is not None and found is not claim.assessment:
        version = claim.assessment.version + 1 if claim.assessment else 1
        update = {"version": version} | ({} if sheet is None else {"sheet": sheet.version})
        changes["assessment"] = found.model_copy(update=update)
    decision = changes.get("decision", claim.decision)
    status = next_status(claim.status, event, decision)
    of_round = {name: value for name, value in changes.items() if name in Round.model_fields}
    of_claim = {name: value for name, value in changes.items() if name not in of_round}
    after = claim.model_copy(update={"status": status, "version": claim.version + 1} | of_claim)
    current = after.round.model_copy(update=of_round)
    if event in _ENDS_UNSENT:
        current = current.without_unsent()
    after = after.model_copy(update={"rounds": after.with_round(current)})
    if obligation is not None:
        after = after.model_copy(update={"rounds": _with_obligations(after, [obligation])})
    if after.round.committed_fen != after.round.holding.fen:
        raise ExposureForgottenError(f"{event} of {claim.claim_no}")
    if (exposure is None) != (after.holding == claim.holding):
        raise ExposureForgottenError(f"{event} of {claim.claim_no}")
    after = after.model_copy(update=_derived(after))
    entry = _entry(after, event, at, by, reason_code=reason_code, reason=reason)
    entry = entry.model_copy(
        update={
            "obligation": obligation.number if obligation else None,
            "advance": obligation.advance if obligation else advance,
            "moved_fen": moved_fen,
            "payout_id": payout_id,
            "sheet": sheet.version if sheet is not None else None,
            "notice": notice,
        }
    )
    return ClaimChange(claim, after, entry, exposure, sheet)


_ENDS_UNSENT = frozenset(
    {ClaimEvent.ACKNOWLEDGED, ClaimEvent.AUTO_APPROVED, ClaimEvent.WITHDRAWN, ClaimEvent.POLICY_ENDED}
)


def unsent_lapsed(current: Round, event: ClaimEvent) -> Round:
    """Give the round as `record` leaves it after `event`, for whoever computes what it then holds."""
    return current.without_unsent() if event in _ENDS_UNSENT else current


def _with_obligations(claim: Claim, changed: Iterable[Obligation]) -> tuple[Round, ...]:
    rounds = claim.rounds
    for obligation in changed:
        owing = claim.round_of(obligation.number)
        update = {"obligations": owing.with_obligations([obligation])}
        rounds = claim.with_round(owing.model_copy(update=update))
    return rounds


def _derived(claim: Claim) -> dict[str, Any]:
    """The fields that stand for what the others say, so that staff's queues and conditions find them."""
    under_way = (o for known in claim.rounds for o in known.obligations if o.is_under_way)
    return {
        "place": place_of(claim),
        "next_clock": next_clock(claim),
        "advance_since": advance_since(claim),
        "notice_due": notice_due(claim),
        "representative_since": representative_since(claim),
        "money_under_way": any(o.payee == INSURED for o in under_way),
        "advance_excess_fen": advance_excess_fen(claim),
    }


def advance_excess_fen(claim: Claim) -> int:
    """Give what was advanced beyond the decision, once the claim is over, in fen."""
    if claim.status not in OVER:
        return 0
    current = claim.round
    decided = (current.amount_fen or 0) if current.decision in PAYING_DECISIONS else 0
    return max(0, current.paid_in_advance_fen - decided)


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
        round=claim.round.number,
    )
