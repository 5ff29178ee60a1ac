"""What the insured may do with their claim besides sending documents and answering: give it up, complain."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.claims.access import Act, ClaimAccess, Standing
from daycover.claims.claim import Claim, Claims
from daycover.claims.compute import gives_back
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.exposure import Exposures
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus
from daycover.claims.record import record, unsent_lapsed
from daycover.claims.steps import Waits, WaitStep


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageOwnClaim:
    """The insured, or who was accepted to act for them.

    Raises ClaimNotFoundError (also another person's), NotForRepresentativeError, ClaimStepClosedError,
    ConcurrentChangeError.
    """

    claims: Claims
    exposures: Exposures
    access: ClaimAccess
    waits: Waits
    now: Callable[[], datetime]

    @repeated_on_conflict
    def withdraw(self, worker_id: str, claim_no: str, reason: str) -> Claim:
        """Give the claim up before it is decided. The right to claim again stays until the limitation."""
        claim, standing = self._own(worker_id, claim_no, Act.WITHDRAW)
        if claim.status is not ClaimStatus.WITHDRAWN:
            given_up = claim.round.model_copy(update={"undisputed_fen": None})
            hold = gives_back(claim, unsent_lapsed(given_up, ClaimEvent.WITHDRAWN), self.exposures)
            change = record(
                claim,
                ClaimEvent.WITHDRAWN,
                at=self.now(),
                by=standing.actor,
                reason=reason,
                attention=None,
                investigate_by=None,
                undisputed_fen=None,
                holding=hold.holding,
                exposure=hold.exposure,
            )
            self.claims.save(change)
            claim = change.after
        for step in WaitStep:  # whichever the workflow waits on
            self.waits.settle(claim, step)
        return claim

    def complain(self, worker_id: str, claim_no: str, reason: str) -> Claim:
        """Complain, in whatever status; one complaint waits for one answer, a second adds its words."""
        claim, standing = self._own(worker_id, claim_no, Act.COMPLAIN)
        at = self.now()
        change = record(
            claim,
            ClaimEvent.COMPLAINED,
            at=at,
            by=standing.actor,
            reason=reason,
            complained_at=claim.complained_at or at,
        )
        self.claims.save(change)
        return change.after

    def _own(self, worker_id: str, claim_no: str, act: Act) -> tuple[Claim, Standing]:
        claim = self.claims.get(claim_no)
        return claim, self.access(worker_id, claim, act)
