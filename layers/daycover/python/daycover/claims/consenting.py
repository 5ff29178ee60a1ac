"""Giving and withdrawing the consents of a claim: by its insured in the app, by staff for what was said on the phone.

Withdrawing is not giving up the claim and no ground to refuse it. What rests on the consent stops: papers are neither
taken nor opened, the machine does not assess, and a person talks to the claimant. An amount that was agreed is paid,
which rests on the contract (PIPL art. 13), and what the law says must be kept is kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daycover.claims.access import Act, ClaimAccess
from daycover.claims.attention import Attention
from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.consents import Accepted, ClaimConsentKind, ConsentWay, given, standing, withdrawn
from daycover.claims.lifecycle import NOT_DECIDED, ClaimEvent
from daycover.claims.record import record


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageConsents:
    """Every step may be repeated. Raises ClaimNotFoundError (also another person's), ConsentTextChangedError."""

    claims: Claims
    access: ClaimAccess
    now: Callable[[], datetime]

    def give(self, worker_id: str, claim_no: str, accepted: Iterable[Accepted]) -> Claim:
        """The insured, or who represents them, gives consents, each for itself."""
        return self._give_all(self._who(worker_id, claim_no), ConsentWay.APP, claim_no, accepted)

    def give_by_phone(self, staff_id: str, claim_no: str, accepted: Iterable[Accepted]) -> Claim:
        """Staff read the texts out, and record what the claimant said yes to."""
        return self._give_all(Actor.staff(staff_id), ConsentWay.PHONE, claim_no, accepted)

    def withdraw(self, worker_id: str, claim_no: str, kinds: Iterable[ClaimConsentKind]) -> Claim:
        """The insured, or who represents them, withdraws consents; what was done before stays lawful."""
        return self._withdraw_all(self._who(worker_id, claim_no), claim_no, kinds)

    def withdraw_by_phone(self, staff_id: str, claim_no: str, kinds: Iterable[ClaimConsentKind]) -> Claim:
        return self._withdraw_all(Actor.staff(staff_id), claim_no, kinds)

    def _who(self, worker_id: str, claim_no: str) -> Actor:
        """After a death the relatives decide on the data of the dead (PIPL art. 49)."""
        return self.access(worker_id, self.claims.get(claim_no), Act.FILE).actor

    def _give_all(self, by: Actor, way: ConsentWay, claim_no: str, accepted: Iterable[Accepted]) -> Claim:
        claim = self.claims.get(claim_no)
        wanted = tuple(accepted)
        for one in wanted:
            given(claim.consents, one, _name(by), way, self.now())  # all of them, or none
        for one in wanted:
            claim = self._give(by, way, claim_no, one)
        return claim

    def _withdraw_all(self, by: Actor, claim_no: str, kinds: Iterable[ClaimConsentKind]) -> Claim:
        claim = self.claims.get(claim_no)
        for kind in kinds:
            claim = self._withdraw(by, claim_no, kind)
        return claim

    @repeated_on_conflict
    def _give(self, by: Actor, way: ConsentWay, claim_no: str, accepted: Accepted) -> Claim:
        claim, at = self.claims.get(claim_no), self.now()
        if standing(claim.consents, accepted.kind) is not None:
            return claim
        changes: dict[str, Any] = {"consents": given(claim.consents, accepted, _name(by), way, at)}
        is_of_health = accepted.kind is ClaimConsentKind.HEALTH_DATA
        if is_of_health and claim.attention is Attention.CONSENT_WITHDRAWN:
            changes["attention"] = None
        change = record(
            claim, ClaimEvent.CONSENT_GIVEN, at=at, by=by, reason_code=accepted.kind.value, **changes
        )
        self.claims.save(change)
        return change.after

    @repeated_on_conflict
    def _withdraw(self, by: Actor, claim_no: str, kind: ClaimConsentKind) -> Claim:
        claim, at = self.claims.get(claim_no), self.now()
        if standing(claim.consents, kind) is None:
            return claim
        changes: dict[str, Any] = {"consents": withdrawn(claim.consents, kind, _name(by), at)}
        is_needed = kind is ClaimConsentKind.HEALTH_DATA and claim.status in NOT_DECIDED
        if is_needed and claim.attention is None:
            changes["attention"] = Attention.CONSENT_WITHDRAWN
        change = record(claim, ClaimEvent.CONSENT_WITHDRAWN, at=at, by=by, reason_code=kind.value, **changes)
        self.claims.save(change)
        return change.after


def _name(by: Actor) -> str:
    return f"{by.kind}:{by.id}"
