"""Pay the certain part of a claim in advance: one person states it, another acknowledges it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from daycover.claims.advance import (
    Advance,
    AdvanceAmountError,
    AdvanceGround,
    AdvanceNotDueError,
    AdvanceOpenError,
    AdvanceState,
)
from daycover.claims.claim import Actor, Claim, ClaimChange, Claims
from daycover.claims.clocks import advance_due
from daycover.claims.compute import ComputeClaim, Computed
from daycover.claims.decide import DecisionBySamePersonError
from daycover.claims.due import round_started
from daycover.claims.lifecycle import UNSETTLED, ClaimEvent, ClaimStepClosedError
from daycover.claims.obligation import owed_to
from daycover.claims.record import record
from daycover.claims.standing import PolicyNotStandingError, PolicyOf, covers
from daycover.claims.steps import Workflows
from daycover.cover.policy import PolicyNotFoundError

Shares = Callable[[Claim, int], Mapping[str, int]]
"""Says to whom an amount of a claim is owed, in fen by payee: the insured, or its confirmed beneficiaries by share.
Nobody while these are not confirmed."""


class CertainPart(NamedTuple):
    """What an adjuster states."""

    amount_fen: int
    reason_code: str
    reason: str


def ground_of(claim: Claim, now: datetime) -> AdvanceGround | None:
    """Give why the claim may be paid in advance now, or None."""
    started = round_started(claim)
    if claim.round.undisputed_fen is not None:
        return AdvanceGround.UNDISPUTED
    if started is not None and advance_due(started) <= now:
        return AdvanceGround.SIXTY_DAYS
    return None


def certain_fen(claim: Claim, supported: Computed, now: datetime) -> int:
    """Give the most that may be advanced, in fen: what is certain, less what was paid or advanced before.

    From day 60 that is what the loss sheet supports (`supported`), after a dispute what was decided;
    never more than the policy has left.
    """
    certain, started = 0, round_started(claim)
    if started is not None and advance_due(started) <= now:
        certain = supported.proposed_fen
    if claim.round.undisputed_fen is not None:
        certain = max(certain, claim.round.undisputed_fen)
    most = min(certain, supported.most_fen)
    return max(0, most - claim.round.advanced_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAdvance:
    claims: Claims
    compute: ComputeClaim
    shares: Shares
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, claim_no: str, part: CertainPart) -> Claim:
        """Record the certain part; the same one again by the same person changes nothing.

        Raises ClaimNotFoundError, ClaimStepClosedError, AdvanceOpenError, AdvanceNotDueError,
        AdvanceAmountError, ConcurrentChangeError.
        """
        claim, at = self.claims.get(claim_no), self.now()
        current = claim.round.open_advance
        if current is not None and _same(current, staff_id, part):
            return claim
        if claim.status not in UNSETTLED:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if current is not None:
            raise AdvanceOpenError(advance=current.number)
        ground = ground_of(claim, at)
        if ground is None or not self.shares(claim, part.amount_fen):
            raise AdvanceNotDueError
        require_certain(claim, part.amount_fen, self.compute(claim), at)
        advance = Advance(
            number=claim.next_advance,
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
            advances=claim.round.with_advance(advance),
        )
        self.claims.save(change)
        return change.after


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAdvance:
    claims: Claims
    compute: ComputeClaim
    policy_of: PolicyOf
    shares: Shares
    workflows: Workflows
    now: Callable[[], datetime]

    def __call__(
        self, staff_id: str, claim_no: str, number: int, acknowledged: bool, reason: str | None
    ) -> Claim:
        """Let the advance be paid, which takes it of the policy's limits, or send it back. Repeating it, also after
        a crash, pays once.

        Raises ClaimNotFoundError, AdvanceNotFoundError, DecisionBySamePersonError, ClaimStepClosedError,
        AdvanceNotDueError, AdvanceAmountError, PolicyNotStandingError, ConcurrentChangeError.
        """
        claim, at = self.claims.get(claim_no), self.now()
        advance = claim.round.advance(number)
        if advance.stated_by == staff_id:
            raise DecisionBySamePersonError
        if advance.state is AdvanceState.STATED:
            by = Actor.staff(staff_id)
            if acknowledged:
                change = self._acknowledged(claim, advance, by, at, reason)
            else:
                change = _sent_back(claim, advance, by, at, reason)
            self.claims.save(change)
            claim = change.after
        elif not (acknowledged and advance.acknowledged_by == staff_id):
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if acknowledged:
            self.workflows.start_payout(claim_no, f"{claim_no}-A{number}", advance=number)
        return claim

    def _acknowledged(
        self, claim: Claim, advance: Advance, by: Actor, at: datetime, reason: str | None
    ) -> ClaimChange:
        policy = self.policy_of(claim)
        if policy is None:
            raise PolicyNotFoundError
        if not covers(policy, claim.accident.occurred_at):
            raise PolicyNotStandingError(policy_status=policy.status.value)
        supported = self.compute(claim)  # a verdict on a document may have come between
        require_certain(claim, advance.amount_fen, supported, at)
        owed = owed_to(
            self.shares(claim, advance.amount_fen),
            first_number=claim.next_obligation,
            advance=advance.number,
        )
        if not owed:
            raise AdvanceNotDueError
        update = {"state": AdvanceState.ACKNOWLEDGED, "acknowledged_by": by.id}
        changes: dict[str, Any] = {
            "advances": claim.round.with_advance(advance.model_copy(update=update)),
            "obligations": claim.round.with_obligations(owed),
            "policy_status": policy.status,
        }
        hold = supported.held(claim.round.model_copy(update=changes))
        if hold is None:
            raise AdvanceAmountError(maximum_fen=certain_fen(claim, supported, at))
        return record(
            claim,
            ClaimEvent.ADVANCE_ACKNOWLEDGED,
            at=at,
            by=by,
            reason=reason,
            advance=advance.number,
            moved_fen=advance.amount_fen,
            holding=hold.holding,
            exposure=hold.exposure,
            **changes,
        )


def _sent_back(claim: Claim, advance: Advance, by: Actor, at: datetime, reason: str | None) -> ClaimChange:
    update = {"state": AdvanceState.SENT_BACK, "acknowledged_by": by.id}
    return record(
        claim,
        ClaimEvent.ADVANCE_SENT_BACK,
        at=at,
        by=by,
        reason=reason,
        advance=advance.number,
        moved_fen=advance.amount_fen,
        advances=claim.round.with_advance(advance.model_copy(update=update)),
    )


def require_certain(claim: Claim, amount_fen: int, supported: Computed, now: datetime) -> None:
    """Raises AdvanceAmountError."""
    maximum = certain_fen(claim, supported, now)
    if not 0 < amount_fen <= maximum:
        raise AdvanceAmountError(maximum_fen=maximum)


def _same(advance: Advance, staff_id: str, part: CertainPart) -> bool:
    return (advance.stated_by, advance.amount_fen) == (staff_id, part.amount_fen)
