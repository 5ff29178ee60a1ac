"""Sums above the wallet limit: the insured's own account, one payment, and money that comes back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.claims.claim import Claim, ClaimNotFoundError, Queue
from daycover.claims.clocks import payment_due
from daycover.claims.lifecycle import ClaimStatus, ClaimStepClosedError
from daycover.payouts.payee import PayeeAccountTakenError, PayeeNotInsuredError
from daycover.payouts.payout import PayoutState, payout_number
from daycover.payouts.transfer import BankAccount, Channel, TransferState, channel_for
from tests.support.builders import WORKER, a_worker
from tests.support.claims import insured
from tests.support.fakes.identity import FakeAccountIndex
from tests.support.fakes.port import Crash
from tests.support.queues import queued
from tests.unit.claims.world import World

TOE_FEN = 358_000
LIMIT_FEN = 300_000
CALLS = 60
"""More than a payout, its bounce and the payout after it make."""
ACCOUNT = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
OTHER = BankAccount(holder="王小明", account_no="6217000010001234567", bank_name="建设银行")


def a_world(**changes: object) -> World:
    return World(wallet_limit_fen=LIMIT_FEN, **changes)  # type: ignore[arg-type]


def stated(world: World, account: BankAccount = ACCOUNT) -> Claim:
    claim = world.agreed()
    world.state_payee(WORKER, claim.claim_no, account)
    return claim


def walk(world: World, claim: Claim) -> str:
    """Walk the Payout definition once; the bank settles between two questions."""
    pay = world.pay
    reserved = pay.reserve(claim.claim_no)
    number = reserved.payout_id
    if number is None or reserved.outcome not in {"RESERVED", "SUCCEEDED"}:
        if reserved.outcome == "ALREADY_PAID":
            return reserved.outcome
        return pay.record_failure(claim.claim_no, reserved.outcome)
    outcome = reserved.outcome if reserved.outcome == "SUCCEEDED" else pay.submit(number)
    for _ in range(3):
        if outcome == "SUCCEEDED":
            return pay.post(number)
        if outcome == "FAILED":
            break
        if outcome == "NOT_SENT":
            pay.submit(number)
        if number in world.real_bank.bills:
            world.real_bank.finish(number)
        world.at += timedelta(seconds=20)
        outcome = pay.confirm(number)
    return pay.post(number) if outcome == "SUCCEEDED" else pay.record_failure(claim.claim_no, outcome, number)


def assert_paid_once(world: World, claim: Claim, attempt: int = 1) -> None:
    stored = world.claims.get(claim.claim_no)
    assert stored.status in {ClaimStatus.PAID, ClaimStatus.CLOSED}
    assert world.real_bank.paid_fen == TOE_FEN
    assert world.bank.bills == {}
    assert stored.payouts == attempt
    booked = [world.payouts.get(number).amount_fen for number in world.books.paid]
    returned = [world.payouts.get(number).amount_fen for number in world.books.returned]
    assert sum(booked) - sum(returned) == TOE_FEN


@pytest.mark.parametrize(
    ("fen", "channel"), [(1, Channel.WALLET), (LIMIT_FEN, Channel.WALLET), (LIMIT_FEN + 1, Channel.BANK)]
)
def test_channel_is_the_bank_when_the_sum_is_above_the_limit(fen: int, channel: Channel) -> None:
    assert channel_for(fen, LIMIT_FEN) is channel


def test_claim_is_paid_to_the_stated_account_when_the_sum_is_large() -> None:
    world = a_world()
    claim = stated(world)
    assert walk(world, claim) == "SUCCEEDED"
    assert_paid_once(world, claim)
    assert world.real_bank.accounts == [ACCOUNT]


def test_payout_waits_for_an_account_and_goes_on_when_it_is_stated() -> None:
    world = a_world()
    claim = world.agreed()
    world.trigger(claim.claim_no)  # finance may be early, too
    assert walk(world, claim) == "PAYEE_MISSING"
    assert [c.claim_no for c in queued(world.claims, Queue.PAYOUT)] == [claim.claim_no]
    assert world.payouts.find(payout_number(claim.claim_no, 1)) is None
    started = len(world.workflows.payouts)
    world.state_payee(WORKER, claim.claim_no, ACCOUNT)
    assert len(world.workflows.payouts) == started + 1
    assert walk(world, claim) == "SUCCEEDED"
    assert_paid_once(world, claim)
    assert queued(world.claims, Queue.PAYOUT) == []


@pytest.mark.parametrize("holder", ["王小明", " 王 小明", "王小明 "])
def test_account_is_taken_when_the_holder_is_the_insured(holder: str) -> None:
    world = a_world()
    claim = world.agreed()
    account = BankAccount(holder=holder, account_no=ACCOUNT.account_no, bank_name="工商银行")
    assert world.state_payee(WORKER, claim.claim_no, account) == account


@pytest.mark.parametrize("holder", ["王小", "王小明明", "李四", "", "某某劳务公司"])
def test_account_is_refused_when_the_holder_is_somebody_else(holder: str) -> None:
    """F18: the payout belongs to the worker, whoever asks nicely."""
    world = a_world()
    claim = world.agreed()
    account = BankAccount(holder=holder, account_no=ACCOUNT.account_no, bank_name="工商银行")
    with pytest.raises(PayeeNotInsuredError):
        world.state_payee(WORKER, claim.claim_no, account)
    assert world.accounts.find(claim.claim_no) is None


def test_account_is_refused_when_the_claim_is_another_person_s() -> None:
    world = a_world(workers=(insured(), a_worker(worker_id="STRANGER", person_id="P2", name="王小明")))
    claim = world.agreed()
    with pytest.raises(ClaimNotFoundError):
        world.state_payee("STRANGER", claim.claim_no, ACCOUNT)


def test_account_is_refused_when_it_pays_another_person() -> None:
    world = a_world()
    claim = world.agreed()
    policy = claim.policy.model_copy(update={"person_id": "P2"})
    number = FakeAccountIndex().account_id(ACCOUNT.account_no)
    world.accounts.state(claim.model_copy(update={"policy": policy}), ACCOUNT, number)
    with pytest.raises(PayeeAccountTakenError):
        world.state_payee(WORKER, claim.claim_no, ACCOUNT)


def test_account_stands_when_the_payment_is_under_way() -> None:
    world = a_world()
    claim = stated(world)
    world.pay.reserve(claim.claim_no)
    with pytest.raises(ClaimStepClosedError):
        world.state_payee(WORKER, claim.claim_no, OTHER)
    assert world.accounts.find(claim.claim_no) == ACCOUNT


def bounced(world: World, claim: Claim, attempt: int = 1) -> str:
    number = payout_number(claim.claim_no, attempt)
    if world.real_bank.bills[number].state is TransferState.SUCCESS:
        world.real_bank.return_money(number)
    return world.pay.bounce(number)


def test_payment_is_open_again_when_the_money_came_back() -> None:
    world = a_world()
    claim = stated(world)
    agreed_at = world.claims.get(claim.claim_no).round.agreed_at
    assert agreed_at is not None
    walk(world, claim)
    world.follow.close(claim.claim_no)
    world.at += timedelta(days=3)
    assert bounced(world, claim) == "BOUNCED"
    stored = world.claims.get(claim.claim_no)
    assert (stored.status, stored.round.paid_at, stored.first_attention) == (
        ClaimStatus.AGREED,
        None,
        "PAYOUT_BOUNCED",
    )
    assert stored.place is not None
    assert stored.place.queue is Queue.PAYOUT
    assert stored.place.due == payment_due(agreed_at), "the ten days run on from the agreement"
    assert world.payouts.get(payout_number(claim.claim_no, 1)).state is PayoutState.BOUNCED
    assert world.real_bank.paid_fen == 0
    assert world.claims.history(claim.claim_no)[-1].reason_code == "ACCOUNT_CLOSED"


def test_number_is_new_and_the_claim_closes_when_it_is_paid_after_a_bounce() -> None:
    world = a_world()
    claim = stated(world)
    walk(world, claim)
    world.follow.close(claim.claim_no)
    bounced(world, claim)
    started = len(world.workflows.payouts)
    world.state_payee(WORKER, claim.claim_no, OTHER)
    assert len(world.workflows.payouts) == started + 1
    assert walk(world, claim) == "SUCCEEDED"
    assert_paid_once(world, claim, attempt=2)
    assert set(world.real_bank.bills) == {payout_number(claim.claim_no, n) for n in (1, 2)}
    assert world.real_bank.accounts == [ACCOUNT, OTHER]
    assert world.claims.get(claim.claim_no).status is ClaimStatus.CLOSED


@pytest.mark.parametrize("times", [2, 4])
def test_bounce_changes_nothing_more_when_it_is_told_again(times: int) -> None:
    world = a_world()
    claim = stated(world)
    walk(world, claim)
    for _ in range(times):
        assert bounced(world, claim) == "BOUNCED"
    walk(world, claim)
    assert world.pay.bounce(payout_number(claim.claim_no, 1)) == "BOUNCED"
    assert_paid_once(world, claim, attempt=2)


def test_bounce_is_not_believed_when_the_bank_has_the_money_out() -> None:
    world = a_world()
    claim = stated(world)
    walk(world, claim)
    assert world.pay.bounce(payout_number(claim.claim_no, 1)) == "SUCCEEDED"
    assert_paid_once(world, claim)


def test_money_that_came_back_is_booked_out_and_in_when_we_had_not_seen_it_leave() -> None:
    world = a_world()
    claim = stated(world)
    number = payout_number(claim.claim_no, 1)
    world.pay.reserve(claim.claim_no)
    world.pay.submit(number)
    world.real_bank.finish(number)
    assert bounced(world, claim) == "BOUNCED"
    assert number in world.books.paid
    assert number in world.books.returned
    walk(world, claim)
    assert_paid_once(world, claim, attempt=2)


@pytest.mark.parametrize("lost", [{"submit"}, {"find"}, {"submit", "find"}])
def test_payout_is_unknown_until_asking_resolves_it_when_replies_are_lost(lost: set[str]) -> None:
    world = a_world()
    claim = stated(world)
    world.real_bank.lost_replies = lost
    outcome = walk(world, claim)
    assert outcome in {"SUCCEEDED", "UNKNOWN"}
    world.real_bank.lost_replies = set()
    walk(world, claim)
    assert_paid_once(world, claim)


def whole_life(world: World, claim: Claim) -> None:
    """Payment, closing, return, payment to the next account: every step of it repeatable."""
    first = payout_number(claim.claim_no, 1)
    stored = world.claims.get(claim.claim_no)
    if world.payouts.find(first) is None or world.payouts.get(first).state is not PayoutState.BOUNCED:
        walk(world, claim)
        stored = world.claims.get(claim.claim_no)
        if stored.status is ClaimStatus.PAID:
            world.follow.close(claim.claim_no)
        bounced(world, claim)
    walk(world, claim)


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(CALLS))
def test_claim_is_paid_once_when_the_process_dies_between_any_two_steps(index: int, applied: bool) -> None:
    world = a_world()
    claim = stated(world)
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        whole_life(world, claim)
    except Crash:
        pass
    world.steps.calm()
    whole_life(world, claim)
    assert_paid_once(world, claim, attempt=2)


@given(st.lists(st.tuples(st.integers(0, CALLS), st.booleans()), max_size=6))
def test_claim_is_paid_once_when_the_process_dies_again_and_again(deaths: list[tuple[int, bool]]) -> None:
    world = a_world()
    claim = stated(world)
    for index, applied in deaths:
        world.steps.calm()
        world.steps.crash_at(index, applied=applied)
        try:
            whole_life(world, claim)
        except Crash:
            pass
    world.steps.calm()
    whole_life(world, claim)
    assert_paid_once(world, claim, attempt=2)
