"""Assess a claim: compute it, approve it within the machine's limits, refer everything else to a person."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from daycover.china_time import china_day
from daycover.claims.adjudication import Assessment
from daycover.claims.checked import bill_signals, unverified
from daycover.claims.claim import Claim, ClaimChange, Claims
from daycover.claims.compute import ComputeClaim, Computed
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.consents import ClaimConsentKind, is_withdrawn
from daycover.claims.documents import ClaimType
from daycover.claims.evidence import ClaimDocument
from daycover.claims.fraud import (
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
from daycover.claims.lifecycle import PAYING_DECISIONS, ClaimEvent, ClaimStatus, Decision
from daycover.claims.limits import MachineLimits, limit_reasons
from daycover.claims.notice import NoticeFact, NoticeKind, notice_number
from daycover.claims.record import record, unsent_lapsed
from daycover.claims.sheet import LossSheet
from daycover.claims.spending import AutomaticSpending, cap_reasons, is_capped, spending_of
from daycover.claims.standing import POLICY_UNREADABLE, PolicyOf, standing_signal
from daycover.claims.terms import findings as term_findings
from daycover.cover.policy import PolicyStatus

AUTO_APPROVED_TYPES = frozenset(
    {ClaimType.MEDICAL, ClaimType.LOST_INCOME, ClaimType.HOSPITAL, ClaimType.AMBULANCE}
)


class Assessed(NamedTuple):
    """`outcome` is AUTO_APPROVED, REFERRED, CAPPED (referred because a day's cap was reached) or WITHDRAWN."""

    outcome: str
    amount_fen: int


SUPPLEMENTED = "SUPPLEMENTED"
"""A person asked for a supplement, so a person decides."""
NO_ROOM = "LIMIT_REACHED"
"""The policy has no room for what was computed: reason code."""


CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
"""The claimant withdrew the consent to use health data: reason code."""


class Reassessed(NamedTuple):
    """What a claim comes to, computed anew."""

    assessment: Assessment
    signals: tuple[FraudSignal, ...]
    referred_for: tuple[str, ...]
    policy_status: PolicyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessClaim:
    """The machine may say yes within its limits; it can never say no (PIPL art. 24). Repeatable."""

    claims: Claims
    compute: ComputeClaim
    policy_of: PolicyOf
    frequency: ClaimFrequency
    spending: AutomaticSpending
    limits: MachineLimits
    now: Callable[[], datetime]

    @repeated_on_conflict
    def __call__(self, claim_no: str) -> Assessed:
        claim = self.claims.get(claim_no)
        without_consent = is_withdrawn(claim.consents, ClaimConsentKind.HEALTH_DATA)
        is_referred = claim.round.referred_for and (claim.assessment or without_consent)
        if claim.status is ClaimStatus.IN_REVIEW and not is_referred:
            change = self._handed_over(claim) if without_consent else self._verdict(claim)
            self.claims.save(change)
            claim = change.after
        if claim.status is ClaimStatus.WITHDRAWN:
            return Assessed("WITHDRAWN", 0)
        # read from the claim, so that a repeated task gives the answer of the first
        assessed = claim.assessment.total_fen if claim.assessment else 0
        if claim.round.decided_by is None and claim.decision is Decision.APPROVED:
            return Assessed("AUTO_APPROVED", claim.amount_fen or 0)
        return Assessed("CAPPED" if is_capped(claim.round.referred_for) else "REFERRED", assessed)

    def _handed_over(self, claim: Claim) -> ClaimChange:
        """The claimant withdrew their consent: nothing is computed, a person talks to them."""
        return record(claim, ClaimEvent.REFERRED, at=self.now(), referred_for=(CONSENT_WITHDRAWN,))

    def again(self, claim: Claim, sheet: LossSheet | None = None) -> Reassessed:
        """Compute a claim anew from its supplements, for a person: what the machine did not approve before it
        does not approve now. Writes no more than marks. `sheet` is about to become the claim's.
        """
        found = self._findings(claim, self.compute(claim, sheet))
        kept = dict.fromkeys((*claim.round.referred_for, *found.referred_for))
        return found._replace(referred_for=tuple(kept) or (SUPPLEMENTED,))

    def _findings(self, claim: Claim, computed: Computed) -> Reassessed:
        policy, documents = self.policy_of(claim), computed.documents
        known = {signal.rule for signal in claim.signals}
        found = self._found(claim, computed) + bill_signals(documents)
        found += self.frequency.signals(claim, documents, computed.sheet)
        found += standing_signal(policy) if policy is not None else ()
        signals = claim.signals + tuple(signal for signal in found if signal.rule not in known)
        reasons = claim.round.referred_for
        reasons += referral_reasons(claim, computed.assessment, signals)
        chance = f"{claim.claim_no}|{claim.reported_at.isoformat()}"  # nobody chooses the microsecond
        total_fen = computed.assessment.total_fen
        reasons += limit_reasons(chance, total_fen, is_first(computed.others), self.limits)
        reasons += unverified(documents, computed.sheet)
        terms = term_findings(computed.sheet, china_day(claim.accident.occurred_at))
        reasons += tuple(finding.term.value for finding in terms)
        if policy is None:
            reasons += (POLICY_UNREADABLE,)
        status = policy.status if policy is not None else claim.round.policy_status
        return Reassessed(computed.assessment, signals, tuple(dict.fromkeys(reasons)), status)

    def _verdict(self, claim: Claim) -> ClaimChange:
        computed = self.compute(claim)
        assessment, signals, reasons, policy_status = self._findings(claim, computed)
        at = self.now()
        approved: dict[str, Any] = {
            "decision": Decision.APPROVED,
            "decided_at": at,
            "acknowledged_at": at,
            "automatic_at": at,
            "amount_fen": computed.proposed_fen,
            "automatic_fen": computed.proposed_fen,
            "policy_status": policy_status,
        }
        reasons = reasons or self._caps_reached(claim, at, computed.proposed_fen)
        current = claim.round.model_copy(update=approved)
        hold = None if reasons else computed.held(unsent_lapsed(current, ClaimEvent.AUTO_APPROVED))
        if hold is None:
            return record(
                claim,
                ClaimEvent.REFERRED,
                at=at,
                assessment=assessment,
                signals=signals,
                referred_for=reasons or (NO_ROOM,),
                policy_status=policy_status,
            )
        made = claim.round.notices
        notice = (
            NoticeFact(  # its text is rendered from the assessment, so that the machine stores no document
                number=notice_number(claim.claim_no, claim.round.number, made),
                kind=NoticeKind.RESULT,
                made_at=at,
                told_by=claim.version + 1,
                assessment=claim.assessment.version + 1 if claim.assessment else 1,
            )
        )
        change = record(
            claim,
            ClaimEvent.AUTO_APPROVED,
            at=at,
            assessment=assessment,
            signals=signals,
            reason_code="WITHIN_TERMS",
            notice=notice.number,
            notices=(*made, notice),
            holding=hold.holding,
            exposure=hold.exposure,
            **approved,
        )
        policy = claim.policy
        return change._replace(
            spending=spending_of(
                china_day(at), policy.project_id, policy.company_id, computed.proposed_fen, self.limits
            )
        )

    def _caps_reached(self, claim: Claim, at: datetime, amount_fen: int) -> tuple[str, ...]:
        """Cost: 3 read units, for what nothing else keeps from being approved."""
        spent = self.spending.spent(china_day(at), claim.policy.project_id, claim.policy.company_id)
        return cap_reasons(spent, amount_fen, self.limits)

    def _found(self, claim: Claim, computed: Computed) -> tuple[FraudSignal, ...]:
        documents, others = computed.documents, computed.others
        sharing = {o.claim_no for o in others if o.policy.policy_no != claim.policy.policy_no}
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
    return all(known.decision not in PAYING_DECISIONS for other in others for known in other.rounds)
