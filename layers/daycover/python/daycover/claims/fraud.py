"""Fraud signals (反欺诈信号) of a claim: evidence for a person to weigh, never a decision.

Rule numbers are those of reference section 7. A NOTE stands in the file; a REVIEW also keeps the machine
from approving. Nothing here can refuse a claim.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel

from daycover.claims.clocks import limitation_ends
from daycover.claims.documents import DocumentStatus
from daycover.claims.evidence import ClaimDocument
from daycover.cover.policy import Policy, PolicyStatus


class FraudWeight(StrEnum):
    NOTE = "NOTE"
    REVIEW = "REVIEW"


class FraudSignal(BaseModel, frozen=True, defer_build=True):
    """One finding. `evidence` holds ids and instants, never words of the claimant."""

    rule: str
    weight: FraudWeight
    evidence: tuple[str, ...] = ()
    score: int = 0
    """How unusual it is, up to 100, where a rule counts."""


class Thresholds(BaseModel, frozen=True, defer_build=True):
    """Where plausible ends. Data, so that it can be tuned without touching a rule."""

    near_start: timedelta
    frequent_claims: int
    near_end: timedelta = timedelta(minutes=30)
    same_accident: timedelta = timedelta(hours=24)
    frequency: timedelta = timedelta(days=90)


SAME_ACCIDENT = timedelta(hours=2)
"""How far two reports of one accident may lie apart: people remember the hour (assumption)."""


def timing_signals(
    policy: Policy,
    occurred_at: datetime,
    reported_at: datetime,
    first_treated_at: datetime | None,
    thresholds: Thresholds,
) -> tuple[FraudSignal, ...]:
    """Compare accident, report and first treatment with the period of cover (F1, F2, F19).

    A person looks at every accident soon after the start, however promptly it was reported: who was hurt
    before can still show their face at the gate, and the instant is the claimant's word. At the end of cover
    a report that arrived before the end proves itself.
    """
    found = []
    start, end = policy.period.start, policy.period.end
    if occurred_at < start:  # matched by a person all the same
        found.append(_signal("F1_BEFORE_START", True, occurred_at, start))
    elif occurred_at >= end:
        found.append(_signal("F19_AFTER_END", True, occurred_at, end))
    elif occurred_at - start <= thresholds.near_start:
        found.append(_signal("F1_NEAR_START", True, occurred_at, start))
    if timedelta() < end - occurred_at <= thresholds.near_end and reported_at >= end:
        found.append(_signal("F19_NEAR_END", True, occurred_at, end))
    if first_treated_at is not None and first_treated_at < start:
        found.append(_signal("F2_TREATED_BEFORE_START", True, first_treated_at, start))
    elif first_treated_at is not None and first_treated_at < occurred_at:
        found.append(_signal("F2_TREATED_BEFORE_ACCIDENT", True, first_treated_at, occurred_at))
    if reported_at >= (ends := limitation_ends(occurred_at)):
        found.append(_signal("LIMITATION_PASSED", True, reported_at, ends))
    if policy.status is not PolicyStatus.ISSUED:
        found.append(
            FraudSignal(
                rule="POLICY_NOT_STANDING", weight=FraudWeight.REVIEW, evidence=(policy.status.value,)
            )
        )
    return tuple(found)


def duplicate_invoice(other_claim_no: str) -> FraudSignal:
    """The same invoice stands in another claim (F15)."""
    return FraudSignal(rule="F15_DUPLICATE_INVOICE", weight=FraudWeight.REVIEW, evidence=(other_claim_no,))


def reused_file(other_document: str, *, same_person: bool) -> FraudSignal:
    """The very same file stands in another claim (F16): one bill of several policies, or a borrowed paper."""
    weight = FraudWeight.NOTE if same_person else FraudWeight.REVIEW
    return FraudSignal(rule="F16_REUSED_FILE", weight=weight, evidence=(other_document,))


def unreadable_files(documents: Iterable[ClaimDocument]) -> tuple[FraudSignal, ...]:
    """Papers that count, whose file is no picture and no PDF, or another than it is said to be.

    Nobody has seen them, so what was typed beside them stands alone. A person who accepts one has read it.
    """
    found = tuple(
        document.document_id
        for document in documents
        if document.status is DocumentStatus.RECEIVED and not document.is_readable
    )
    if not found:
        return ()
    return (FraudSignal(rule="UNREADABLE_FILE", weight=FraudWeight.REVIEW, evidence=found),)


def frequent_claims(
    reported_at: datetime, others: Iterable[tuple[str, datetime]], thresholds: Thresholds
) -> tuple[FraudSignal, ...]:
    """The person has claimed often of late (F17); `others` are claim numbers and when they were reported."""
    recent = tuple(number for number, at in others if abs(reported_at - at) <= thresholds.frequency)
    if len(recent) + 1 < thresholds.frequent_claims:
        return ()
    return (FraudSignal(rule="F17_FREQUENT", weight=FraudWeight.REVIEW, evidence=recent),)


WORK_OF_A_HIGHER_CLASS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (6, ("爆破", "高压带电", "潜水")),
    (5, ("脚手架", "吊篮", "塔吊", "高空作业", "拆除", "外墙")),
    (4, ("叉车", "电焊", "焊接", "起重", "送货车", "货车")),
)
"""Words of an accident that speak of more dangerous work (assumption). Only a reason to ask, never to cut:
class disputes are lost in court without inquiry and explanation."""


def occupation_doubt(words: str, occupation_class: int) -> tuple[FraudSignal, ...]:
    """The accident speaks of work above the class that was insured (F14)."""
    for implied, terms in WORK_OF_A_HIGHER_CLASS:
        if implied > occupation_class and any(term in words for term in terms):
            evidence = (f"class {occupation_class}", f"implied {implied}")
            return (FraudSignal(rule="F14_OCCUPATION", weight=FraudWeight.REVIEW, evidence=evidence),)
    return ()


class OtherClaim(NamedTuple):
    """Another claim of the person that was not withdrawn, whatever became of it."""

    claim_no: str
    policy_no: str
    occurred_at: datetime


def same_policy(policy_no: str, others: Iterable[OtherClaim]) -> tuple[FraudSignal, ...]:
    """The policy has another claim (F15): for the same accident, or a second one within its 24 hours."""
    return _linked("SAME_POLICY", (other.claim_no for other in others if other.policy_no == policy_no))


def same_accident(
    policy_no: str, occurred_at: datetime, others: Iterable[OtherClaim], thresholds: Thresholds
) -> tuple[FraudSignal, ...]:
    """Another policy of the person has a claim for about the same time (F15)."""
    near = (
        other.claim_no
        for other in others
        if other.policy_no != policy_no and abs(occurred_at - other.occurred_at) <= thresholds.same_accident
    )
    return _linked("SAME_ACCIDENT", near)


def _linked(rule: str, claim_nos: Iterable[str]) -> tuple[FraudSignal, ...]:
    evidence = tuple(claim_nos)
    return (FraudSignal(rule=rule, weight=FraudWeight.REVIEW, evidence=evidence),) if evidence else ()


def needs_review(signals: Iterable[FraudSignal]) -> tuple[str, ...]:
    """Give the rules that keep the machine from approving, each once."""
    return tuple(dict.fromkeys(signal.rule for signal in signals if signal.weight is FraudWeight.REVIEW))


def _signal(rule: str, review: bool, found: datetime, expected: datetime) -> FraudSignal:
    return FraudSignal(
        rule=rule,
        weight=FraudWeight.REVIEW if review else FraudWeight.NOTE,
        evidence=(found.isoformat(), expected.isoformat()),
    )
