"""The real bank adapter against the simulated bank: any reply may be lost, and money leaves once.

Runs the same steps as the Payout definition. The bank's own ledger counts.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from daycover.bank.client import BankClient
from daycover.bank.credentials import BankCredentials
from daycover.bank.transfers import BankTransfers
from daycover.claims.claim import Claim
from daycover.claims.lifecycle import ClaimStatus
from daycover.payouts.payout import PayoutState, payout_number
from daycover.payouts.transfer import Channel
from tests.simulators.bank import BankServer
from tests.simulators.credentials import load_or_make_bank_keys
from tests.simulators.faults import Fault
from tests.support.fakes.port import Crash
from tests.unit.claims.world import World
from tests.unit.payouts.test_bank_channel import ACCOUNT, TOE_FEN, a_world, stated

REQUESTS = 3
FAULTS = ("lost_reply", "status", "unsigned")


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[BankServer]:
    with BankServer(load_or_make_bank_keys(tmp_path), settle_seconds=3600) as server:
        yield server


@pytest.fixture
def world(bank: BankServer, tmp_path: Path) -> World:
    world = a_world()
    credentials = BankCredentials.model_validate_json((tmp_path / "bank.json").read_text(encoding="utf-8"))
    over_http = BankTransfers(BankClient(credentials, bank.base_url))
    world.pay = replace(world.pay, transfers={Channel.BANK: over_http}.__getitem__)
    return world


def walk(world: World, bank: BankServer, claim: Claim) -> str:
    """Walk the definition once; the bank settles whatever it has between two questions."""
    reserved = world.pay.reserve(claim.claim_no)
    number = reserved.payout_id
    if number is None or reserved.outcome == "ALREADY_PAID":
        return reserved.outcome
    outcome = reserved.outcome if reserved.outcome == "SUCCEEDED" else world.pay.submit(number)
    for _ in range(3):
        if outcome in {"SUCCEEDED", "FAILED"}:
            break
        if outcome == "NOT_SENT":
            world.pay.submit(number)
        for payment in bank.payments:
            bank.settle(payment.reference)
        world.at += timedelta(seconds=20)
        outcome = world.pay.confirm(number)
    if outcome == "SUCCEEDED":
        return world.pay.post(number)
    return world.pay.record_failure(claim.claim_no, outcome, number)


def assert_paid_once(world: World, bank: BankServer, claim: Claim) -> None:
    number = payout_number(claim.claim_no, 1)
    assert bank.left_fen == TOE_FEN
    assert [payment.reference for payment in bank.payments] == [number]
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID
    assert world.payouts.get(number).state is PayoutState.SUCCEEDED
    assert world.books.paid == [number]


@pytest.mark.parametrize("faults", list(product((None, *FAULTS), repeat=REQUESTS)))
def test_money_leaves_once_when_any_replies_are_lost(
    world: World, bank: BankServer, faults: tuple[str | None, ...]
) -> None:
    claim = stated(world)
    remaining = list(faults)
    take = bank.faults.take

    def next_fault(kinds: object, method: str | None, *paths: str) -> Fault | None:
        """The n-th request meets the n-th fault."""
        kind = remaining.pop(0) if remaining else None
        return Fault.from_json({"kind": kind, "status": 500}) if kind else None

    bank.faults.take = next_fault  # type: ignore[method-assign]
    first = walk(world, bank, claim)
    assert first in {"SUCCEEDED", "UNKNOWN", "PENDING", "NOT_SENT"}
    bank.faults.take = take  # type: ignore[method-assign]
    walk(world, bank, claim)  # finance starts it again
    assert_paid_once(world, bank, claim)
    assert world.accounts.find(claim.claim_no) == ACCOUNT


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(30))
def test_money_leaves_once_when_the_process_dies_and_replies_are_lost(
    world: World, bank: BankServer, index: int, applied: bool
) -> None:
    claim = stated(world)
    world.steps.calm()
    bank.faults.arm(Fault.from_json({"kind": "lost_reply"}))
    world.steps.crash_at(index, applied=applied)
    try:
        walk(world, bank, claim)
    except Crash:
        pass
    world.steps.calm()
    walk(world, bank, claim)
    walk(world, bank, claim)
    assert_paid_once(world, bank, claim)
