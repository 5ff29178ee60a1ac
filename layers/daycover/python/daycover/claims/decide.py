"""Decide a claim (核定) and acknowledge the decision (复核): two acts of two different people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from daycover.claims.adjudication import DAYS_PER_POLICY
from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.lifecycle import (
    REFUSING_DECISIONS,
    ClaimEvent,
    ClaimStatus,
    ClaimStepClosedError,
    Decision,
)
from daycover.claims.record import record
from daycover.claims.steps import Waits, WaitStep
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


class Verdict(NamedTuple):
    """What an adjuster decides. `amount_fen` None means the assessed amount (APPROVED only)."""

    decision: Decision
    amount_fen: int | None
    reason_code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideClaim:
    claims: Claims
    waits: Waits
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, claim_no: str, verdict: Verdict) -> Claim:
        """Record the decision; the same one again by the same person changes nothing.

        Raises ClaimNotFoundError, ClaimStepClosedError, DecisionAmountError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        if claim.status is ClaimStatus.DECIDED and _same(claim, staff_id, verdict):
            self.waits.settle(claim, WaitStep.DECISION)  # the first time may have died before it told
            return claim
        if claim.status is not ClaimStatus.IN_REVIEW or not claim.referred_for:
            # without a referral the machine is still at it
            raise ClaimStepClosedError(claim_status=claim.status.value)
        amount_fen = granted_fen(claim, verdict)
        at = self.now()
        change = record(
            claim,
            ClaimEvent.DECIDED,
            at=at,
            by=Actor.staff(staff_id),
            reason_code=verdict.reason_code,
            reason=verdict.reason,
            decision=verdict.decision,
            amount_fen=amount_fen,
            decided_by=staff_id,
            decided_at=at,
            attention=None,
        )
        self.claims.save(change)
        self.waits.settle(change.after, WaitStep.DECISION)
        return change.after


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeDecision:
    claims: Claims
    waits: Waits
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, claim_no: str, acknowledged: bool, reason: str | None) -> Claim:
        """Let the decision stand, or send the claim back to review.

        Raises ClaimNotFoundError, ClaimStepClosedError, DecisionBySamePersonError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        if claim.decided_by == staff_id:
            raise DecisionBySamePersonError
        if claim.status is ClaimStatus.ACKNOWLEDGED and acknowledged and claim.acknowledged_by == staff_id:
            self.waits.settle(claim, WaitStep.ACKNOWLEDGEMENT)
            return claim
        by = Actor.staff(staff_id)
        if acknowledged:
            change = record(
                claim, ClaimEvent.ACKNOWLEDGED, at=self.now(), by=by, reason=reason, acknowledged_by=staff_id
            )
        else:
            change = record(claim, ClaimEvent.SENT_BACK, at=self.now(), by=by, reason=reason, **UNDECIDED)
        self.claims.save(change)
        self.waits.settle(change.after, WaitStep.ACKNOWLEDGEMENT)
        return change.after


UNDECIDED: dict[str, Any] = {
    "decision": Decision.PENDING,
    "amount_fen": None,
    "decided_by": None,
    "decided_at": None,
    "acknowledged_by": None,
}
"""The fields of a claim whose decision no longer stands; the history keeps it."""


def granted_fen(claim: Claim, verdict: Verdict) -> int:
    """Give the amount of a verdict in fen. Raises DecisionAmountError."""
    assessed = max(0, (claim.assessment.total_fen if claim.assessment else 0) - claim.paid_before_fen)
    ceiling = ceiling_fen(claim) - claim.paid_before_fen
    if verdict.decision in REFUSING_DECISIONS:
        amount = verdict.amount_fen or 0
        fits = amount == 0
    else:
        may_omit = verdict.decision is Decision.APPROVED
        amount = assessed if verdict.amount_fen is None and may_omit else verdict.amount_fen or 0
        fits = 0 < amount <= ceiling
    if not fits:
        raise DecisionAmountError(decision=verdict.decision.value, maximum_fen=ceiling)
    return amount


def ceiling_fen(claim: Claim) -> int:
    """Give the most that one policy can ever pay, all its benefits together, in fen."""
    benefits = claim.benefits
    daily = benefits.hospital_daily_fen + benefits.lost_income_daily_fen
    return (
        claim.policy.sum_insured_fen
        + benefits.medical_limit_fen
        + benefits.ambulance_limit_fen
        + DAYS_PER_POLICY * daily
    )


def _same(claim: Claim, staff_id: str, verdict: Verdict) -> bool:
    amount_fen = granted_fen(claim, verdict)
    return (claim.decided_by, claim.decision, claim.amount_fen) == (staff_id, verdict.decision, amount_fen)
