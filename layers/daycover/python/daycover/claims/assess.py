"""Assess a claim: compute it, approve it within the machine's limits, refer everything else to a person."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.claims.adjudication import Assessment, Prior, assess
from daycover.claims.claim import Claim, ClaimChange, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.documents import ClaimType, DocumentStatus
from daycover.claims.evidence import ClaimDocument, Documents, open_questions, proven_loss
from daycover.claims.fraud import (
    SAME_ACCIDENT,
    FraudSignal,
    OtherClaim,
    duplicate_invoice,
    frequent_claims,
    needs_review,
    occupation_doubt,
    reused_file,
    same_accident,
    same_policy,
    unreadable_files,
)
from daycover.claims.frequency import ClaimFrequency
from daycover.claims.lifecycle import PAYING_DECISIONS, REFUSING_DECISIONS, ClaimEvent, ClaimStatus, Decision
from daycover.claims.limits import MachineLimits, limit_reasons
from daycover.claims.record import record

AUTO_APPROVED_TYPES = frozenset(
    {ClaimType.MEDICAL, ClaimType.LOST_INCOME, ClaimType.HOSPITAL, ClaimType.AMBULANCE}
)


class Assessed(NamedTuple):
    """`outcome` is AUTO_APPROVED, REFERRED or WITHDRAWN."""

    outcome: str
    amount_fen: int


SUPPLEMENTED = "SUPPLEMENTED"
"""A person asked for a supplement, so a person decides."""


class Reassessed(NamedTuple):
    """What a claim comes to, computed anew."""

    assessment: Assessment
    signals: tuple[FraudSignal, ...]
    referred_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessClaim:
    """The machine may say yes within its limits; it can never say no (PIPL art. 24). Repeatable."""

    claims: Claims
    documents: Documents
    frequency: ClaimFrequency
    limits: MachineLimits
    now: Callable[[], datetime]

    @repeated_on_conflict
    def __call__(self, claim_no: str) -> Assessed:
        claim = self.claims.get(claim_no)
        if claim.status is ClaimStatus.IN_REVIEW and not claim.referred_for:
            change = self._verdict(claim)
            self.claims.save(change)
            claim = change.after
        if claim.status is ClaimStatus.WITHDRAWN:
            return Assessed("WITHDRAWN", 0)
        # read from the claim, so that a repeated task gives the answer of the first
        assessed = claim.assessment.total_fen if claim.assessment else 0
        if claim.decided_by is None and claim.decision is Decision.APPROVED:
            return Assessed("AUTO_APPROVED", claim.amount_fen or 0)
        return Assessed("REFERRED", assessed)

    def again(self, claim: Claim) -> Reassessed:
        """Compute a claim anew from its supplements, for a person: what the machine did not approve before it
        does not approve now. Writes no more than marks.
        """
        found = self._findings(claim)
        kept = dict.fromkeys((*claim.referred_for, *found.referred_for))
        return found._replace(referred_for=tuple(kept) or (SUPPLEMENTED,))

    def _findings(self, claim: Claim) -> Reassessed:
        documents = self.documents.list_of(claim.claim_no)
        others = self._others(claim)
        assessment = computed(claim, documents, others)
        known = {signal.rule for signal in claim.signals}
        found = self._found(claim, documents, others) + self.frequency.signals(claim, documents)
        signals = claim.signals + tuple(signal for signal in found if signal.rule not in known)
        reasons = referral_reasons(claim, assessment, signals)
        reasons += limit_reasons(claim.claim_no, assessment.total_fen, is_first(others), self.limits)
        reasons += open_questions(documents)
        return Reassessed(assessment, signals, reasons)

    def _verdict(self, claim: Claim) -> ClaimChange:
        assessment, signals, reasons = self._findings(claim)
        at = self.now()
        if reasons:
            return record(
                claim,
                ClaimEvent.REFERRED,
                at=at,
                assessment=assessment,
                signals=signals,
                referred_for=reasons,
            )
        return record(
            claim,
            ClaimEvent.AUTO_APPROVED,
            at=at,
            assessment=assessment,
            signals=signals,
            decision=Decision.APPROVED,
            decided_at=at,
            amount_fen=assessment.total_fen,
            reason_code="WITHIN_TERMS",
        )

    def compute(self, claim: Claim) -> Assessment:
        """Compute a claim from what its documents prove now; writes nothing."""
        return computed(claim, self.documents.list_of(claim.claim_no), self._others(claim))

    def supported_fen(self, claim: Claim) -> int:
        """Give what the documents support that a person has accepted, in fen; writes nothing."""
        documents = self.documents.list_of(claim.claim_no)
        accepted = [document for document in documents if document.status is DocumentStatus.ACCEPTED]
        return computed(claim, accepted, self._others(claim)).total_fen

    def _others(self, claim: Claim) -> list[Claim]:
        return [c for c in self.claims.list_of(claim.policy.person_id) if c.claim_no != claim.claim_no]

    def _found(
        self, claim: Claim, documents: Iterable[ClaimDocument], others: Iterable[Claim]
    ) -> tuple[FraudSignal, ...]:
        documents, others = tuple(documents), tuple(others)
        sharing = {other.claim_no for other in sharing_claims(claim, others)}
        holders = (document.duplicate_of.partition("/")[0] for document in documents if document.duplicate_of)
        duplicates = tuple(
            duplicate_invoice(number)
            for number in dict.fromkeys(holders)
            if number != claim.claim_no and number not in sharing
        )
        standing = [c for c in others if c.status is not ClaimStatus.WITHDRAWN]
        linked = [OtherClaim(c.claim_no, c.policy.policy_no, c.accident.occurred_at) for c in standing]
        thresholds = self.limits.thresholds
        words = claim.accident.place + claim.accident.description
        return (
            duplicates
            + same_policy(claim.policy.policy_no, linked)
            + same_accident(claim.policy.policy_no, claim.accident.occurred_at, linked, thresholds)
            + self._reused(documents, {other.claim_no for other in others})
            + unreadable_files(documents)
            + frequent_claims(claim.reported_at, ((c.claim_no, c.reported_at) for c in standing), thresholds)
            + occupation_doubt(words, claim.policy.occupation_class)
        )

    def _reused(self, documents: Iterable[ClaimDocument], own: Collection[str]) -> tuple[FraudSignal, ...]:
        firsts = dict.fromkeys(d.same_file_as for d in documents if d.same_file_as is not None)
        return tuple(reused_file(first, same_person=first.partition("/")[0] in own) for first in firsts)


def sharing_claims(claim: Claim, others: Iterable[Claim]) -> list[Claim]:
    """Give the person's claims on other policies for the same accident, which share its bills."""
    return [
        other
        for other in others
        if other.policy.policy_no != claim.policy.policy_no
        and other.status is not ClaimStatus.WITHDRAWN
        and other.decision not in REFUSING_DECISIONS
        and abs(claim.accident.occurred_at - other.accident.occurred_at) <= SAME_ACCIDENT
    ]


