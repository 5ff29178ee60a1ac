"""Fraud signals (反欺诈信号) of a claim: evidence for a person to weigh, never a decision.

Rule numbers are those of reference section 7. A NOTE stands in the file; a REVIEW also keeps the machine
from approving. Nothing here can refuse a claim.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel

from daycover.claims.clocks import limitation_ends
from daycover.cover.policy import Policy, PolicyStatus


class Weight(StrEnum):
    NOTE = "NOTE"
    REVIEW = "REVIEW"


class FraudSignal(BaseModel, frozen=True):
    """One finding. `evidence` holds ids and instants, never words of the claimant."""

    rule: str
    weight: Weight
    evidence: tuple[str, ...] = ()


class Thresholds(BaseModel, frozen=True):
    """Where plausible ends. Data, so that it can be tuned without touching a rule."""

    near_start: timedelta = timedelta(minutes=60)
    near_end: timedelta = timedelta(minutes=30)
    prompt_report: timedelta = timedelta(hours=24)
    same_accident: timedelta = timedelta(hours=24)


THRESHOLDS = Thresholds()


def timing_signals(
    policy: Policy,
    occurred_at: datetime,
    reported_at: datetime,
    first_treated_at: datetime | None,
    thresholds: Thresholds = THRESHOLDS,
) -> tuple[FraudSignal, ...]:
    """Compare accident, report and first treatment with the period of cover (F1, F2, F19).

    An accident soon after the start is only noted when it was reported promptly: the work card saw the
    worker's face at the gate minutes before, so cover and accident can't have changed places. Reported
    late, the same instant could have been chosen at leisure, and a person looks at it. The same holds at
    the end of cover: a report that arrived before the end proves itself.
    """
    found = []
    start, end = policy.period.start, policy.period.end
    prompt = reported_at - occurred_at <= thresholds.prompt_report
    if occurred_at - start <= thresholds.near_start:
        found.append(_signal("F1_NEAR_START", not prompt, occurred_at, start))
    if end - occurred_at <= thresholds.near_end and reported_at >= end:
        found.append(_signal("F19_NEAR_END", True, occurred_at, end))
    if first_treated_at is not None and first_treated_at < start:
        found.append(_signal("F2_TREATED_BEFORE_START", True, first_treated_at, start))
    elif first_treated_at is not None and first_treated_at < occurred_at:
        found.append(_signal("F2_TREATED_BEFORE_ACCIDENT", True, first_treated_at, occurred_at))
    if reported_at >= (ends := limitation_ends(occurred_at)):
        found.append(_signal("LIMITATION_PASSED", True, reported_at, ends))
    if policy.status is not PolicyStatus.ISSUED:
        found.append(
            FraudSignal(rule="POLICY_NOT_STANDING", weight=Weight.REVIEW, evidence=(policy.status.value,))
        )
    return tuple(found)


def duplicate_invoice(other_claim_no: str) -> FraudSignal:
    """The same invoice stands in another claim (F15)."""
    return FraudSignal(rule="F15_DUPLICATE_INVOICE", weight=Weight.REVIEW, evidence=(other_claim_no,))


def similar_claims(claim_nos: Iterable[str]) -> tuple[FraudSignal, ...]:
    """The person claims the same kind of benefit for about the same time (F15)."""
    return tuple(
        FraudSignal(rule="F15_SIMILAR_CLAIM", weight=Weight.REVIEW, evidence=(claim_no,))
        for claim_no in claim_nos
    )


def needs_review(signals: Iterable[FraudSignal]) -> tuple[str, ...]:
    """Give the rules that keep the machine from approving, each once."""
    return tuple(dict.fromkeys(signal.rule for signal in signals if signal.weight is Weight.REVIEW))


def _signal(rule: str, review: bool, found: datetime, expected: datetime) -> FraudSignal:
    return FraudSignal(
        rule=rule,
        weight=Weight.REVIEW if review else Weight.NOTE,
        evidence=(found.isoformat(), expected.isoformat()),
    )
