"""Payees' accounts on the fake and the real store, and the daily reconciliation through its handler."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from daycover.books.journal import Account
from daycover.books.payouts import entries_of_payout
from daycover.books.reserves import reserve_entries
from daycover.china_time import china_day
from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.record import opening, record
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.payouts.payee import PayeeAccountTakenError
from daycover.payouts.payout import (
    PayeeAccounts,
    Payouts,
    PayoutState,
    payout_number,
)
from daycover.payouts.reconcile import LineKind, MovedMoneyUnknownError, Movement
from daycover.payouts.transfer import BankAccount, Channel, TransferState
from daycover.platform.config import Config
from daycover.reporting.breaks import BreakOwner, BreakStatus
from daycover.store.claims import StoredClaims
from daycover.store.payees import StoredPayeeAccounts
from daycover.store.payouts import StoredPayouts
from tests.functional.claims.aws import OPERATIONS, cipher, local_aws, operations_table
from tests.functional.claims.stage import Stage
from tests.functional.claims.test_events import assert_permitted
from tests.support.builders import WORKER
from tests.support.claims import REPORTED_AT, a_payout
from tests.support.fakes.claims import FakeClaims
from tests.support.fakes.payouts import FakeAccounts, FakePayouts
from tests.support.functions import events_of, key_of
from tests.support.ledger import Figures, balances, figures_of
from tests.unit.claims.world import World

ACCOUNT = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
NUMBER = "A" * 20


class Stores(NamedTuple):
    claims: Claims
    accounts: PayeeAccounts
    payouts: Payouts


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        claims = FakeClaims()
        return Stores(claims, FakeAccounts(claims), FakePayouts(claims))
    config = local_aws()
    table, sealed = operations_table(), cipher(config)
    stored = StoredClaims(table, sealed, reserve_entries)
    return Stores(stored, StoredPayeeAccounts(table, sealed), StoredPayouts(table, stored, entries_of_payout))


def added(stores: Stores, **changes: Any) -> Claim:
    claim = World().agreed().model_copy(update=changes)
    stores.claims.add(claim, opening(claim, Actor.worker(WORKER)))
    return claim


def test_account_comes_back_whole_when_it_was_stated(stores: Stores) -> None:
    claim = added(stores)
    assert stores.accounts.find(claim.claim_no) is None
    stores.accounts.state(claim, ACCOUNT, NUMBER)
    stores.accounts.state(claim, ACCOUNT, NUMBER)
    assert stores.accounts.find(claim.claim_no) == ACCOUNT
    other = BankAccount(holder="王小明", account_no="6217000000001234567", bank_name="建设银行")
    stores.accounts.state(claim, other, "B" * 20)
    assert stores.accounts.find(claim.claim_no) == other


def test_account_is_refused_when_it_pays_another_person(stores: Stores) -> None:
    claim = added(stores)
    stores.accounts.state(claim, ACCOUNT, NUMBER)
    policy = claim.policy.model_copy(update={"person_id": "P2"})
    with pytest.raises(PayeeAccountTakenError):
        stores.accounts.state(claim.model_copy(update={"policy": policy}), ACCOUNT, NUMBER)


@pytest.mark.parametrize("status", [ClaimStatus.PAYING, ClaimStatus.PAID, ClaimStatus.CLOSED])
def test_account_stands_when_the_claim_is_being_paid(stores: Stores, status: ClaimStatus) -> None:
    claim = added(stores, status=status)
    with pytest.raises(ClaimStepClosedError):
        stores.accounts.state(claim, ACCOUNT, NUMBER)
    assert stores.accounts.find(claim.claim_no) is None


def test_payout_bounces_once_when_money_came_back(stores: Stores) -> None:
    claim = added(stores)
    payout = a_payout(claim, channel=Channel.BANK)
    paying = record(claim, ClaimEvent.PAYOUT_RESERVED, at=REPORTED_AT, payouts=1)
    stores.payouts.reserve(payout, paying)
    done = payout.moved(PayoutState.SUCCEEDED, transfer_bill_no="B1")
    stores.payouts.save(done, payout)
    paid = record(paying.after, ClaimEvent.PAID, at=REPORTED_AT, paid_at=REPORTED_AT)
    stores.claims.save(paid)
    change = record(paid.after, ClaimEvent.PAYOUT_BOUNCED, at=REPORTED_AT, paid_at=None)
    back = done.moved(PayoutState.BOUNCED)
    stores.payouts.bounce(back, done, change)
    with pytest.raises(ConcurrentChangeError):
        stores.payouts.bounce(back, done, change)
    assert stores.payouts.get(payout.payout_id) == back
    stored = stores.claims.get(claim.claim_no)
    assert (stored.status, stored.round.paid_at) == (ClaimStatus.AGREED, None)


def test_no_account_is_readable_when_the_table_is_dumped() -> None:
    config = local_aws()
    table, sealed = operations_table(), cipher(config)
    claims = StoredClaims(table, sealed, reserve_entries)
    stores = Stores(
        claims, StoredPayeeAccounts(table, sealed), StoredPayouts(table, claims, entries_of_payout)
    )
    stores.accounts.state(added(stores), ACCOUNT, NUMBER)
    dump = str(boto3.client("dynamodb").scan(TableName=OPERATIONS)["Items"])
    for secret in (ACCOUNT.account_no, ACCOUNT.account_no[-6:], ACCOUNT.holder, ACCOUNT.bank_name):
        assert secret not in dump
    assert ACCOUNT.account_no not in repr(ACCOUNT)


# ---- the daily reconciliation through its handler -------------------------------------------------


def paid_by(stage: Stage, channel: Channel) -> str:
    """A claim whose payout is with the bank or WeChat, which settled it; and the workflow gave up asking."""
    claim = stage.agreed()
    if channel is Channel.BANK:
        stage.payouts.pay_obligation = replace(stage.payouts.pay_obligation, wallet_limit_fen=1)
        stage.adapters.payee_accounts.state(claim, ACCOUNT, NUMBER)
    pay, number = stage.payouts.pay_obligation, payout_number(claim.claim_no, 1)
    pay.reserve(claim.claim_no)
    pay.submit(number)
    stage.adapters.transfers(channel).finish(number)
    return number


def line(stage: Stage, number: str, kind: LineKind = LineKind.OUT, more_fen: int = 0) -> Movement:
    amount_fen = stage.adapters.payouts.get(number).amount_fen + more_fen
    return Movement(kind, number, "B1", amount_fen)


def tell(stage: Stage, channel: Channel, *lines: Movement) -> None:
    stage.adapters.day_files[channel].lines = list(lines)


def money_left(stage: Stage, channel: Channel) -> None:
    tell(stage, channel, line(stage, paid_by(stage, channel)))


def money_came_back(stage: Stage, channel: Channel) -> None:
    number = paid_by(stage, channel)
    stage.adapters.bank_transfers.return_money(number)
    tell(stage, channel, line(stage, number), line(stage, number, LineKind.RETURN))


def amount_differs(stage: Stage, channel: Channel) -> None:
    tell(
        stage, channel, line(stage, paid_by(stage, channel), more_fen=1), Movement(LineKind.OUT, "X", "B2", 5)
    )


def unknown_number(stage: Stage, channel: Channel) -> None:
    """The other channel's payout is none of this one's."""
    other = Channel.BANK if channel is Channel.WALLET else Channel.WALLET
    tell(stage, channel, line(stage, paid_by(stage, other)))


def failed_payout(stage: Stage, channel: Channel) -> None:
    """Money left under a number that WeChat itself calls closed: nobody may decide that but a person."""
    claim = stage.agreed()
    pay, number = stage.payouts.pay_obligation, payout_number(claim.claim_no, 1)
    pay.reserve(claim.claim_no)
    pay.submit(number)
    stage.adapters.transfers(channel).finish(number, TransferState.CANCELLED)
    tell(stage, channel, line(stage, number))


def damaged(stage: Stage, channel: Channel) -> None:
    stage.adapters.day_files[channel].damaged = True


def nothing(stage: Stage, channel: Channel) -> None:
    """The world as it is built."""


CHANNELS = {"reconcile_bank": Channel.BANK, "reconcile_wallet": Channel.WALLET}
Prepared = tuple[Callable[[Stage, Channel], None], dict[str, int], PayoutState | None, list[str]]
PREPARED: dict[str, Prepared] = {
    "nothing_moved": (nothing, {"lines": 0, "breaks": 0}, None, []),
    "money_left": (money_left, {"lines": 1, "breaks": 0}, PayoutState.SUCCEEDED, []),
    "money_came_back": (money_came_back, {"lines": 2, "left_fen": 0, "bounced": 1}, PayoutState.BOUNCED, []),
    "amount_differs": (
        amount_differs,
        {"lines": 2, "breaks": 2},
        PayoutState.SUBMITTED,
        ["TRANSFER_AMOUNT", "TRANSFER_ORPHAN"],
    ),
    "unknown_number": (unknown_number, {"breaks": 1}, None, ["TRANSFER_ORPHAN"]),
    "failed_payout": (failed_payout, {"breaks": 1}, PayoutState.FAILED, ["TRANSFER_UNPOSTED"]),
    "damaged": (damaged, {}, None, []),
}


@pytest.mark.parametrize("path", events_of(*CHANNELS), ids=key_of)
def test_reconciliation_finds_what_the_file_s_name_says(
    path: Path, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, function = Stage(aws, monkeypatch), path.parent.name
    prepare, expected, state, kinds = PREPARED[path.name.split(".")[0]]
    prepare(stage, CHANNELS[function])
    event = json.loads(path.read_text(encoding="utf-8"))
    if path.name.split(".")[1] != "ok":
        with pytest.raises(DaycoverError) as raised:
            stage.invoke(function, event)
        assert type(raised.value).__name__ == path.name.split(".")[1]
        return
    for _ in range(2):  # again changes nothing
        outcome = stage.invoke(function, event)
        assert expected.items() <= outcome.items()
        assert_permitted(function, stage)
    if state is not None:
        claim = stage.claims.read_claims.mine(WORKER).claims[0]
        payout = stage.adapters.payouts.get(payout_number(claim.claim_no, 1))
        assert (payout.state, payout.channel) == (state, CHANNELS[function])
    found, _ = stage.adapters.breaks.list_by(BreakStatus.OPEN)
    assert sorted(item.difference.kind for item in found) == kinds
    assert all(item.owner is BreakOwner.FINANCE for item in found)


@pytest.mark.parametrize("channel", list(Channel))
def test_payout_is_found_in_its_file_when_the_books_are_compared(
    channel: Channel, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the reconciliation of the books looks up: the movement, or its absence, never a guess."""
    stage = Stage(aws, monkeypatch)
    number, money = paid_by(stage, channel), stage.adapters.moved_money
    day = date(2026, 11, 24)
    with pytest.raises(MovedMoneyUnknownError):
        money.moved([number], day)
    assert money.moved([], day) == {}
    for run in (stage.payouts.reconcile_bank, stage.payouts.reconcile_wallet):
        run(day)
    assert money.moved([number], day) == {}, "both files were read, and neither knows it"
    tell(stage, channel, line(stage, number))
    reconcile = {
        Channel.BANK: stage.payouts.reconcile_bank,
        Channel.WALLET: stage.payouts.reconcile_wallet,
    }
    reconcile[channel](day)
    assert money.moved([number, "CL9P9"], day) == {number: line(stage, number).amount_fen}
    tell(stage, channel)
    with pytest.raises(ConcurrentChangeError):
        reconcile[channel](day)


