"""Who works on a claim (分配): taken, given back, handed over. It keeps nobody else from acting; it tells them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.claims.claim import Actor, Assignment, Claim, Claims, ClaimTakenError
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.record import record
from daycover.errors import ConcurrentChangeError


class Assigner(NamedTuple):
    """Who asks; `is_senior` may hand over what a colleague has."""

    staff_id: str
    is_senior: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignClaim:
    """POST /v1/staff/claims/{claim_no}/assignment. Repeating changes nothing."""

    claims: Claims
    now: Callable[[], datetime]

    def hand_to(self, by: Assigner, claim_no: str, staff_id: str) -> Claim:
        """Give the claim to somebody, to oneself as well.

        Of two who take it at once one has it. Raises ClaimTakenError, ClaimNotFoundError.
        """
        claim = self.claims.get(claim_no)
        if claim.assignee == staff_id:
            return claim
        self._check(by, claim)
        queue = claim.place.queue if claim.place else None
        return self._save(by, claim, ClaimEvent.ASSIGNED, Assignment(staff_id=staff_id, queue=queue))

    def give_back(self, by: Assigner, claim_no: str) -> Claim:
        """Let it be nobody's. Raises ClaimTakenError, ClaimNotFoundError."""
        claim = self.claims.get(claim_no)
        if claim.assignee is None:
            return claim
        self._check(by, claim)
        return self._save(by, claim, ClaimEvent.GIVEN_BACK, None)

    def _check(self, by: Assigner, claim: Claim) -> None:
        if claim.assignee not in {None, by.staff_id} and not by.is_senior:
            raise ClaimTakenError

    def _save(self, by: Assigner, claim: Claim, event: ClaimEvent, assignment: Assignment | None) -> Claim:
        change = record(
            claim,
            event,
            at=self.now(),
            by=Actor.staff(by.staff_id),
            reason_code=assignment.staff_id if assignment else None,
            assignment=assignment,
        )
        try:
            self.claims.save(change)
        except ConcurrentChangeError:
            winner = self.claims.get(claim.claim_no).assignee
            if winner is None or winner == claim.assignee:
                raise
            raise ClaimTakenError from None
        return change.after
