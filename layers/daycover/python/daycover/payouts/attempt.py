"""One attempt to pay a claim or a beneficiary's share: begun, taken up again, over, and what it paid."""

from datetime import datetime
from typing import Any

from daycover.claims.claim import Claim, ClaimChange
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus
from daycover.claims.record import record
from daycover.payouts.payout import INSURED, Payout, Payouts, PayoutState, payout_number
from daycover.payouts.transfer import Channel

PAYABLE = frozenset({ClaimStatus.AGREED, ClaimStatus.PAYING})


def is_over(payout: Payout, claim: Claim) -> bool:
    """Whether only another attempt can pay the claim: this one's bill ended, or was of before a reopening."""
    ended = payout.state is PayoutState.FAILED and payout.transfer_bill_no is not None
    return ended or payout.state is PayoutState.BOUNCED or payout.round != claim.reopenings


def take_up(payout: Payout, payouts: Payouts) -> Payout:
    """Take up a payout that was refused before any bill existed: the same number again can't pay twice,
    a new one could.
    """
    if payout.state is not PayoutState.FAILED or payout.transfer_bill_no is not None:
        return payout
    again = payout.moved(PayoutState.CREATED, fail_reason=None, finished_at=None)
    payouts.save(again, payout)
    return again


def shared_fen(claim: Claim) -> int:
    """Give what the beneficiaries of one round share: fixed by its first payment, as advances may still change."""
    return claim.remaining_fen if claim.settled_fen is None else claim.settled_fen


def begin_attempt(
    claim: Claim, payouts: Payouts, *, channel: Channel, payee: str, amount_fen: int, at: datetime
) -> Payout:
    """Reserve a new attempt together with the claim that pays it. Raises ConcurrentChangeError."""
    attempt = claim.payout_attempt + 1
    payout = Payout(
        payout_id=payout_number(claim.claim_no, attempt),
        claim_no=claim.claim_no,
        attempt=attempt,
        round=claim.reopenings,
        worker_id=claim.policy.worker_id,
        payee=payee,
        amount_fen=amount_fen,
        channel=channel,
        created_at=at,
    )
    is_share = payee != INSURED
    change = record(
        claim,
        ClaimEvent.PAYOUT_RESERVED,
        at=at,
        reason_code=payee if is_share else None,
        moved_fen=amount_fen,
        payout_attempt=attempt,
        settled_fen=shared_fen(claim) if is_share else amount_fen,
        # what finance must do for another beneficiary still stands
        attention=claim.attention if is_share and claim.status is ClaimStatus.PAYING else None,
    )
    payouts.reserve(payout, change)
    return payout


def paid(claim: Claim, payout: Payout, at: datetime, **changes: Any) -> ClaimChange:
    """Give the change of a claim that this payout, or with it the last share, has paid."""
    return record(
        claim,
        ClaimEvent.PAID,
        at=at,
        moved_fen=payout.amount_fen,
        payout_id=payout.payout_id,
        paid_at=payout.finished_at or at,
        attention=None,
        **changes,
    )
