"""The certain part of a claim, paid before its decision: two people, one payment, and the rest later."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daycover.claims.advance import (
    AdvanceAmountError,
    AdvanceGround,
    AdvanceNotDueError,
    AdvanceOpenError,
    AdvanceState,
)
from daycover.claims.answer import AnswerKind
from daycover.claims.attention import Attention
from daycover.claims.claim import CLAIM_NUMBER_DIGITS, Claim, Queue
from daycover.claims.clocks import advance_due
from daycover.claims.decide import DecisionBySamePersonError, Verdict
from daycover.claims.documents import DocumentStatus
from daycover.claims.due import Clock, due_times
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError, Decision
from daycover.claims.state_advance import CertainPart
from daycover.claims.steps import WaitStep
from daycover.errors import DaycoverError
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import ClaimNotPayableError, payout_number
from daycover.payouts.transfer import BankAccount, Channel, TransferState
from tests.support.builders import WORKER
from tests.support.fakes.port import Crash
from tests.support.queues import queued
from tests.unit.claims.world import World

ASSESSED_FEN = 902_000
"""(10,000 yuan - 100) x 80 % and 11 days at 100 yuan."""
PART_FEN = 500_000
ACCOUNT = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
CALLS = 60
"""More than an advance and the decided amount after it make."""


def accepted(world: World, claim: Claim) -> None:
    """An adjuster accepts every document."""
    for document in world.documents.list_of(claim.claim_no):
        verdict = DocumentVerdict(DocumentStatus.ACCEPTED, "GENUINE", "原件无误")
        world.judge("S1", claim.claim_no, document.document_id, verdict)


def on_day_60(world: World) -> Claim:
    claim = world.referred()
    accepted(world, claim)
    assert claim.round.documents_complete_at is not None
    world.at = advance_due(claim.round.documents_complete_at)
    return world.claims.get(claim.claim_no)


def part(fen: int = PART_FEN) -> CertainPart:
    return CertainPart(fen, "CERTAIN_PART", "门诊费用已核实")


def acknowledged(world: World, fen: int = PART_FEN) -> Claim:
    claim = on_day_60(world)
    world.state_advance("S1", claim.claim_no, part(fen))
    return world.acknowledge_advance("S2", claim.claim_no, 1, True, None)


def decided(world: World, claim: Claim, fen: int | None = None) -> Claim:
    """Two people decide, and the insured accepts; None: refused."""
    verdict = Verdict(Decision.PARTIAL if fen else Decision.DECLINED, fen, "WITHIN_TERMS", "x")
    world.decide("S1", claim.claim_no, verdict)
    after = world.acknowledge("S2", claim.claim_no, True, None)
    return world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None) if fen else after


def walk(world: World, claim_no: str, advance: int | None = None, *, arrives: bool = True) -> str:
    """Walk the Payout definition once; WeChat or the bank settles between two questions."""
    reserved = world.pay.reserve(claim_no, advance=advance)
    number, outcome = reserved.payout_id, reserved.outcome
    if outcome in {"ALREADY_PAID", "LAPSED", "NOT_PAYABLE"}:
        return outcome
    if number is None:
        return world.pay.record_failure(claim_no, outcome, advance=advance)
    if outcome == "RESERVED":
        outcome = world.pay.submit(number)
    for _ in range(3):
        if outcome in {"SUCCEEDED", "FAILED"}:
            break
        if outcome == "NOT_SENT":
            world.pay.submit(number)
        world.pay.hold(number, "token")
        bank = world.bank if world.payouts.get(number).channel is Channel.WALLET else world.real_bank
        if number in bank.bills and arrives:
            bank.finish(number)
        world.at += timedelta(seconds=20)
        outcome = world.pay.confirm(number)
    if outcome == "SUCCEEDED":
        return world.pay.post(number)
    return world.pay.record_failure(claim_no, outcome, number, advance=advance)


def state_of(claim: Claim) -> AdvanceState:
    """Where the first advance stands, its money included."""
    return claim.round.state_of(claim.round.advances[0])


def attention_of(claim: Claim) -> Attention | None:
    return claim.round.of_advance(1)[0].attention


def fail(world: World, claim_no: str) -> None:
    """The advance's bill comes to its end without paying."""
    number = world.pay.reserve(claim_no, advance=1).payout_id
    assert number is not None
    world.pay.submit(number)
    world.bank.finish(number, TransferState.FAIL)
    assert world.pay.confirm(number) == "FAILED"
    world.pay.record_failure(claim_no, Outcome.FAILED, number, advance=1)


