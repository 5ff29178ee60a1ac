"""What a payout posts: each move that means money, once, in the state that it leaves behind."""

from typing import Any

import pytest

from daycover.books.journal import Account, Kind, Risk
from daycover.payouts.payout import PayoutState
from daycover.payouts.transfer import Channel
from tests.support.ledger import balances, payout_entries

RESERVED = {Account.CASE_RESERVE: 500, Account.PAYOUT_IN_FLIGHT: -500}
PAID = {
    Account.CASE_RESERVE: 500,
    Account.CLAIMS_PAID: 500,
    Account.RESERVE_CHANGE: -500,
    Account.WECHAT_WALLET: -500,
}


@pytest.mark.parametrize(
    ("state", "left"),
    [
        (PayoutState.CREATED, RESERVED),
        (PayoutState.UNKNOWN, RESERVED),
        (PayoutState.SUBMITTED, RESERVED),
        (PayoutState.SUCCEEDED, PAID),
        (PayoutState.FAILED, {}),
        (PayoutState.BOUNCED, {}),
    ],
)
@pytest.mark.parametrize(
    ("channel", "source"), [(Channel.WALLET, Account.WECHAT_WALLET), (Channel.BANK, Account.BANK)]
)
def test_payout_leaves_what_its_state_means_when_posted(
    state: PayoutState, left: dict[Account, int], channel: Channel, source: Account
) -> None:
    entries = payout_entries("CL1P1", 500, state, channel=channel)
    expected = {source if account is Account.WECHAT_WALLET else account: fen for account, fen in left.items()}
    assert {account: fen for account, fen in balances(entries).items() if fen} == expected
    assert all(sum(line.fen for line in entry.lines) == 0 for entry in entries)


def test_money_that_bounced_goes_back_to_the_account_that_it_left_when_posted() -> None:
    entries = payout_entries("CL1P1", 500, PayoutState.BOUNCED, channel=Channel.BANK)
    moved = {entry.kind: entry.fen_on(Account.BANK) for entry in entries}
    assert moved == {Kind.PAYOUT_RESERVED: 0, Kind.PAYOUT_SUCCEEDED: -500, Kind.PAYOUT_BOUNCED: 500}
    assert not any(entry.fen_on(Account.WECHAT_WALLET) for entry in entries)


def test_entries_stand_apart_when_a_payout_fails_unsent_and_is_taken_up_again() -> None:
    first = payout_entries("CL1P1", 500, PayoutState.FAILED)
    again = payout_entries("CL1P1", 500, PayoutState.FAILED, version=3)
    assert len({entry.entry_id for entry in first + again}) == 4


@pytest.mark.parametrize("named", [True, False])
def test_entry_carries_the_risk_when_the_payout_names_it(named: bool) -> None:
    facts: dict[str, Any] = {"plan_id": "T2", "occupation_class": 3} if named else {}
    (entry,) = payout_entries("CL1P1", 500, PayoutState.CREATED, **facts)
    assert entry.risk == (Risk(occupation_class=3, plan_id="T2") if named else None)
