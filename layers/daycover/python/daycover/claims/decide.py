"""Decide a claim (核定) and acknowledge the decision (复核): two acts of two different people.

Both read the policy again and compute anew where its exposure has moved since the assessment: between the two,
another claim may have taken the limit, or the policy may have been voided.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from daycover.claims.claim import Actor, Claim, ClaimChange, Claims
from daycover.claims.compute import ComputeClaim, Computed
from daycover.claims.consents import ClaimConsentKind, HealthConsentWithdrawnError, is_withdrawn
from daycover.claims.documents import ClaimType
from daycover.claims.exposure import fall
from daycover.claims.lifecycle import (
    PAYING_DECISIONS,
    REFUSING_DECISIONS,
    ClaimEvent,
    ClaimStatus,
    ClaimStepClosedError,
    Decision,
)
from daycover.claims.notice import NoticeKind
from daycover.claims.notice_text import decision_notice, fact_of
from daycover.claims.record import record, unsent_lapsed
from daycover.claims.standing import PolicyNotStandingError, PolicyOf, covers
from daycover.claims.steps import Waits, WaitStep
from daycover.claims.undecided import UNDECIDED
from daycover.cover.policy import PolicyNotFoundError, PolicyStatus
from daycover.errors import DaycoverError, ErrorKind


class DecisionBySamePersonError(DaycoverError):
    """Whoever decided cannot acknowledge.

    What to do: Have another person with the duty acknowledge.
    含义:作出决定的人不能自己复核。
    处理:由另一位有职责的人复核。
    """

    kind = ErrorKind.CONFLICT
    title = "复核人不能是核定人", "The same person may not decide and acknowledge"
    detail = "请由另一位有权限的人员复核。", "Another person with the duty must acknowledge."


class DecisionAmountError(DaycoverError):
    """The amount does not fit the decision.

    The amount does not fit the decision, or exceeds what the policy can pay.

    What to do: 0 for a refusal; above 0 and at most `maximum_fen` for a payment.
    含义:金额与决定不符。
    处理:拒赔为 0;赔付大于 0 且不超过 `maximum_fen`。
    """

    kind = ErrorKind.INVALID
    title = "金额与核定结论不符", "The amount does not fit the decision"
    detail = (
        "拒赔或不予立案的金额须为 0;赔付金额须大于 0 且不超过 {maximum_fen} 分。",
        "A refusal has the amount 0; a payment is above 0 and at most {maximum_fen} fen.",
    )


class ExposureMovedError(DaycoverError):
    """What the policy has left has changed since the claim was assessed, so it was computed anew.

    Another claim of the policy, or of another policy with the same bill, was decided or paid in between. The
    claim is in review with the new assessment.

    What to do: Read the new assessment and decide on it.
    含义:核定前保单剩余额度已变化(同一保单的其他赔案,或同一票据在其他保单已核定或赔付),赔案已重新理算。
    处理:查看新的理算结果后再作核定。
    """

    kind = ErrorKind.CONFLICT
    title = "保单剩余额度已变化,已重新理算", "The policy's limits have moved: the claim was computed anew"
    detail = (
        "现算得 {assessed_fen} 分(此前 {assessed_before_fen} 分)。请核对后重新核定。",
        "It now comes to {assessed_fen} fen ({assessed_before_fen} before). Decide again on that.",
    )


class Verdict(NamedTuple):
    """What an adjuster decides. `amount_fen` None means the assessed amount (APPROVED only); `benefits` say how it
    falls on them, in fen, else it falls as it was assessed."""

    decision: Decision
    amount_fen: int | None
    reason_code: str
    reason: str
    benefits: Mapping[ClaimType, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgain:
    """Reads what a decision rests on once more, right before it is made or let stand."""

    claims: Claims
    compute: ComputeClaim
    policy_of: PolicyOf
    waits: Waits
    now: Callable[[], datetime]

    def exposure(self, claim: Claim) -> Computed:
        """Give the claim computed anew. Where that changes it, it is saved as in review with it.

        Raises ExposureMovedError, ConcurrentChangeError.
        """
        computed = self.compute(claim)
        known = claim.assessment
        moved = known is not None and (
            computed.assessment.exposures != known.exposures
            or {line.claim_type for line in known.lines} != set(claim.claim_types)
        )
        if not moved or computed.assessment.same_as(known):
            return computed
        undecided = UNDECIDED if claim.status is ClaimStatus.DECIDED else {}
        change = record(
            claim,
            ClaimEvent.REASSESSED,
            at=self.now(),
            reason_code="EXPOSURE_MOVED",
            assessment=computed.assessment,
            **undecided,
        )
        self.claims.save(change)
        self.waits.settle(change.after, WaitStep.ACKNOWLEDGEMENT)
        before = claim.held_before
        raise ExposureMovedError(
            assessed_fen=computed.proposed_fen,
            assessed_before_fen=sum(
                max(0, line.amount_fen - before.of(line.claim_type).fen)
                for line in (known.lines if known else ())
            ),
        )

    def policy(self, claim: Claim, decision: Decision) -> PolicyStatus:
        """Give how the policy stands. Raises PolicyNotStandingError where a payment could not rest on it, and
        PolicyNotFoundError where it can't be read."""
        policy = self.policy_of(claim)
        if decision not in PAYING_DECISIONS:
            return policy.status if policy else claim.round.policy_status
        if policy is None:
            raise PolicyNotFoundError
        if not covers(policy, claim.accident.occurred_at):
            raise PolicyNotStandingError(policy_status=policy.status.value)
        return policy.status


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideClaim:
    claims: Claims
    look: LookAgain
    waits: Waits
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, claim_no: str, verdict: Verdict) -> Claim:
        """Record the decision; the same one again by the same person changes nothing.

        Raises ClaimNotFoundError, ClaimStepClosedError, DecisionAmountError, ExposureMovedError,
        PolicyNotStandingError, HealthConsentWithdrawnError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        if claim.status is ClaimStatus.DECIDED and _same(claim, staff_id, verdict):
            self.waits.settle(claim, WaitStep.DECISION)  # the first time may have died before it told
            return claim
        if claim.status is not ClaimStatus.IN_REVIEW or not claim.round.referred_for:
            # without a referral the machine is still at it
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if verdict.decision in REFUSING_DECISIONS and is_withdrawn(
            claim.consents, ClaimConsentKind.HEALTH_DATA
        ):
            raise HealthConsentWithdrawnError
        policy_status = self.look.policy(claim, verdict.decision)
        parts = decided_parts(self.look.exposure(claim), verdict)
        at = self.now()
        change = record(
            claim,
            ClaimEvent.DECIDED,
            at=at,
            by=Actor.staff(staff_id),
            reason_code=verdict.reason_code,
            reason=verdict.reason,
            decision=verdict.decision,
            amount_fen=sum(parts.values()),
            granted=tuple(parts.items()),
            policy_status=policy_status,
            decided_by=staff_id,
            decided_at=at,
            attention=None,
        )
        self.claims.save(change)
        self.waits.settle(change.after, WaitStep.DECISION)
        return change.after


_STANDS = frozenset(
    {
        ClaimStatus.ACKNOWLEDGED,
        ClaimStatus.AGREED,
        ClaimStatus.PAYING,
        ClaimStatus.PAID,
        ClaimStatus.CLOSED,
    }
)
"""Where a claim may stand whose decision was acknowledged: a refusal is closed within the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeDecision:
    claims: Claims
    look: LookAgain
    waits: Waits
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, claim_no: str, acknowledged: bool, reason: str | None) -> Claim:
        """Let the decision stand, which takes its amount of the policy's limits, or send the claim back to review.

        The same person's yes again changes nothing, also where the workflow has gone on since.

        Raises ClaimNotFoundError, ClaimStepClosedError, DecisionBySamePersonError, ExposureMovedError,
        PolicyNotStandingError, DecisionAmountError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        if claim.round.decided_by == staff_id:
            raise DecisionBySamePersonError
        if acknowledged and claim.status in _STANDS and claim.round.acknowledged_by == staff_id:
            if claim.status is ClaimStatus.ACKNOWLEDGED:
                self.waits.settle(claim, WaitStep.ACKNOWLEDGEMENT)
            return claim
        if claim.status is not ClaimStatus.DECIDED:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if acknowledged:
            change = self._acknowledged(claim, staff_id, reason)
        else:
            by = Actor.staff(staff_id)
            change = record(claim, ClaimEvent.SENT_BACK, at=self.now(), by=by, reason=reason, **UNDECIDED)
        self.claims.save(change)
        self.waits.settle(change.after, WaitStep.ACKNOWLEDGEMENT)
        return change.after

    def _acknowledged(self, claim: Claim, staff_id: str, reason: str | None) -> ClaimChange:
        at, current = self.now(), claim.round
        status = self.look.policy(claim, claim.decision)
        if claim.decision in PAYING_DECISIONS and status is not current.policy_status:
            raise PolicyNotStandingError(policy_status=status.value)  # whoever decided did not know
        computed = self.look.exposure(claim)
        standing: dict[str, Any] = {
            "acknowledged_by": staff_id,
            "acknowledged_at": at,
            "undisputed_fen": None,
        }
        hold = computed.held(unsent_lapsed(current.model_copy(update=standing), ClaimEvent.ACKNOWLEDGED))
        if hold is None:
            maximum = computed.most_fen
            raise DecisionAmountError(decision=claim.decision.value, maximum_fen=maximum)
        notice = decision_notice(
            claim, falls_on(claim, computed), computed.proposed, self._words_of(claim), at
        )
        is_refusal = notice.kind is NoticeKind.REFUSAL  # which its own line tells of
        fact = fact_of(notice, None if is_refusal else claim.version + 1)
        change = record(
            claim,
            ClaimEvent.ACKNOWLEDGED,
            at=at,
            by=Actor.staff(staff_id),
            reason=reason,
            holding=hold.holding,
            exposure=hold.exposure,
            notice=notice.number,
            notices=(*current.notices, fact),
            **standing,
        )
        return change._replace(notice=notice)

    def _words_of(self, claim: Claim) -> str | None:
        """What the adjuster said of the decision; the history has it."""
        decided = (e for e in self.claims.history(claim.claim_no) if e.event is ClaimEvent.DECIDED)
        last = max(decided, key=lambda entry: entry.version, default=None)
        return last.reason if last else None


def decided_parts(computed: Computed, verdict: Verdict) -> dict[ClaimType, int]:
    """Give the amount of a verdict by benefit, in fen; nothing for a refusal. Raises DecisionAmountError."""
    parts: dict[ClaimType, int] | None
    if verdict.decision in REFUSING_DECISIONS:
        parts = {} if not verdict.amount_fen else None
    else:
        may_omit = verdict.decision is Decision.APPROVED
        assessed = computed.proposed_fen
        amount = assessed if verdict.amount_fen is None and may_omit else verdict.amount_fen or 0
        parts = fall(amount, computed.proposed, computed.room, verdict.benefits) if amount > 0 else None
    if parts is None:
        raise DecisionAmountError(decision=verdict.decision.value, maximum_fen=computed.most_fen)
    return parts


def falls_on(claim: Claim, computed: Computed) -> dict[ClaimType, int]:
    """Say on which benefits the decided amount falls, in fen; empty for a refusal."""
    granted = {ClaimType(t): fen for t, fen in claim.round.granted}
    return fall(claim.amount_fen or 0, computed.proposed, computed.room, granted or None) or {}


def _same(claim: Claim, staff_id: str, verdict: Verdict) -> bool:
    current = claim.round
    amount_fen = current.amount_fen if verdict.amount_fen is None else verdict.amount_fen
    same = (current.decided_by, current.decision, current.amount_fen) == (
        staff_id,
        verdict.decision,
        amount_fen,
    )
    stated = verdict.benefits
    return same and (stated is None or dict(current.granted) == {t: fen for t, fen in stated.items() if fen})