def test_number_fits_wechat_when_a_claim_is_paid_often() -> None:
    claim_no = "CL" + "Z" * CLAIM_NUMBER_DIGITS
    assert payout_number(claim_no, 1) == f"{claim_no}P1"
    longest = payout_number(claim_no, 99_999)
    assert len(longest) == 32
    assert longest.isalnum()


def test_advance_is_not_due_when_day_60_has_not_come() -> None:
    world = World()
    claim = on_day_60(world)
    world.at -= timedelta(seconds=1)
    assert queued(world.claims, Queue.ADVANCE, world.at) == []
    with pytest.raises(AdvanceNotDueError):
        world.state_advance("S1", claim.claim_no, part())


def test_claim_waits_in_the_queue_of_advances_when_day_60_comes() -> None:
    world = World()
    claim = on_day_60(world)
    assert queued(world.claims, Queue.ADVANCE, world.at) == [claim]
    assert claim.advance_since == due_times(claim)[Clock.ADVANCE] == world.at
    assert world.note_breaches()
    assert [c.claim_no for c in queued(world.claims, Queue.ADVANCE, world.at)] == [claim.claim_no]


def test_queue_is_ordered_by_due_time_when_several_claims_wait() -> None:
    world = World()
    first = on_day_60(world)
    world.at -= timedelta(days=30)
    second = world.documented(
        bill_fen=900_000, invoice_no="B2", occurred_at=first.accident.occurred_at + timedelta(hours=5)
    )
    world.at += timedelta(days=61)
    assert [c.claim_no for c in queued(world.claims, Queue.ADVANCE, world.at)] == [
        first.claim_no,
        second.claim_no,
    ]


@pytest.mark.parametrize("fen", [0, -1, ASSESSED_FEN + 1])
def test_advance_is_refused_when_the_amount_is_nothing_or_not_certain(fen: int) -> None:
    world = World()
    claim = on_day_60(world)
    with pytest.raises(AdvanceAmountError):
        world.state_advance("S1", claim.claim_no, part(fen))
    assert (
        world.state_advance("S1", claim.claim_no, part(ASSESSED_FEN)).round.advances[0].amount_fen
        == ASSESSED_FEN
    )


def test_nothing_is_certain_when_no_document_was_accepted_or_verified() -> None:
    world = World()
    world.platform.is_forgetful = True
    claim = world.referred()
    world.at += timedelta(days=61)
    with pytest.raises(AdvanceAmountError) as raised:
        world.state_advance("S1", claim.claim_no, part(1))
    assert raised.value.facts["maximum_fen"] == 0


def test_advance_is_refused_when_another_one_is_open() -> None:
    world = World()
    claim = on_day_60(world)
    stated = world.state_advance("S1", claim.claim_no, part())
    assert world.state_advance("S1", claim.claim_no, part()) == stated, "the same again changes nothing"
    with pytest.raises(AdvanceOpenError):
        world.state_advance("S3", claim.claim_no, part(1))


def test_advance_needs_a_second_person() -> None:
    world = World()
    claim = on_day_60(world)
    world.state_advance("S1", claim.claim_no, part())
    for answer in (True, False):
        with pytest.raises(DecisionBySamePersonError):
            world.acknowledge_advance("S1", claim.claim_no, 1, answer, None)
    assert world.pay.reserve(claim.claim_no, advance=1).outcome == "NOT_PAYABLE"
    assert world.workflows.advances == []
    world.acknowledge_advance("S2", claim.claim_no, 1, True, None)
    world.acknowledge_advance("S2", claim.claim_no, 1, True, None)
    assert world.workflows.advances == [(claim.claim_no, 1)]
    assert world.workflows.payouts == [f"{claim.claim_no}-A1"]
    with pytest.raises(ClaimStepClosedError):
        world.acknowledge_advance("S3", claim.claim_no, 1, True, None)


