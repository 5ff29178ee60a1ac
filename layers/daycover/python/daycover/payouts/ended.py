"""The claims of a policy that has ended (保单失效): marked for a person at once, and what has not left is stopped.

Voiding, terminating and cancelling are written to the policy; a queue (`cover.ended`) brings its number here. Nothing
rests on its being quick: deciding and paying read the policy again themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.claims.claim import Claim, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.exposure import Exposures
from daycover.claims.standing import policy_ended
from daycover.claims.steps import Waits, WaitStep
from daycover.cover.policy import KeptPolicies, Policy, PolicyStatus
from daycover.payouts.pay import PayObligation


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagClaims:
    policies: KeptPolicies
    claims: Claims
    exposures: Exposures
    pay: PayObligation
    waits: Waits
    now: Callable[[], datetime]

    def __call__(self, policy_no: str) -> list[str]:
        """Give the numbers of the policy's claims that were changed; a repetition changes none.

        The policy is read here, so a message may be as old as it likes. A cancellation without an answer is asked
        about later, by the payout's own execution. Raises PolicyNotFoundError, ArchiveDamagedError,
        ConcurrentChangeError.
        """
        policy = self.policies.get(policy_no)
        if policy.status is PolicyStatus.ISSUED:
            return []
        changed = []
        for claim in self.claims.list_of(policy.person_id):
            if claim.policy.policy_no == policy.policy_no and self._flag(claim.claim_no, policy):
                changed.append(claim.claim_no)
        return changed

    def _flag(self, claim_no: str, policy: Policy) -> bool:
        flagged = self._marked(claim_no, policy)
        for known in self.claims.get(claim_no).rounds:
            for obligation in known.obligations:
                if obligation.is_under_way and obligation.payout_id is not None:
                    self.pay.take_back(obligation.payout_id)
        return flagged

    @repeated_on_conflict
    def _marked(self, claim_no: str, policy: Policy) -> bool:
        claim = self.claims.get(claim_no)
        change = policy_ended(claim, policy, self.exposures, self.now())
        if change is not None:
            self.claims.save(change)
            claim = change.after
        self._settle(claim)
        return change is not None

    def _settle(self, claim: Claim) -> None:
        for step in WaitStep:  # whichever the workflow waits on: it follows the claim back to review
            self.waits.settle(claim, step)
