"""What has become of a payout, as the journal posts it."""

from dataclasses import dataclass

from daycover.books.journal import Account, KeepBooks, PayoutFacts
from daycover.payouts.pay import TAKEN_BACK
from daycover.payouts.payout import Payout, PayoutState
from daycover.payouts.transfer import Channel

SOURCES = {Channel.WALLET: Account.WECHAT_WALLET, Channel.BANK: Account.BANK}
"""The account that a channel's money leaves, and comes back to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPayout:
    """Implements `payouts.payout.Book` on the journal."""

    books: KeepBooks

    def __call__(self, payout: Payout) -> None:
        """Post what has become of a payout. Safe to repeat."""
        self.books.payout(facts_of(payout))


def facts_of(payout: Payout) -> PayoutFacts:
    """Give a payout as the journal sees it.

    One that failed before any bill existed goes out again under its number, so its reservation stands; one that
    was taken back because its policy ended never goes out.
    """
    unsent = payout.state is PayoutState.FAILED and payout.transfer_bill_no is None
    retried = unsent and payout.fail_reason != TAKEN_BACK
    return PayoutFacts(
        payout_id=payout.payout_id,
        company_id=payout.company_id,
        project_id=payout.project_id,
        amount_fen=payout.amount_fen,
        state=PayoutState.CREATED.value if retried else payout.state.value,
        reserved_at=payout.created_at,
        ended_at=payout.finished_at,
        source=SOURCES[payout.channel],
    )