def test_advance_may_be_stated_anew_when_it_was_sent_back() -> None:
    world = World()
    claim = on_day_60(world)
    world.state_advance("S1", claim.claim_no, part())
    sent_back = world.acknowledge_advance("S2", claim.claim_no, 1, False, "先看发票")
    assert state_of(sent_back) is AdvanceState.SENT_BACK
    assert world.workflows.advances == []
    again = world.state_advance("S1", claim.claim_no, part(1))
    assert [advance.number for advance in again.round.advances] == [1, 2]


def test_advance_is_refused_at_the_acknowledgement_when_a_document_was_rejected_meanwhile() -> None:
    world = World()
    claim = on_day_60(world)
    world.state_advance("S1", claim.claim_no, part(ASSESSED_FEN))
    [invoice] = [d for d in world.documents.list_of(claim.claim_no) if d.announced.doc_type == "INVOICE"]
    rejected = DocumentVerdict(DocumentStatus.REJECTED, "FORGED", "发票不实")
    world.judge("S1", claim.claim_no, invoice.document_id, rejected)
    with pytest.raises(AdvanceAmountError):
        world.acknowledge_advance("S2", claim.claim_no, 1, True, None)


def test_claim_stays_where_it_is_when_its_advance_is_paid() -> None:
    world = World()
    claim = acknowledged(world)
    before = (claim.status, claim.decision, claim.place)
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    paid = world.claims.get(claim.claim_no)
    assert (paid.status, paid.decision, paid.place) == before
    assert state_of(paid) is AdvanceState.PAID
    assert paid.advance_since is None
    assert Clock.ADVANCE not in due_times(paid), "the certain part is paid"
    assert list(world.bank.bills) == [payout_number(claim.claim_no, 1)]
    assert world.books.paid == [payout_number(claim.claim_no, 1)]
    assert walk(world, claim.claim_no, 1) == "ALREADY_PAID"
    assert world.bank.paid_fen == PART_FEN


def test_payout_is_the_decided_amount_less_the_advance() -> None:
    world = World()
    claim = acknowledged(world)
    walk(world, claim.claim_no, 1)
    decided(world, claim, ASSESSED_FEN)
    assert walk(world, claim.claim_no) == "SUCCEEDED"
    assert world.payouts.get(payout_number(claim.claim_no, 2)).amount_fen == ASSESSED_FEN - PART_FEN
    assert world.bank.paid_fen == ASSESSED_FEN
    closed = world.follow.close(claim.claim_no)
    assert closed.advance_excess_fen == 0
    assert [e.moved_fen for e in world.claims.history(claim.claim_no) if e.event is ClaimEvent.PAID] == [
        ASSESSED_FEN - PART_FEN
    ]


@pytest.mark.parametrize(("fen", "excess_fen"), [(PART_FEN, 0), (200_000, 300_000)])
def test_nothing_more_is_paid_when_the_advance_covers_the_decision(fen: int, excess_fen: int) -> None:
    world = World()
    claim = acknowledged(world)
    walk(world, claim.claim_no, 1)
    decided(world, claim, fen)
    world.open_step(claim.claim_no, WaitStep.PAYOUT)
    assert walk(world, claim.claim_no) == "ALREADY_PAID"
    settled = world.claims.get(claim.claim_no)
    assert (settled.status, settled.round.decided_obligations) == (ClaimStatus.PAID, ())
    assert world.workflows.answers["token-payout"] == {"outcome": "DONE"}
    assert world.bank.paid_fen == PART_FEN, "nothing is taken back"
    assert world.follow.close(claim.claim_no).advance_excess_fen == excess_fen


def test_difference_is_seen_when_the_claim_is_refused_after_an_advance() -> None:
    world = World()
    claim = acknowledged(world)
    walk(world, claim.claim_no, 1)
    decided(world, claim)
    assert world.follow.close(claim.claim_no).advance_excess_fen == PART_FEN
    assert world.bank.paid_fen == PART_FEN