def computed(claim: Claim, documents: Iterable[ClaimDocument], others: Iterable[Claim]) -> Assessment:
    """Compute the claim. What other policies of the person pay of the same bill counts, whoever pays first.

    Fixed benefits add up over the policies; medical and ambulance never exceed the cost together.
    """
    others = tuple(others)
    sharing = sharing_claims(claim, others)
    loss = proven_loss(claim.claim_types, documents, {other.claim_no for other in sharing})
    lines = [line for other in sharing if other.assessment for line in other.assessment.lines]
    shared = {
        "shared_medical_fen": sum(x.amount_fen for x in lines if x.claim_type is ClaimType.MEDICAL),
        "shared_ambulance_fen": sum(x.amount_fen for x in lines if x.claim_type is ClaimType.AMBULANCE),
    }
    return assess(
        claim.benefits,
        claim.policy.sum_insured_fen,
        loss.model_copy(update=shared),
        paid_before(claim, others),
    )


def referral_reasons(claim: Claim, assessment: Assessment, signals: Iterable[FraudSignal]) -> tuple[str, ...]:
    """Give why a person must decide, whatever the limits are."""
    reasons = list(needs_review(signals))
    if not set(claim.claim_types) <= AUTO_APPROVED_TYPES:
        reasons.append("CLAIM_TYPE")
    if assessment.total_fen <= 0:
        reasons.append("NOTHING_TO_PAY")
    if any(line.amount_fen == 0 for line in assessment.lines):
        reasons.append("BENEFIT_WITHOUT_AMOUNT")  # paying the rest would refuse this one by machine
    return tuple(reasons)


def is_first(others: Iterable[Claim]) -> bool:
    """Whether none of the person's other claims was ever approved."""
    return all(other.decision not in PAYING_DECISIONS for other in others)


def paid_before(claim: Claim, others: Iterable[Claim]) -> Prior:
    """Add up what other claims took from the same policy: agreed, advanced or paid."""
    prior = Prior()
    for other in others:
        if other.policy.policy_no != claim.policy.policy_no or not _counts(other) or not other.assessment:
            continue
        for line in other.assessment.lines:
            prior = _add(prior, line.claim_type, line.amount_fen, line.inputs.get("days_paid", 0))
    return prior


def _counts(claim: Claim) -> bool:
    """Agreed, or advanced: what was let go is gone from the policy's limits."""
    if claim.decision in PAYING_DECISIONS and claim.agreed_at is not None:
        return True
    return claim.advanced_fen > 0 and claim.decision not in REFUSING_DECISIONS


_PRIOR_FIELD = {
    ClaimType.MEDICAL: "medical_fen",
    ClaimType.HOSPITAL: "hospital_days",
    ClaimType.LOST_INCOME: "lost_income_days",
    ClaimType.DISABILITY: "disability_fen",
    ClaimType.DEATH: "death_fen",
    ClaimType.SUDDEN_DEATH: "death_fen",
    ClaimType.AMBULANCE: "ambulance_fen",
}


def _add(prior: Prior, claim_type: ClaimType, amount_fen: int, days: int) -> Prior:
    field = _PRIOR_FIELD[claim_type]
    amount = days if field.endswith("_days") else amount_fen
    return prior.model_copy(update={field: getattr(prior, field) + amount})
