"""Pay an advance: the steps of `PayClaim` that differ, because the claim stays where it is.

An advance is deducted from the decided amount from its acknowledgement on, so claim and advance may be paid
side by side, in any order, and never together more than the decision. What failed or came back after the
decision is owed only as far as the decision leaves it open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from daycover.claims.advance import Advance, AdvanceState, advance_number
from daycover.claims.claim import Claim, ClaimChange, Claims
from daycover.claims.lifecycle import UNSETTLED, ClaimEvent, ClaimStatus
from daycover.claims.record import record
from daycover.payouts.payout import (
    Book,
    ClaimNotPayableError,
    PayeeAccounts,
    Payout,
    Payouts,
    PayoutState,
    Reserved,
    posting_of,
)
from daycover.payouts.transfer import Channel, channel_for

PAYABLE = frozenset({AdvanceState.ACKNOWLEDGED, AdvanceState.PAYING})
ADVANCE_PENDING = "ADVANCE_PENDING"
"""The claim's payment waits for an advance that is under way and may cover all of it."""
PAYOUT_ADVANCE_PENDING = f"PAYOUT_{ADVANCE_PENDING}"


_ENDED = {AdvanceState.PAID: "ALREADY_PAID", AdvanceState.LAPSED: "LAPSED"}


class Trigger(NamedTuple):
    """What names one start of the workflow by finance."""

    payout_id: str
    version: int


def owed_fen(claim: Claim, advance: Advance) -> int:
    """Give what an advance that did not arrive, or came back, is still owed, in fen.

    Before the decision all of it. After it nothing until the decided amount is on its way, which then holds
    it; afterwards what that payment and the other advances left of the decision. An advance of before a
    reopening was counted as paid by it, so all of it.
    """
    if advance.round != claim.reopenings or claim.status in UNSETTLED:
        return advance.amount_fen
    if claim.settled_fen is None:
        return 0
    committed = advance.state in PAYABLE or advance.state is AdvanceState.PAID
    others = claim.advanced_fen - (advance.amount_fen if committed else 0)
    return max(0, min(advance.amount_fen, (claim.amount_fen or 0) - claim.settled_fen - others))