def test_advance_lapses_when_the_claim_is_decided_before_it_is_sent() -> None:
    world = World()
    claim = acknowledged(world)
    decided(world, claim, ASSESSED_FEN)
    assert walk(world, claim.claim_no, 1) == "LAPSED"
    with pytest.raises(ClaimNotPayableError):
        world.trigger(claim.claim_no, 1)
    assert walk(world, claim.claim_no) == "SUCCEEDED"
    assert world.bank.paid_fen == ASSESSED_FEN
    assert list(world.bank.bills) == [payout_number(claim.claim_no, 1)]


def test_claim_and_advance_are_paid_side_by_side_when_the_decision_came_between() -> None:
    world = World()
    claim = acknowledged(world)
    number = world.pay.reserve(claim.claim_no, advance=1).payout_id
    assert number is not None
    world.pay.submit(number)
    decided(world, claim, ASSESSED_FEN)
    assert walk(world, claim.claim_no) == "SUCCEEDED"
    assert world.bank.paid_fen == ASSESSED_FEN - PART_FEN
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    assert world.bank.paid_fen == ASSESSED_FEN


def test_claim_waits_for_its_advance_when_that_may_cover_all_that_was_decided() -> None:
    world = World()
    claim = acknowledged(world)
    number = world.pay.reserve(claim.claim_no, advance=1).payout_id
    assert number is not None
    world.pay.submit(number)
    decided(world, claim, PART_FEN)
    assert walk(world, claim.claim_no) == "ADVANCE_PENDING"
    waiting = world.claims.get(claim.claim_no)
    assert (waiting.status, waiting.first_attention) == (ClaimStatus.AGREED, "PAYOUT_ADVANCE_PENDING")
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID
    assert world.bank.paid_fen == PART_FEN


def test_claim_is_paid_whole_when_the_advance_it_waited_for_failed() -> None:
    world = World()
    claim = acknowledged(world)
    world.pay.submit(str(world.pay.reserve(claim.claim_no, advance=1).payout_id))
    decided(world, claim, PART_FEN)
    assert walk(world, claim.claim_no) == "ADVANCE_PENDING"
    fail(world, claim.claim_no)
    assert state_of(world.claims.get(claim.claim_no)) is AdvanceState.LAPSED
    assert walk(world, claim.claim_no) == "SUCCEEDED"
    assert world.bank.paid_fen == PART_FEN
    assert world.books.paid == [payout_number(claim.claim_no, 2)]


def test_number_is_new_when_the_advance_finally_failed() -> None:
    world = World()
    claim = acknowledged(world)
    fail(world, claim.claim_no)
    failed = world.claims.get(claim.claim_no)
    assert attention_of(failed) == "PAYOUT_FAILED"
    assert queued(world.claims, Queue.ADVANCE, world.at) == [failed]
    assert (
        world.trigger(claim.claim_no, 1)
        == f"execution:{payout_number(claim.claim_no, 1)}-4-{failed.version}-1"
    )
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    assert world.books.paid == [payout_number(claim.claim_no, 2)]
    assert world.bank.paid_fen == PART_FEN


def test_number_stays_when_the_advance_was_refused_before_a_bill_existed() -> None:
    world = World()
    claim = acknowledged(world)
    world.bank.refuses = "NO_AUTH"
    assert walk(world, claim.claim_no, 1) == "FAILED"
    world.bank.refuses = None
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    assert list(world.bank.bills) == [payout_number(claim.claim_no, 1)]


def test_advance_stays_before_finance_when_nobody_knows_its_result() -> None:
    world = World()
    claim = acknowledged(world)
    world.bank.lost_replies = {"submit", "find"}
    assert walk(world, claim.claim_no, 1) == "UNKNOWN"
    unknown = world.claims.get(claim.claim_no)
    assert (state_of(unknown), attention_of(unknown)) == (
        AdvanceState.PAYING,
        "PAYOUT_UNKNOWN",
    )
    assert queued(world.claims, Queue.ADVANCE, world.at) == [unknown]
    world.bank.lost_replies = set()
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    assert world.bank.paid_fen == PART_FEN


def bounced(world: World, number: str) -> None:
    world.real_bank.return_money(number)
    assert world.pay.bounce(number) == "BOUNCED"


def large(world: World, claim: Claim) -> None:
    """Advance through the bank: only that sends settled money back."""
    world.state_payee(WORKER, claim.claim_no, ACCOUNT)
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"


