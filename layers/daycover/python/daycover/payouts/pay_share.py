"""Pay the beneficiaries of a death claim: the steps of `PayClaim` that differ, because each share goes apart.

Each beneficiary has an execution, an account and payouts of their own. The claim is PAYING from the first
share to the last, whatever becomes of one of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from daycover.claims.claim import Claim, Claims
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus
from daycover.claims.record import record
from daycover.claims.steps import Workflows
from daycover.payouts.attempt import PAYABLE, begin_attempt, is_over, paid, shared_fen, take_up
from daycover.payouts.beneficiaries import (
    BENEFICIARY_MISSING,
    Beneficiary,
    BeneficiaryStore,
    by_id,
    payouts_of_shares,
    share_mark,
    split,
)
from daycover.payouts.payout import (
    INSURED,
    Book,
    PayeeUnknownError,
    Payout,
    Payouts,
    PayoutState,
    Reserved,
    posting_of,
)
from daycover.payouts.transfer import Channel


def shares_of(claim: Claim, payees: Mapping[str, Beneficiary]) -> dict[str, int]:
    """A share too small for a fen is no payment."""
    shares = split(shared_fen(claim), payees)
    return {payee: fen for payee, fen in shares.items() if fen}


@dataclass(frozen=True, slots=True, kw_only=True)
class PayShare:
    """Used by `PayClaim` alone, which repeats each step on a conflict."""

    claims: Claims
    payouts: Payouts
    heirs: BeneficiaryStore
    workflows: Workflows
    book: Book
    now: Callable[[], datetime]

    def reserve(self, claim: Claim, payee: str) -> Payout | Reserved | None:
        """Give the payout to go on with, or what there is instead; None where nothing is left to share.

        Asked for the insured, it starts an execution for each beneficiary whose share has not arrived.
        """
        payees = self.heirs.find(claim.claim_no).payees()
        if not payees:
            return Reserved(BENEFICIARY_MISSING, None)
        if not shared_fen(claim):
            return None
        latest, shares = payouts_of_shares(claim, self.payouts), shares_of(claim, payees)
        if payee == INSURED:
            for heir in shares:
                if share_mark(claim, heir) not in claim.shares_paid:
                    known = latest.get(heir)
                    state = f"{known.payout_id}-{known.version}" if known else f"{claim.claim_no}-0"
                    name = f"{state}-{claim.version}-{heir}"
                    self.workflows.start_payout(claim.claim_no, name, payee=heir)
            return Reserved("APART", None)
        if payee not in shares:
            return Reserved("NOT_PAYABLE", None)
        payout = latest.get(payee)
        if payout is None or is_over(payout, claim):
            payout = begin_attempt(
                claim,
                self.payouts,
                channel=Channel.BANK,
                payee=payee,
                amount_fen=shares[payee],
                at=self.now(),
            )
        elif payout.state is PayoutState.SUCCEEDED:
            return Reserved("SUCCEEDED", payout.payout_id)
        else:
            payout = take_up(payout, self.payouts)
            if claim.status is ClaimStatus.AGREED:
                self.claims.save(record(claim, ClaimEvent.PAYOUT_RESERVED, at=self.now()))
        self.book(payout, claim)
        return payout

    def addressee(self, payout: Payout) -> Beneficiary:
        """Raises PayeeUnknownError."""
        # reserved, so confirmed: a correction of another's account meanwhile leaves this one as it is
        heir = by_id(self.heirs.find(payout.claim_no).people).get(payout.payee)
        if heir is None:
            raise PayeeUnknownError
        return heir

    def post(self, payout: Payout, claim: Claim) -> Claim:
        """Record one beneficiary's money; the last one's is the claim's end."""
        mark = share_mark(claim, payout.payee)
        if claim.status is not ClaimStatus.PAYING or payout.state is not PayoutState.SUCCEEDED:
            return claim
        if mark in claim.shares_paid:
            return claim
        shares_paid, at = (*claim.shares_paid, mark), self.now()
        shares = shares_of(claim, by_id(self.heirs.find(claim.claim_no).people))
        if all(share_mark(claim, heir) in shares_paid for heir in shares):
            change = paid(claim, payout, at, shares_paid=shares_paid)
        else:
            change = record(
                claim,
                ClaimEvent.SHARE_PAID,
                at=at,
                reason_code=payout.payee,
                moved_fen=payout.amount_fen,
                payout_id=payout.payout_id,
                shares_paid=shares_paid,
            )
        self.payouts.post(payout, change, posting_of(payout, claim, at))
        return change.after

    def record_failure(self, claim: Claim, outcome: str, payout_id: str | None) -> str:
        """Put one beneficiary's payout before finance; the others' go on, so the claim stays PAYING."""
        payout = self.payouts.find(payout_id) if payout_id is not None else None
        if payout is not None:
            if payouts_of_shares(claim, self.payouts).get(payout.payee) != payout:
                return outcome  # old news of an earlier attempt
            self.book(payout, claim)
        failed = payout is not None and payout.state is PayoutState.FAILED
        attention = "PAYOUT_FAILED" if failed else f"PAYOUT_{outcome}"
        if claim.status in PAYABLE and claim.attention != attention:
            reason_code = payout.payee if payout is not None else outcome
            change = record(
                claim,
                ClaimEvent.PAYOUT_UNRESOLVED,
                at=self.now(),
                reason_code=reason_code,
                attention=attention,
            )
            self.claims.save(change)
        return outcome
