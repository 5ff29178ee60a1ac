"""Paying a claim: one payment, or an unknown that asking resolves. The bank counts the money that left."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daycover.api.claims.queues import queue_view
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Claim, Queue
from daycover.claims.decide import Verdict
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.queues import Wanted
from daycover.claims.steps import WaitStep
from daycover.errors import ConcurrentChangeError
from daycover.payouts.outcome import Outcome
from daycover.payouts.pay import ASKABLE
from daycover.payouts.payout import (
    MOVES,
    ClaimNotPayableError,
    PayeeUnknownError,
    PayoutNotFoundError,
    PayoutState,
    PayoutStepClosedError,
    payout_number,
)
from daycover.payouts.transfer import TransferState
from tests.support.builders import PERSON, WORKER, a_worker
from tests.support.fakes.port import Crash
from tests.support.queues import queued
from tests.unit.claims.world import World

TOE_FEN = 358_000
CALLS = 40
"""More than a whole payout makes, so that every call is cut off once."""


def paid_out(world: World, claim: Claim, *, confirms: bool = True) -> Outcome:
    """Walk the Payout definition once, with the worker confirming in WeChat."""
    pay = world.pay
    reserved = pay.reserve(claim.claim_no)
    payout_id = reserved.payout_id
    if reserved.outcome not in {"RESERVED", "SUCCEEDED"} or payout_id is None:
        return reserved.outcome
    outcome = reserved.outcome if reserved.outcome == "SUCCEEDED" else pay.submit(payout_id)
    for number in range(3):
        if outcome == "SUCCEEDED":
            return pay.post(payout_id)
        if outcome == "FAILED":
            break
        if outcome == "NOT_SENT":
            pay.submit(payout_id)
        pay.hold(payout_id, f"confirm-{number}")
        if confirms and payout_id in world.bank.bills:
            world.bank.finish(payout_id)
            world.receive_notice(payout_id, "event-1", "SUCCESS")
        world.at += timedelta(seconds=20)
        outcome = pay.confirm(payout_id)
    return (
        outcome
        if outcome == "SUCCEEDED" and pay.post(payout_id)
        else pay.record_failure(claim.claim_no, outcome, payout_id)
    )


def assert_paid_once(world: World, claim: Claim) -> None:
    stored = world.claims.get(claim.claim_no)
    assert stored.status is ClaimStatus.PAID
    assert world.bank.paid_fen == claim.amount_fen == TOE_FEN
    assert list(world.bank.bills) == [payout_number(claim.claim_no, 1)]
    assert world.bank.openids == {"o-worker"}
    assert world.books.paid == [payout_number(claim.claim_no, 1)]


def test_claim_is_paid_once_when_all_goes_well() -> None:
    world = World()
    claim = world.agreed()
    assert paid_out(world, claim) == "SUCCEEDED"
    assert_paid_once(world, claim)


def test_second_amount_is_paid_when_a_paid_claim_was_reopened() -> None:
    world = World()
    claim = world.agreed()
    assert paid_out(world, claim) == "SUCCEEDED"
    world.follow.close(claim.claim_no)
    world.review.reopen("adjuster-1", claim.claim_no, "NEW_BILLS", "又收到票据")
    world.open_step(claim.claim_no, WaitStep.DECISION)
    verdict = Verdict(Decision.PARTIAL, 50_000, "WITHIN_TERMS", "新票据")
    world.decide("adjuster-1", claim.claim_no, verdict)
    world.acknowledge("senior-1", claim.claim_no, True, None)
    world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    for _ in range(2):
        reserved = world.pay.reserve(claim.claim_no)
        assert reserved.payout_id == payout_number(claim.claim_no, 2)
    assert paid_out(world, claim) == "SUCCEEDED"
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID
    assert world.bank.paid_fen == TOE_FEN + 50_000


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(CALLS))
def test_claim_is_paid_once_when_the_process_dies_between_any_two_steps(index: int, applied: bool) -> None:
    world = World()
    claim = world.agreed()
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        paid_out(world, claim)
    except Crash:
        pass
    world.steps.calm()
    paid_out(world, claim)  # a redrive, or finance starting it again
    assert_paid_once(world, claim)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, CALLS), st.booleans()), max_size=6))
def test_claim_is_paid_once_when_the_process_dies_again_and_again(deaths: list[tuple[int, bool]]) -> None:
    world = World()
    claim = world.agreed()
    for index, applied in deaths:
        world.steps.calm()
        world.steps.crash_at(index, applied=applied)
        try:
            paid_out(world, claim)
        except Crash:
            pass
    world.steps.calm()
    paid_out(world, claim)
    assert_paid_once(world, claim)


def test_payout_stays_unknown_when_no_reply_arrives() -> None:
    world = World()
    claim = world.agreed()
    world.bank.lost_replies = {"submit", "find"}
    assert paid_out(world, claim) == "UNKNOWN"
    stored = world.claims.get(claim.claim_no)
    assert (stored.status, stored.first_attention) == (ClaimStatus.PAYING, "PAYOUT_UNKNOWN")
    assert queued(world.claims, Queue.PAYOUT) == [stored]
    world.bank.lost_replies = set()
    assert paid_out(world, claim) == "SUCCEEDED"
    assert_paid_once(world, claim)
    assert queued(world.claims, Queue.PAYOUT) == []


def test_payout_is_resolved_by_asking_when_the_reply_to_the_transfer_is_lost() -> None:
    world = World()
    claim = world.agreed()
    world.bank.lost_replies = {"submit"}
    assert paid_out(world, claim) == "SUCCEEDED"
    assert_paid_once(world, claim)


def test_number_stays_when_the_transfer_was_refused_before_a_bill_existed() -> None:
    world = World()
    claim = world.agreed()
    world.bank.refuses = "NO_AUTH"
    assert paid_out(world, claim) == "FAILED"
    stored = world.claims.get(claim.claim_no)
    assert (stored.status, stored.first_attention) == (ClaimStatus.AGREED, "PAYOUT_FAILED")
    assert world.claims.history(claim.claim_no)[-1].reason_code == "NO_AUTH"
    world.bank.refuses = None
    assert paid_out(world, claim) == "SUCCEEDED"
    assert_paid_once(world, claim)


def test_queue_says_what_wechat_said_until_the_money_goes_again() -> None:
    world = World()
    claim = world.agreed()
    world.bank.refuses = "NO_AUTH"
    assert paid_out(world, claim) == "FAILED"
    (line,) = queue_view(Queue.PAYOUT, world.queues.page(Queue.PAYOUT, Wanted(), 1)).claims
    assert [(one.number, one.amount_fen, one.attention, one.fault) for one in line.stuck] == [
        (1, TOE_FEN, "PAYOUT_FAILED", "NO_AUTH")
    ]
    world.bank.refuses = None
    assert paid_out(world, claim) == "SUCCEEDED"
    assert queue_view(Queue.PAYOUT, world.queues.page(Queue.PAYOUT, Wanted(), 1)).claims == []
    assert world.claims.get(claim.claim_no).round.obligations[0].fault is None


@pytest.mark.parametrize("code", ["NOT_ENOUGH", "FREQUENCY_LIMITED", "SYSTEM_ERROR"])
def test_payout_keeps_the_code_of_wechat_and_is_paid_once_when_it_can_go_again(code: str) -> None:
    world = World()
    claim = world.agreed()
    world.bank.refuses = code
    number = str(world.pay.reserve(claim.claim_no).payout_id)
    assert world.pay.submit(number) == ("NOT_ENOUGH" if code == "NOT_ENOUGH" else "UNKNOWN")
    assert (world.payouts.get(number).fault, world.bank.bills) == (code, {})
    world.bank.refuses = None
    assert paid_out(world, claim) == "SUCCEEDED"
    assert world.payouts.get(number).fault is None
    assert_paid_once(world, claim)


def test_payout_has_no_answer_when_the_other_side_gave_no_code() -> None:
    world = World()
    payout_id = submitted(world)
    world.bank.lost_replies = {"find"}
    assert world.pay.confirm(payout_id) == "UNKNOWN"
    assert world.payouts.get(payout_id).fault == "NO_ANSWER"


def test_number_is_new_when_the_bill_came_to_its_end_without_paying() -> None:
    world = World()
    claim = world.agreed()
    first, second = payout_number(claim.claim_no, 1), payout_number(claim.claim_no, 2)
    world.pay.reserve(claim.claim_no)
    world.pay.submit(first)
    world.bank.finish(first, TransferState.FAIL)
    assert world.pay.confirm(first) == "FAILED"
    world.pay.record_failure(claim.claim_no, Outcome.FAILED, first)
    assert paid_out(world, claim) == "SUCCEEDED"
    assert set(world.bank.bills) == {first, second}
    assert world.bank.paid_fen == TOE_FEN
    assert world.claims.get(claim.claim_no).payouts == 2


def test_number_is_new_when_the_failure_was_not_recorded_on_the_claim() -> None:
    world = World()
    claim = world.agreed()
    first = payout_number(claim.claim_no, 1)
    world.pay.reserve(claim.claim_no)
    world.pay.submit(first)
    world.bank.finish(first, TransferState.CANCELLED)
    world.pay.confirm(first)  # and dies here: the claim is still PAYING
    assert paid_out(world, claim) == "SUCCEEDED"
    assert world.bank.paid_fen == TOE_FEN


def test_nothing_is_sent_when_the_claim_is_paid() -> None:
    world = World()
    claim = world.agreed()
    paid_out(world, claim)
    assert world.pay.reserve(claim.claim_no).outcome == "ALREADY_PAID"
    world.follow.close(claim.claim_no)
    assert world.pay.reserve(claim.claim_no).outcome == "ALREADY_PAID"
    assert paid_out(world, claim) == "ALREADY_PAID"
    assert world.bank.paid_fen == TOE_FEN
    with pytest.raises(ClaimNotPayableError):
        world.trigger(claim.claim_no)


def test_nothing_is_sent_when_the_amount_is_not_agreed() -> None:
    world = World()
    claim = world.documented()
    world.assess(claim.claim_no)
    assert world.pay.reserve(claim.claim_no).outcome == "NOT_PAYABLE"
    with pytest.raises(ClaimNotPayableError):
        world.trigger(claim.claim_no)


def test_notice_ends_the_wait_when_it_arrives() -> None:
    world = World()
    payout_id = submitted(world)
    world.pay.hold(payout_id, "waiting")
    assert world.workflows.answers == {}
    world.receive_notice(payout_id, "event-1", "SUCCESS")
    assert world.workflows.answers == {"waiting": {"outcome": "NOTICED"}}


def test_wait_ends_at_once_when_the_notice_came_first() -> None:
    world = World()
    payout_id = submitted(world)
    world.receive_notice(payout_id, "event-1", "SUCCESS")
    world.pay.hold(payout_id, "waiting")
    assert "waiting" in world.workflows.answers


@pytest.mark.parametrize("index", range(3))
def test_wait_ends_when_the_notice_arrives_in_the_middle_of_its_beginning(index: int) -> None:
    """The token is written before the notices are read, so that no moment is left in which both miss."""
    world = World()
    payout_id = submitted(world)
    world.steps.calm()

    def interrupt(_: str) -> None:
        if len(world.steps.calls) - 1 == index:
            world.receive_notice(payout_id, "event-1", "SUCCESS")

    world.steps.before = interrupt
    world.pay.hold(payout_id, "waiting")
    assert "waiting" in world.workflows.answers


def test_nothing_is_sent_again_when_the_attempt_is_over() -> None:
    world = World()
    claim = world.agreed()
    payout_id = payout_number(claim.claim_no, 1)
    world.bank.refuses = "NO_AUTH"
    world.pay.reserve(claim.claim_no)
    assert world.pay.submit(payout_id) == "FAILED"
    world.bank.refuses = None
    assert world.pay.submit(payout_id) == "FAILED"
    assert world.bank.bills == {}


def test_wait_goes_on_when_the_notice_is_older_than_the_last_question() -> None:
    """Otherwise a bill whose query lags behind its notice would be asked for in a tight loop."""
    world = World()
    payout_id = submitted(world)
    world.receive_notice(payout_id, "event-1", "SUCCESS")
    world.at += timedelta(seconds=1)
    assert world.pay.confirm(payout_id) == "PENDING"
    world.pay.hold(payout_id, "waiting")
    assert world.workflows.answers == {}


def test_notice_is_never_believed_when_it_says_that_money_arrived() -> None:
    world = World()
    payout_id = submitted(world)
    world.receive_notice(payout_id, "event-1", "SUCCESS")
    assert world.pay.confirm(payout_id) == "PENDING"
    assert world.payouts.get(payout_id).state is PayoutState.SUBMITTED


def test_notice_is_refused_when_it_names_no_payout_of_ours() -> None:
    with pytest.raises(PayoutNotFoundError):
        World().receive_notice("nothing", "event-1", "SUCCESS")


@pytest.mark.parametrize("times", [1, 2, 5])
def test_claim_is_paid_once_when_the_notice_repeats(times: int) -> None:
    world = World()
    claim = world.agreed()
    payout_id = payout_number(claim.claim_no, 1)
    paid_out(world, claim)
    for number in range(times):
        world.receive_notice(payout_id, f"event-{number % 2}", "SUCCESS")
    assert_paid_once(world, claim)


def test_payout_is_unknown_when_the_bill_has_another_amount() -> None:
    world = World()
    payout_id = submitted(world)
    world.bank.bills[payout_id] = type(world.bank.bills[payout_id])(
        payout_id, TransferState.SUCCESS, TOE_FEN - 1, "W1"
    )
    assert world.pay.confirm(payout_id) == "UNKNOWN"
    assert world.payouts.get(payout_id).fault == "AMOUNT_DIFFERS"


def test_payout_is_sent_again_under_its_number_when_wechat_never_got_it() -> None:
    world = World()
    claim = world.agreed()
    world.pay.reserve(claim.claim_no)
    assert world.pay.confirm(payout_number(claim.claim_no, 1)) == "NOT_SENT"


@pytest.mark.parametrize("known_bill", [True, False])
def test_payout_is_unknown_when_wechat_may_have_forgotten_the_bill(known_bill: bool) -> None:
    world = World()
    claim = world.agreed()
    payout_id = payout_number(claim.claim_no, 1)
    world.pay.reserve(claim.claim_no)
    if known_bill:
        world.pay.submit(payout_id)
        world.bank.bills.clear()
    else:
        world.at += ASKABLE + timedelta(seconds=1)
    assert world.pay.confirm(payout_id) == "UNKNOWN"
    assert world.payouts.get(payout_id).fault == "BILL_NOT_FOUND"


def test_package_info_is_kept_while_the_worker_must_confirm() -> None:
    world = World()
    payout_id = submitted(world)
    world.pay.confirm(payout_id)
    assert world.payouts.get(payout_id).package_info == "package"
    world.bank.finish(payout_id)
    world.pay.confirm(payout_id)
    assert world.payouts.get(payout_id).package_info is None


def test_waiting_claim_goes_on_when_finance_pays_it_later() -> None:
    world = World()
    claim = world.agreed()
    world.bank.refuses = "NO_AUTH"
    paid_out(world, claim)
    world.open_step(claim.claim_no, WaitStep.PAYOUT)
    assert "token-payout" not in world.workflows.answers
    world.bank.refuses = None
    paid_out(world, claim)
    assert world.workflows.answers["token-payout"] == {"outcome": "DONE"}


def test_finance_sees_the_claim_when_the_workflow_broke_down_before_reserving() -> None:
    world = World()
    claim = world.agreed()
    world.pay.record_failure(claim.claim_no, Outcome.ERROR)
    assert [c.claim_no for c in queued(world.claims, Queue.PAYOUT)] == [claim.claim_no]


def test_double_click_is_one_execution_when_finance_triggers() -> None:
    world = World()
    claim = world.agreed()
    assert world.trigger(claim.claim_no) == world.trigger(claim.claim_no)
    world.bank.lost_replies = {"submit", "find"}
    paid_out(world, claim)
    world.trigger(claim.claim_no)
    assert len(world.workflows.payouts) == 2


def test_nothing_is_sent_when_the_insured_has_no_proved_name() -> None:
    world = World(workers=(a_worker(person_id=PERSON),))
    claim = world.agreed_large(300_000)
    world.pay.reserve(claim.claim_no)
    with pytest.raises(PayeeUnknownError):
        world.pay.submit(payout_number(claim.claim_no, 1))
    assert world.bank.bills == {}


def test_step_begins_again_when_another_writer_was_faster() -> None:
    world = World()
    payout_id = submitted(world)
    overtaken: list[str] = []

    def overtake(name: str) -> None:
        if name == "payouts.save" and not overtaken:
            overtaken.append(name)
            raise ConcurrentChangeError

    world.bank.finish(payout_id)
    world.steps.before = overtake
    assert world.pay.confirm(payout_id) == "SUCCEEDED"


@pytest.mark.parametrize("state", list(PayoutState))
def test_payout_moves_only_when_the_table_allows_it(state: PayoutState) -> None:
    world = World()
    payout = world.payouts.get(submitted(world)).model_copy(update={"state": state})
    for target in PayoutState:
        if target in MOVES[state]:
            assert payout.moved(target).state is target
        else:
            with pytest.raises(PayoutStepClosedError):
                payout.moved(target)


def test_money_that_arrived_is_final_when_anything_happens_later() -> None:
    assert MOVES[PayoutState.SUCCEEDED] == frozenset({PayoutState.BOUNCED})
    assert MOVES[PayoutState.BOUNCED] == frozenset()


def submitted(world: World) -> str:
    claim = world.agreed()
    payout_id = payout_number(claim.claim_no, 1)
    world.pay.reserve(claim.claim_no)
    world.pay.submit(payout_id)
    return payout_id