def test_large_advance_waits_until_the_insured_has_stated_an_account() -> None:
    world = World(wallet_limit_fen=100_000)
    claim = acknowledged(world)
    assert walk(world, claim.claim_no, 1) == "PAYEE_MISSING"
    assert attention_of(world.claims.get(claim.claim_no)) == "PAYOUT_PAYEE_MISSING"
    started = len(world.workflows.obligations)
    world.state_payee(WORKER, claim.claim_no, ACCOUNT)
    assert world.workflows.obligations[started:] == [1]
    world.pay.reserve(claim.claim_no, advance=1)
    with pytest.raises(ClaimStepClosedError):
        world.state_payee(WORKER, claim.claim_no, ACCOUNT)  # its number names one account


def test_advance_is_paid_again_when_it_bounced_before_the_decision() -> None:
    world = World(wallet_limit_fen=100_000)
    claim = acknowledged(world)
    large(world, claim)
    bounced(world, payout_number(claim.claim_no, 1))
    back = world.claims.get(claim.claim_no)
    assert (back.status, attention_of(back)) == (ClaimStatus.IN_REVIEW, "PAYOUT_BOUNCED")
    assert world.real_bank.paid_fen == 0
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    assert world.books.paid[-1] == payout_number(claim.claim_no, 2)
    decided(world, claim, ASSESSED_FEN)
    assert walk(world, claim.claim_no) == "SUCCEEDED"
    assert world.real_bank.paid_fen == ASSESSED_FEN


def test_decided_amount_is_paid_whole_when_the_advance_bounced_before_its_payout() -> None:
    world = World(wallet_limit_fen=100_000)
    claim = acknowledged(world)
    large(world, claim)
    decided(world, claim, ASSESSED_FEN)
    bounced(world, payout_number(claim.claim_no, 1))
    assert state_of(world.claims.get(claim.claim_no)) is AdvanceState.LAPSED
    assert walk(world, claim.claim_no) == "SUCCEEDED"
    assert world.real_bank.paid_fen == ASSESSED_FEN


@pytest.mark.parametrize("fen", [ASSESSED_FEN, 300_000])
def test_advance_is_owed_again_as_far_as_it_was_decided_when_it_bounced_afterwards(fen: int) -> None:
    world = World(wallet_limit_fen=100_000)
    claim = acknowledged(world)
    large(world, claim)
    decided(world, claim, fen)
    walk(world, claim.claim_no)
    world.follow.close(claim.claim_no)
    bounced(world, payout_number(claim.claim_no, 1))
    assert [c.claim_no for c in queued(world.claims, Queue.ADVANCE, world.at)] == [claim.claim_no]
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    assert world.real_bank.paid_fen == fen
    assert world.claims.get(claim.claim_no).advance_excess_fen == 0


def test_undisputed_part_is_paid_when_the_insured_disputes_the_amount() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, Verdict(Decision.PARTIAL, 300_000, "WITHIN_TERMS", "x"))
    world.acknowledge("S2", claim.claim_no, True, None)
    disputed = world.answer(WORKER, claim.claim_no, AnswerKind.DISPUTE, "少算了")
    assert queued(world.claims, Queue.ADVANCE, world.at) == [disputed]
    world.open_step(claim.claim_no, WaitStep.DECISION)  # in review again
    with pytest.raises(AdvanceAmountError):
        world.state_advance("S1", claim.claim_no, part(300_001))
    stated = world.state_advance("S1", claim.claim_no, part(300_000))
    assert stated.round.advances[0].ground is AdvanceGround.UNDISPUTED
    world.acknowledge_advance("S2", claim.claim_no, 1, True, None)
    assert walk(world, claim.claim_no, 1) == "SUCCEEDED"
    decided(world, claim, 400_000)
    assert walk(world, claim.claim_no) == "SUCCEEDED"
    assert world.bank.paid_fen == 400_000


def test_advance_counts_as_paid_when_the_claim_is_reopened() -> None:
    world = World()
    claim = acknowledged(world)
    walk(world, claim.claim_no, 1)
    decided(world, claim, 600_000)
    walk(world, claim.claim_no)
    world.follow.close(claim.claim_no)
    reopened = world.review.reopen("S1", claim.claim_no, "NEW_BILLS", "后续治疗")
    assert reopened.held_before.fen == 600_000
    assert reopened.round.advanced_fen == 0
    world.open_step(claim.claim_no, WaitStep.DECISION)
    decided(world, claim, 100_000)
    assert walk(world, claim.claim_no) == "SUCCEEDED"
    assert world.bank.paid_fen == 700_000
    assert payout_number(claim.claim_no, 3) in world.bank.bills


