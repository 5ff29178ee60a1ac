"""Starting a payout by hand, or because what it waited for has come: it can't pay twice."""

from dataclasses import dataclass

from daycover.claims.claim import Claim, Claims
from daycover.claims.obligation import Obligation, ObligationState
from daycover.claims.steps import Workflows
from daycover.payouts.obligations import PAYABLE, ClaimObligations
from daycover.payouts.payout import ClaimNotPayableError, Payouts


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerPayout:
    claims: Claims
    payouts: Payouts
    obligations: ClaimObligations
    workflows: Workflows

    def __call__(self, claim_no: str, obligation: int | None = None) -> str:
        """Start the Payout workflow for the decided amount, or for one obligation; gives the execution's ARN.

        Its name holds the versions of claim and payout, so a double click is one execution and a later click
        another. Raises ClaimNotFoundError, ObligationNotFoundError, ClaimNotPayableError.
        """
        claim = self.claims.get(claim_no)
        owed = claim.round_of(obligation).obligation(obligation) if obligation is not None else None
        if not _is_payable(claim, owed):
            raise ClaimNotPayableError(claim_status=claim.status.value)
        name = self.obligations.execution_name(claim, owed)
        return self.workflows.start_payout(claim_no, name, obligation=obligation)

    def again(self, payout_id: str) -> str:
        """Start the Payout workflow of this payout anew. Raises PayoutNotFoundError and as the call."""
        payout = self.payouts.get(payout_id)
        return self(payout.claim_no, payout.obligation)


def _is_payable(claim: Claim, owed: Obligation | None) -> bool:
    if owed is None:
        return claim.status in PAYABLE
    if owed.advance is None and claim.status not in PAYABLE:
        return False
    return owed.state in {ObligationState.OWED, ObligationState.RESERVED}