@pytest.mark.parametrize("channel", list(Channel))
def test_payout_is_booked_to_the_account_of_its_channel_when_the_file_settles_it(
    channel: Channel, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, day = Stage(aws, monkeypatch), date(2026, 11, 24)
    number = paid_by(stage, channel)
    fen = line(stage, number).amount_fen
    tell(stage, channel, line(stage, number))
    reconcile = {
        Channel.BANK: stage.payouts.reconcile_bank,
        Channel.WALLET: stage.payouts.reconcile_wallet,
    }
    reconcile[channel](day)
    account = {Channel.BANK: Account.BANK, Channel.WALLET: Account.WECHAT_WALLET}[channel]
    posted_on = china_day(stage.at)
    left = balances(stage.adapters.journal.of_day(stage.policy.company_id, posted_on))
    claim = stage.adapters.claims.get(number.rpartition("P")[0])
    found = figures_of(stage.adapters.journal.of_day(stage.policy.company_id, posted_on), claim.claim_no)
    assert (left[Account.CLAIMS_PAID], left[account]) == (fen, -fen)
    assert found == Figures(paid=fen, reserved=0, in_flight=0, incurred=fen)
    if channel is Channel.BANK:
        stage.adapters.bank_transfers.return_money(number)
        tell(stage, channel, line(stage, number), line(stage, number, LineKind.RETURN))
        reconcile[channel](day)
        left = balances(stage.adapters.journal.of_day(stage.policy.company_id, posted_on))
        found = figures_of(stage.adapters.journal.of_day(stage.policy.company_id, posted_on), claim.claim_no)
        assert left[account] == 0
        assert found == Figures(paid=0, reserved=fen, in_flight=0, incurred=fen)