def test_withdrawal_leaves_the_advance_with_the_insured_and_shows_it() -> None:
    world = World()
    claim = acknowledged(world)
    walk(world, claim.claim_no, 1)
    withdrawn = world.own.withdraw(WORKER, claim.claim_no, "已由单位赔付")
    assert withdrawn.advance_excess_fen == PART_FEN
    assert world.bank.paid_fen == PART_FEN


def whole_way(world: World, claim: Claim, fen: int) -> None:
    """State, acknowledge, pay, decide, pay: every step as often as somebody tries it."""
    for step in (
        lambda: world.state_advance("S1", claim.claim_no, part()),
        lambda: world.acknowledge_advance("S2", claim.claim_no, 1, True, None),
        lambda: walk(world, claim.claim_no, 1),
        lambda: world.decide("S1", claim.claim_no, Verdict(Decision.PARTIAL, fen, "WITHIN_TERMS", "x")),
        lambda: world.acknowledge("S2", claim.claim_no, True, None),
        lambda: world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None),
        lambda: walk(world, claim.claim_no),
    ):
        try:
            step()
        except DaycoverError:
            pass  # done before


@given(
    st.sampled_from([ASSESSED_FEN, PART_FEN]),
    st.lists(st.tuples(st.integers(0, CALLS), st.booleans()), min_size=1, max_size=5),
)
def test_decided_amount_is_paid_once_when_the_process_dies_again_and_again(
    fen: int, deaths: list[tuple[int, bool]]
) -> None:
    world = World()
    claim = on_day_60(world)
    for index, applied in deaths:
        world.steps.calm()
        world.steps.crash_at(index, applied=applied)
        try:
            whole_way(world, claim, fen)
        except Crash:
            pass
    world.steps.calm()
    whole_way(world, claim, fen)
    walk(world, claim.claim_no, 1)
    walk(world, claim.claim_no)
    assert world.bank.paid_fen == fen
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID


ACTS = ("advance", "silent", "fail", "decide", "pay", "pay_silent", "bounce", "close")


@settings(max_examples=200)
@given(st.sampled_from([ASSESSED_FEN, 300_000]), st.lists(st.sampled_from(ACTS), max_size=12))
def test_no_more_is_paid_than_decided_or_advanced_when_anything_happens_in_any_order(
    fen: int, acts: list[str]
) -> None:
    world = World(wallet_limit_fen=100_000)
    claim = acknowledged(world)
    world.state_payee(WORKER, claim.claim_no, ACCOUNT)
    claim_no = claim.claim_no

    def act(name: str) -> None:
        if name in {"advance", "silent"}:
            walk(world, claim_no, 1, arrives=name == "advance")
        elif name in {"pay", "pay_silent"}:
            walk(world, claim_no, arrives=name == "pay")
        elif name == "fail":
            for number, bill in list(world.real_bank.bills.items()):
                if bill.state is TransferState.PROCESSING:
                    world.real_bank.finish(number, TransferState.FAIL)
        elif name == "bounce":
            for number, bill in list(world.real_bank.bills.items()):
                if bill.state is TransferState.SUCCESS:
                    world.real_bank.return_money(number)
                    world.pay.bounce(number)
                    break
        elif name == "decide":
            decided(world, claim, fen)
        else:
            world.follow.close(claim_no)

    for name in acts:
        try:
            act(name)
        except DaycoverError:
            pass  # refused, and nothing happened
        assert world.real_bank.paid_fen <= max(fen, PART_FEN)
    for name in ("advance", "decide", "pay", "advance", "pay"):
        try:
            act(name)
        except DaycoverError:
            pass
    settled = world.claims.get(claim_no)
    assert settled.status in {ClaimStatus.PAID, ClaimStatus.CLOSED}
    assert world.real_bank.paid_fen in {fen, max(fen, PART_FEN)}
