"""What a move of a payout means in money: the entries that are written with it."""

from daycover.books.journal import Account, Entry, Kind, Line, Risk, entry_at, reversed_lines
from daycover.payouts.payout import Payout, PayoutState
from daycover.payouts.transfer import Channel

SOURCES = {Channel.WALLET: Account.WECHAT_WALLET, Channel.BANK: Account.BANK}
"""The account that a channel's money leaves, and comes back to."""
KINDS = {
    PayoutState.CREATED: Kind.PAYOUT_RESERVED,
    PayoutState.SUCCEEDED: Kind.PAYOUT_SUCCEEDED,
    PayoutState.FAILED: Kind.PAYOUT_FAILED,
    PayoutState.BOUNCED: Kind.PAYOUT_BOUNCED,
}
"""The states that a payout enters with money; it enters each from another state only (`payout.MOVES`)."""


def entries_of_payout(payout: Payout) -> list[Entry]:
    """Give what the move that brought a payout into its state posts; nothing for one that moves no money.

    Reserved money is earmarked within what is outstanding. Paid, it is no longer reserved: what it cost stays
    the same. A payout that failed before any bill existed gives back what it reserved, and reserves it again
    when it is taken up; so an entry carries the payout's version.
    """
    kind = KINDS.get(payout.state)
    if kind is None:
        return []
    amount = payout.amount_fen
    reserved = (Line(Account.CASE_RESERVE, amount), Line(Account.PAYOUT_IN_FLIGHT, -amount))
    paid = (
        Line(Account.PAYOUT_IN_FLIGHT, amount),
        Line(SOURCES[payout.channel], -amount),
        Line(Account.CLAIMS_PAID, amount),
        Line(Account.RESERVE_CHANGE, -amount),
    )
    lines = {
        Kind.PAYOUT_RESERVED: reserved,
        Kind.PAYOUT_SUCCEEDED: paid,
        Kind.PAYOUT_FAILED: reversed_lines(reserved),
        Kind.PAYOUT_BOUNCED: reversed_lines((*reserved, *paid)),
    }
    began = payout.taken_up_at or payout.created_at
    at = began if kind is Kind.PAYOUT_RESERVED else payout.finished_at or began
    return [
        entry_at(
            payout.payout_id,
            kind,
            payout.company_id,
            lines[kind],
            at,
            project_id=payout.project_id,
            version=payout.version,
            risk=_risk(payout),
        )
    ]


def _risk(payout: Payout) -> Risk | None:
    """None for one of before payouts named it."""
    if payout.plan_id is None or payout.occupation_class is None:
        return None
    return Risk(occupation_class=payout.occupation_class, plan_id=payout.plan_id)
