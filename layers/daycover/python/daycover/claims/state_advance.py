"""Pay the certain part of a claim in advance: one person states it, another acknowledges it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.claims.advance import (
    Advance,
    AdvanceAmountError,
    AdvanceGround,
    AdvanceNotDueError,
    AdvanceOpenError,
    AdvanceState,
    advance_number,
    open_advance,
)
from daycover.claims.claim import Actor, Claim, ClaimChange, Claims
from daycover.claims.clocks import advance_due
from daycover.claims.decide import DecisionBySamePersonError, ceiling_fen
from daycover.claims.lifecycle import UNSETTLED, ClaimEvent, ClaimStepClosedError
from daycover.claims.record import record
from daycover.claims.steps import Workflows

Supported = Callable[[Claim], int]
"""What the accepted documents of a claim support, in fen: `AssessClaim.supported_fen`."""


class CertainPart(NamedTuple):
    """What an adjuster states."""

    amount_fen: int
    reason_code: str
    reason: str


def ground_of(claim: Claim, now: datetime) -> AdvanceGround | None:
    """Give why the claim may be paid in advance now, or None.

    Never where the insured has died: who the beneficiaries are, and their shares, come first.
    """
    if claim.goes_to_beneficiaries:
        return None
    started = claim.documents_complete_at
    if claim.undisputed_fen is not None:
        return AdvanceGround.UNDISPUTED
    if started is not None and advance_due(started) <= now:
        return AdvanceGround.SIXTY_DAYS
    return None


def certain_fen(claim: Claim, supported_fen: int, now: datetime) -> int:
    """Give the most that may be advanced, in fen: what is certain, less what was paid or advanced before.

    From day 60 that is what the accepted documents support, after a dispute what was decided; never more than
    the policy can pay.
    """
    certain = 0
    if claim.documents_complete_at is not None and advance_due(claim.documents_complete_at) <= now:
        certain = supported_fen - claim.paid_before_fen
    if claim.undisputed_fen is not None:
        certain = max(certain, claim.undisputed_fen)
    most = min(certain, ceiling_fen(claim) - claim.paid_before_fen)
    return max(0, most - claim.advanced_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAdvance:
    claims: Claims
    supported: Supported
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, claim_no: str, part: CertainPart) -> Claim:
        """Record the certain part; the same one again by the same person changes nothing.

        Raises ClaimNotFoundError, ClaimStepClosedError, AdvanceOpenError, AdvanceNotDueError,
        AdvanceAmountError, ConcurrentChangeError.
        """
        claim, at = self.claims.get(claim_no), self.now()
        current = open_advance(claim.advances)
        if current is not None and _same(current, staff_id, part):
            return claim
        if claim.status not in UNSETTLED:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if current is not None:
            raise AdvanceOpenError(advance=current.number)
        ground = ground_of(claim, at)
        if ground is None:
            raise AdvanceNotDueError
        require_certain(claim, part.amount_fen, self.supported(claim), at)
        advance = Advance(
            number=len(claim.advances) + 1,
            round=claim.reopenings,
            amount_fen=part.amount_fen,
            ground=ground,
            stated_by=staff_id,
            stated_at=at,
        )
        change = record(
            claim,
            ClaimEvent.ADVANCE_STATED,
            at=at,
            by=Actor.staff(staff_id),
            reason_code=part.reason_code,
            reason=part.reason,
            advance=advance.number,
            moved_fen=advance.amount_fen,
            advances=claim.with_advance(advance),
        )
        self.claims.save(change)
        return change.after


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAdvance:
    claims: Claims
    supported: Supported
    workflows: Workflows
    now: Callable[[], datetime]

    def __call__(
        self, staff_id: str, claim_no: str, number: int, acknowledged: bool, reason: str | None
    ) -> Claim:
        """Let the advance be paid, or send it back. Repeating it, also after a crash, pays once.

        Raises ClaimNotFoundError, AdvanceNotFoundError, DecisionBySamePersonError, ClaimStepClosedError,
        AdvanceAmountError, ConcurrentChangeError.
        """
        claim, at = self.claims.get(claim_no), self.now()
        advance = claim.advance(number)
        if advance.stated_by == staff_id:
            raise DecisionBySamePersonError
        if advance.state is AdvanceState.STATED:
            if acknowledged:  # a verdict on a document may have come between
                require_certain(claim, advance.amount_fen, self.supported(claim), at)
            change = answered(claim, advance, staff_id, acknowledged, at=at, reason=reason)
            self.claims.save(change)
            claim = change.after
        elif not (acknowledged and advance.acknowledged_by == staff_id):
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if acknowledged:
            self.workflows.start_payout(claim_no, advance_number(claim_no, number), advance=number)
        return claim


def answered(
    claim: Claim, advance: Advance, staff_id: str, acknowledged: bool, *, at: datetime, reason: str | None
) -> ClaimChange:
    """Give the change that the second person makes."""
    state = AdvanceState.ACKNOWLEDGED if acknowledged else AdvanceState.SENT_BACK
    after = advance.model_copy(update={"state": state, "acknowledged_by": staff_id})
    return record(
        claim,
        ClaimEvent.ADVANCE_ACKNOWLEDGED if acknowledged else ClaimEvent.ADVANCE_SENT_BACK,
        at=at,
        by=Actor.staff(staff_id),
        reason=reason,
        advance=advance.number,
        moved_fen=advance.amount_fen,
        advances=claim.with_advance(after),
    )


def require_certain(claim: Claim, amount_fen: int, supported_fen: int, now: datetime) -> None:
    """Raises AdvanceAmountError."""
    maximum = certain_fen(claim, supported_fen, now)
    if not 0 < amount_fen <= maximum:
        raise AdvanceAmountError(maximum_fen=maximum)


def _same(advance: Advance, staff_id: str, part: CertainPart) -> bool:
    return (advance.stated_by, advance.amount_fen) == (staff_id, part.amount_fen)