@dataclass(frozen=True, slots=True, kw_only=True)
class PayAdvance:
    """Used by `PayClaim` alone, which repeats each step on a conflict."""

    claims: Claims
    payouts: Payouts
    accounts: PayeeAccounts
    wallet_limit_fen: int
    book: Book
    now: Callable[[], datetime]

    def trigger(self, claim: Claim, number: int) -> Trigger:
        """Raises AdvanceNotFoundError, ClaimNotPayableError."""
        advance = claim.advance(number)
        if advance.state not in PAYABLE:
            raise ClaimNotPayableError(claim_status=claim.status.value)
        payout = self._latest(claim, advance)
        return Trigger(
            advance_number(claim.claim_no, number, advance.attempt), payout.version if payout else 0
        )

    def reserve(self, claim_no: str, number: int) -> Reserved:
        """Store the intent to pay an advance, or find the attempt that is not definitely over.

        Raises ClaimNotFoundError, AdvanceNotFoundError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        advance = claim.advance(number)
        payout = self._latest(claim, advance)
        if advance.state not in PAYABLE:
            return Reserved(_ENDED.get(advance.state, "NOT_PAYABLE"), payout.payout_id if payout else None)
        if payout is not None and payout.state is PayoutState.SUCCEEDED:
            return Reserved("SUCCEEDED", payout.payout_id)
        if payout is not None and _refused(payout) and payout.amount_fen == advance.amount_fen:
            again = payout.moved(PayoutState.CREATED, fail_reason=None, finished_at=None)
            self.payouts.save(again, payout)
            payout = again
        if payout is None or payout.state in {PayoutState.FAILED, PayoutState.BOUNCED}:
            channel = channel_for(advance.amount_fen, self.wallet_limit_fen)
            if channel is Channel.BANK and self.accounts.find(claim_no) is None:
                return Reserved("PAYEE_MISSING", None)
            payout = self._new_attempt(claim, advance, channel)
        elif advance.state is AdvanceState.ACKNOWLEDGED:
            self.claims.save(self._paying(claim, advance))
        self.book(payout, claim)
        return Reserved("RESERVED", payout.payout_id)

    def post(self, payout: Payout, number: int) -> Claim:
        """Record money that arrived, and with it a claim that it pays whole."""
        claim = self.claims.get(payout.claim_no)
        advance = claim.advance(number)
        under_way = advance.state is AdvanceState.PAYING and advance.attempt == payout.attempt
        if under_way and payout.state is PayoutState.SUCCEEDED:
            at = self.now()
            paid = {"state": AdvanceState.PAID, "paid_at": payout.finished_at or at, "attention": None}
            change = self._change(claim, ClaimEvent.ADVANCE_PAID, advance, paid, payout_id=payout.payout_id)
            self.payouts.post(payout, change, posting_of(payout, claim, at))
            claim = change.after
        if claim.status is ClaimStatus.AGREED and claim.attention == PAYOUT_ADVANCE_PENDING:
            claim = self.suffice(claim) or claim
        self.book(payout, claim)
        return claim

    def suffice(self, claim: Claim) -> Claim | None:
        """Record that the advances paid all that was decided; None while one of them is under way."""
        under_way = [a for a in claim.advances if a.round == claim.reopenings and a.state in PAYABLE]
        if claim.remaining_fen or under_way:
            return None
        at = self.now()
        change = record(
            claim,
            ClaimEvent.ADVANCE_SUFFICED,
            at=at,
            moved_fen=0,
            settled_fen=0,
            paid_at=at,
            attention=None,
        )
        self.claims.save(change)
        return change.after

    def bounced(self, claim: Claim, number: int, reason_code: str, attention: str) -> ClaimChange:
        """Give the change of a claim whose advance came back; the claim stays where it is."""
        advance = claim.advance(number)
        back = _owed_again(claim, advance, attention) | {"paid_at": None}
        return self._change(
            claim,
            ClaimEvent.ADVANCE_BOUNCED,
            advance,
            back,
            reason_code=reason_code,
            moved_fen=-advance.amount_fen,
        )

    def record_failure(self, claim_no: str, number: int, outcome: str, payout_id: str | None) -> str:
        """Put an advance that did not come through before finance; gives the outcome."""
        claim = self.claims.get(claim_no)
        advance = claim.advance(number)
        payout = self._latest(claim, advance)
        if payout_id is not None and (payout is None or payout.payout_id != payout_id):
            return outcome
        if payout is not None:
            self.book(payout, claim)
        failed = payout is not None and payout.state is PayoutState.FAILED
        if advance.state not in PAYABLE or (failed and advance.state is AdvanceState.ACKNOWLEDGED):
            return outcome
        reason_code = (payout.fail_reason or payout.fault if payout else None) or outcome
        event, after = ClaimEvent.ADVANCE_UNRESOLVED, {"attention": f"PAYOUT_{outcome}"}
        if failed:
            event, after = ClaimEvent.ADVANCE_FAILED, _owed_again(claim, advance, "PAYOUT_FAILED")
        if failed or advance.attention != after["attention"]:
            self.claims.save(self._change(claim, event, advance, after, reason_code=reason_code))
        return outcome

    def _latest(self, claim: Claim, advance: Advance) -> Payout | None:
        if not advance.attempt:
            return None
        return self.payouts.find(advance_number(claim.claim_no, advance.number, advance.attempt))

    def _new_attempt(self, claim: Claim, advance: Advance, channel: Channel) -> Payout:
        attempt = advance.attempt + 1
        payout = Payout(
            payout_id=advance_number(claim.claim_no, advance.number, attempt),
            claim_no=claim.claim_no,
            attempt=attempt,
            advance=advance.number,
            round=advance.round,
            worker_id=claim.policy.worker_id,
            amount_fen=advance.amount_fen,
            channel=channel,
            created_at=self.now(),
        )
        self.payouts.reserve(payout, self._paying(claim, advance, attempt=attempt))
        return payout

    def _paying(self, claim: Claim, advance: Advance, **changes: object) -> ClaimChange:
        paying = {"state": AdvanceState.PAYING, "attention": None} | changes
        return self._change(claim, ClaimEvent.ADVANCE_RESERVED, advance, paying)

    def _change(
        self,
        claim: Claim,
        event: ClaimEvent,
        advance: Advance,
        update: Mapping[str, Any],
        *,
        reason_code: str | None = None,
        moved_fen: int | None = None,
        payout_id: str | None = None,
    ) -> ClaimChange:
        return record(
            claim,
            event,
            at=self.now(),
            reason_code=reason_code,
            advance=advance.number,
            moved_fen=advance.amount_fen if moved_fen is None else moved_fen,
            payout_id=payout_id,
            advances=claim.with_advance(advance.model_copy(update=update)),
        )


def _owed_again(claim: Claim, advance: Advance, attention: str) -> dict[str, Any]:
    """What becomes of an advance whose money did not stay with the insured."""
    owed = owed_fen(claim, advance)
    if not owed:
        return {"state": AdvanceState.LAPSED, "attention": None}
    return {"state": AdvanceState.ACKNOWLEDGED, "amount_fen": owed, "attention": attention}


def _refused(payout: Payout) -> bool:
    """Refused before any bill existed: the same number again can't pay twice, a new one could."""
    return payout.state is PayoutState.FAILED and payout.transfer_bill_no is None
