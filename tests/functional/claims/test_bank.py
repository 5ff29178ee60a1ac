"""Payees' accounts on the fake and the real store, and the daily reconciliation through its handler."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from daycover.china_time import china_day
from daycover.claims.claim import Actor, Claim, Claims, opening, record
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.payouts.payee import PayeeAccounts, PayeeAccountTakenError
from daycover.payouts.payout import Payout, Payouts, PayoutState, payout_number, posting_of, reversal_of
from daycover.payouts.reconcile import BankLine, LineKind
from daycover.payouts.transfer import BankAccount, Channel
from daycover.platform.config import Config
from daycover.store.claims import StoredClaims
from daycover.store.payees import StoredPayeeAccounts
from daycover.store.payouts import StoredPayouts
from tests.functional.claims.aws import OPERATIONS, cipher, local_aws, operations_table
from tests.functional.claims.stage import ROOT, Stage
from tests.functional.claims.test_events import assert_permitted, key_of
from tests.support.builders import WORKER
from tests.unit.claims.world import REPORTED_AT, FakeAccounts, FakeClaims, FakePayouts, World

ACCOUNT = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
NUMBER = "A" * 20


class Stores(NamedTuple):
    claims: Claims
    accounts: PayeeAccounts
    payouts: Payouts


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    if request.param == "fake":
        claims = FakeClaims()
        yield Stores(claims, FakeAccounts(claims), FakePayouts(claims))
        return
    with local_aws(monkeypatch) as config:
        table, sealed = operations_table(), cipher(config)
        stored = StoredClaims(table, sealed)
        yield Stores(stored, StoredPayeeAccounts(table, sealed), StoredPayouts(table, stored))


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


def test_account_stands_when_an_advance_is_being_paid(stores: Stores) -> None:
    claim = added(stores, status=ClaimStatus.IN_REVIEW, paying_advance=1)
    with pytest.raises(ClaimStepClosedError):
        stores.accounts.state(claim, ACCOUNT, NUMBER)
    assert stores.accounts.find(claim.claim_no) is None


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


def test_bounce_turns_the_posting_round_once_when_money_came_back(stores: Stores) -> None:
    claim = added(stores)
    payout = Payout(
        payout_id=payout_number(claim.claim_no, 1),
        claim_no=claim.claim_no,
        attempt=1,
        worker_id=WORKER,
        amount_fen=358_000,
        created_at=REPORTED_AT,
        channel=Channel.BANK,
    )
    paying = record(claim, ClaimEvent.PAYOUT_RESERVED, at=REPORTED_AT, payout_attempt=1)
    stores.payouts.reserve(payout, paying)
    done = payout.moved(PayoutState.SUCCEEDED, transfer_bill_no="B1")
    stores.payouts.save(done, payout)
    paid = record(paying.after, ClaimEvent.PAID, at=REPORTED_AT, paid_at=REPORTED_AT)
    stores.payouts.post(done, paid, posting_of(done, claim, REPORTED_AT))
    change = record(paid.after, ClaimEvent.PAYOUT_BOUNCED, at=REPORTED_AT, paid_at=None)
    back = done.moved(PayoutState.BOUNCED)
    reversal = reversal_of(done, claim, REPORTED_AT)
    assert reversal.entries == (("claims_paid", -358_000), ("bank_account", 358_000))
    stores.payouts.bounce(back, done, change, reversal)
    with pytest.raises(ConcurrentChangeError):
        stores.payouts.bounce(back, done, change, reversal)
    assert stores.payouts.get(payout.payout_id) == back
    stored = stores.claims.get(claim.claim_no)
    assert (stored.status, stored.paid_at) == (ClaimStatus.AGREED, None)


def test_payout_is_of_the_bank_s_day_when_we_learned_that_it_left(stores: Stores) -> None:
    claim = added(stores)
    payout = Payout(
        payout_id=payout_number(claim.claim_no, 1),
        claim_no=claim.claim_no,
        attempt=1,
        worker_id=WORKER,
        amount_fen=358_000,
        created_at=REPORTED_AT,
        channel=Channel.BANK,
    )
    wallet = payout.model_copy(update={"payout_id": f"{claim.claim_no}A1", "channel": Channel.WALLET})
    for number, intent in enumerate((payout, wallet)):
        found = stores.claims.get(claim.claim_no)
        change = record(found, ClaimEvent.NOTED, at=REPORTED_AT, by=Actor.staff(f"S{number}"))
        stores.payouts.reserve(intent, change)
        learned = intent.moved(PayoutState.SUCCEEDED, finished_at=REPORTED_AT)
        stores.payouts.save(learned, intent)
        with pytest.raises(ConcurrentChangeError):
            stores.payouts.save(learned, intent)
    day = china_day(REPORTED_AT)
    assert [found.payout_id for found in stores.payouts.settled_by_bank(day)] == [payout.payout_id]
    assert stores.payouts.settled_by_bank(day + timedelta(days=1)) == []


def test_no_account_is_readable_when_the_table_is_dumped(monkeypatch: pytest.MonkeyPatch) -> None:
    with local_aws(monkeypatch) as config:
        table, sealed = operations_table(), cipher(config)
        claims = StoredClaims(table, sealed)
        stores = Stores(claims, StoredPayeeAccounts(table, sealed), StoredPayouts(table, claims))
        stores.accounts.state(added(stores), ACCOUNT, NUMBER)
        dump = str(boto3.client("dynamodb").scan(TableName=OPERATIONS)["Items"])
    for secret in (ACCOUNT.account_no, ACCOUNT.account_no[-6:], ACCOUNT.holder, ACCOUNT.bank_name):
        assert secret not in dump
    assert ACCOUNT.account_no not in repr(ACCOUNT)


# ---- the daily reconciliation through its handler -------------------------------------------------


def by_bank(stage: Stage) -> str:
    """A claim whose payout is with the bank, which settled it."""
    stage.use_cases.pay_claim._wallet_limit_fen = 1
    claim = stage.agreed()
    stage.use_cases._payee_accounts.state(claim, ACCOUNT, NUMBER)
    pay, number = stage.use_cases.pay_claim, payout_number(claim.claim_no, 1)
    pay.reserve(claim.claim_no)
    pay.submit(number)
    stage.use_cases.real_bank.finish(number)
    return number


def line(stage: Stage, number: str, kind: LineKind = LineKind.OUT, more_fen: int = 0) -> BankLine:
    amount_fen = stage.use_cases._payouts.get(number).amount_fen + more_fen
    return BankLine(kind, number, "B1", amount_fen)


def money_left(stage: Stage) -> None:
    number = by_bank(stage)  # and the workflow gave up asking
    stage.use_cases.bank_days.lines = [line(stage, number)]


def money_came_back(stage: Stage) -> None:
    number = by_bank(stage)
    stage.use_cases.real_bank.return_money(number)
    stage.use_cases.bank_days.lines = [line(stage, number), line(stage, number, LineKind.RETURN)]


def amount_differs(stage: Stage) -> None:
    number = by_bank(stage)
    stage.use_cases.bank_days.lines = [line(stage, number, more_fen=1), BankLine(LineKind.OUT, "X", "B2", 5)]


def confirmed(stage: Stage) -> str:
    number = by_bank(stage)
    stage.use_cases.pay_claim.confirm(number)
    stage.use_cases.pay_claim.post(number)
    return number


def payout_is_missing(stage: Stage) -> None:
    confirmed(stage)


def learned_a_day_late(stage: Stage) -> None:
    number = by_bank(stage)
    stage.use_cases.bank_days.days[china_day(stage.at)] = [line(stage, number)]
    stage.at += timedelta(days=1)
    stage.use_cases.pay_claim.confirm(number)
    stage.use_cases.pay_claim.post(number)


def damaged(stage: Stage) -> None:
    stage.use_cases.bank_days.damaged = True


PREPARED: dict[str, tuple[Callable[[Stage], None], dict[str, int], PayoutState | None]] = {
    "nothing_moved": (Stage.nothing, {"lines": 0, "bounced": 0, "breaks": 0}, None),
    "money_left": (money_left, {"lines": 1, "bounced": 0, "breaks": 0}, PayoutState.SUCCEEDED),
    "money_came_back": (money_came_back, {"lines": 2, "left_fen": 0, "bounced": 1}, PayoutState.BOUNCED),
    "amount_differs": (amount_differs, {"lines": 2, "breaks": 2}, PayoutState.SUBMITTED),
    "payout_is_missing": (payout_is_missing, {"lines": 0, "breaks": 1}, PayoutState.SUCCEEDED),
    "learned_a_day_late": (learned_a_day_late, {"lines": 0, "breaks": 0}, PayoutState.SUCCEEDED),
    "damaged": (damaged, {}, None),
}


@pytest.mark.parametrize("path", sorted((ROOT / "events/reconcile_bank").glob("*.json")), ids=key_of)
def test_reconciliation_finds_what_the_file_s_name_says(
    path: Path, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    prepare, expected, state = PREPARED[path.name.split(".")[0]]
    prepare(stage)
    event = json.loads(path.read_text(encoding="utf-8"))
    if path.name.split(".")[1] != "ok":
        with pytest.raises(DaycoverError) as raised:
            stage.invoke("reconcile_bank", event)
        assert type(raised.value).__name__ == path.name.split(".")[1]
        return
    for _ in range(2):  # again changes nothing
        outcome = stage.invoke("reconcile_bank", event)
        assert expected.items() <= outcome.items()
        assert_permitted("reconcile_bank", stage)
    if state is not None:
        claim = stage.use_cases.read_claims.mine(WORKER)[0]
        payout = stage.use_cases._payouts.get(payout_number(claim.claim_no, 1))
        assert (payout.state, payout.channel) == (state, Channel.BANK)
