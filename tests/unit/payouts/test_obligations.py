"""What is owed finds its way: through a slow or poor WeChat, to the bank, and not at all once its policy ended."""

from datetime import timedelta

import pytest

from daycover.claims.answer import AnswerKind
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim, Queue
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.obligation import ObligationState
from daycover.claims.steps import WaitStep
from daycover.cover.policy import Ending, EndReason, PolicyStatus
from daycover.payouts.outcome import Outcome
from daycover.payouts.pay import BILL_NOT_FOUND, IN_FLIGHT, TAKEN_BACK
from daycover.payouts.payout import PayoutState, payout_number
from daycover.payouts.transfer import BankAccount, Channel, Transfer, TransferState
from tests.support.builders import WORKER
from tests.support.claims import a_bill_no, receipt_facts
from tests.support.fakes.payouts import SLOW
from tests.support.fakes.port import Crash
from tests.support.papers import a_jpeg
from tests.support.queues import queued
from tests.unit.claims.world import World
from tests.unit.payouts.test_beneficiaries import THREE, a_beneficiary, confirmed, reserved_for, walk
from tests.unit.payouts.test_beneficiaries import walk as share_walked

TOE_FEN = 358_000
ACCOUNT = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
OLD_BILL, NEW_BILL = f"MEDICAL:{a_bill_no('A1')}", f"MEDICAL:{a_bill_no('A2')}"
SECOND_SCAN = a_jpeg("second scan")
LEFT = frozenset({TransferState.TRANSFERING, TransferState.SUCCESS})


def reserved(world: World) -> tuple[Claim, str]:
    claim = world.agreed()
    number = world.pay.reserve(claim.claim_no).payout_id
    assert number is not None
    return claim, number


def asked(world: World, number: str, times: int = 1) -> Outcome:
    """What Payout does between two waits: it asks, and submits again where that gives NOT_SENT."""
    outcome = Outcome.PENDING
    for _ in range(times):
        world.at += timedelta(seconds=20)
        outcome = world.pay.confirm(number)
        if outcome is Outcome.NOT_SENT:
            outcome = world.pay.submit(number)
    return outcome


def void(world: World, claim: Claim) -> None:
    """The policy is voided, and nobody has heard of it."""
    ended = Ending(at=world.at, by="staff", actor="U1", reason=EndReason.IDENTITY_THEFT, refund_fen=0)
    policy = claim.policy.model_copy(update={"status": PolicyStatus.VOIDED, "ended": ended})
    world.policies._policies[policy.policy_no] = policy


def paid_once(world: World, claim: Claim, number: str) -> None:
    world.bank.finish(number)
    assert world.pay.confirm(number) is Outcome.SUCCEEDED
    assert world.pay.post(number) is Outcome.SUCCEEDED
    assert world.bank.paid_fen == TOE_FEN
    assert list(world.bank.bills) == [number]
    assert world.books.paid == [number]
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID


@pytest.mark.parametrize("slow", [(), SLOW[1:], SLOW])
@pytest.mark.parametrize("lost", [False, True])
def test_worker_can_open_the_confirmation_when_wechat_was_slow_or_its_answer_was_lost(
    slow: tuple[TransferState, ...], lost: bool
) -> None:
    world = World()
    claim, number = reserved(world)
    world.bank.slow, world.bank.lost_replies = slow, {"submit"} if lost else set()
    assert world.pay.submit(number) is (Outcome.UNKNOWN if lost else Outcome.PENDING)
    world.bank.lost_replies = set()
    assert asked(world, number, 1 + len(slow)) is Outcome.PENDING
    package = world.payouts.get(number).package_info
    assert package in world.bank.packages[number]
    assert asked(world, number, 3) is Outcome.PENDING
    assert world.payouts.get(number).package_info == package, "nobody submits again once it is there"
    paid_once(world, claim, number)


def test_package_is_wanted_again_when_each_answer_is_lost() -> None:
    world = World()
    claim, number = reserved(world)
    world.bank.lost_replies = {"submit"}
    world.pay.submit(number)
    for _ in range(3):
        assert world.pay.confirm(number) is Outcome.NOT_SENT
        assert world.pay.submit(number) is Outcome.UNKNOWN
    world.bank.lost_replies = set()
    assert asked(world, number) is Outcome.PENDING
    assert world.payouts.get(number).package_info == world.bank.packages[number][-1]
    paid_once(world, claim, number)


def test_finance_sees_at_once_that_the_balance_is_too_low_and_the_same_number_pays_later() -> None:
    world = World()
    claim, number = reserved(world)
    world.bank.refuses = "NOT_ENOUGH"
    for _ in range(2):
        assert world.pay.submit(number) is Outcome.NOT_ENOUGH
        poor = world.claims.get(claim.claim_no)
        assert poor.round.obligation(1).attention is Attention.NOT_ENOUGH
        assert queued(world.claims, Queue.PAYOUT) == [poor]
        assert world.payouts.get(number).fault == "NOT_ENOUGH"
        assert world.pay.confirm(number) is Outcome.NOT_SENT
    world.bank.refuses = None
    assert asked(world, number) is Outcome.PENDING
    assert world.claims.get(claim.claim_no).round.obligation(1).attention is None
    assert queued(world.claims, Queue.PAYOUT) == []
    assert world.payouts.get(number).fault is None
    paid_once(world, claim, number)


def test_number_pays_once_when_the_answer_after_a_low_balance_is_lost() -> None:
    world = World()
    claim, number = reserved(world)
    world.bank.refuse_next("NOT_ENOUGH")
    world.pay.submit(number)
    world.bank.lost_replies = {"submit"}
    world.pay.submit(number)
    world.bank.lost_replies = set()
    assert asked(world, number) is Outcome.PENDING
    assert world.claims.get(claim.claim_no).first_attention is None
    paid_once(world, claim, number)


def test_nobody_is_called_when_too_many_calls_came() -> None:
    world = World()
    claim, number = reserved(world)
    world.bank.refuse_next("FREQUENCY_LIMITED")
    assert world.pay.submit(number) is Outcome.UNKNOWN
    assert world.payouts.get(number).fault == "FREQUENCY_LIMITED"
    assert queued(world.claims, Queue.PAYOUT) == []
    assert asked(world, number) is Outcome.PENDING
    paid_once(world, claim, number)


def failed_in_the_wallet(world: World, claim: Claim, number: str) -> Outcome:
    world.pay.submit(number)
    world.bank.finish(number, TransferState.FAIL)
    assert world.pay.confirm(number) is Outcome.FAILED
    return world.pay.record_failure(claim.claim_no, Outcome.FAILED, number)


def paid_by_bank(world: World, claim: Claim, obligation: int | None) -> None:
    """The execution that was started pays under a new number."""
    second = payout_number(claim.claim_no, 2)
    assert world.pay.reserve(claim.claim_no, obligation=obligation).payout_id == second
    assert world.payouts.get(second).channel is Channel.BANK
    assert world.pay.submit(second) is Outcome.PENDING
    world.real_bank.finish(second)
    assert world.pay.confirm(second) is Outcome.SUCCEEDED
    world.pay.post(second)
    assert (world.bank.paid_fen, world.real_bank.paid_fen) == (0, TOE_FEN)
    assert world.books.paid == [second]
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID


def test_bank_pays_by_itself_when_the_wallet_failed_and_an_account_is_stated() -> None:
    world = World()
    claim = world.agreed()
    world.state_payee(WORKER, claim.claim_no, ACCOUNT)
    number = world.pay.reserve(claim.claim_no).payout_id
    assert number is not None
    assert world.payouts.get(number).channel is Channel.WALLET, "the wallet comes first"
    for _ in range(2):  # a task may run twice
        failed_in_the_wallet(world, claim, number)
    assert world.workflows.payouts == [f"{number}-BANK"]
    assert world.workflows.obligations == [1]
    paid_by_bank(world, claim, 1)
    assert world.real_bank.accounts == [ACCOUNT]


def test_stated_account_starts_the_bank_when_the_wallet_failed_before() -> None:
    world = World()
    claim, number = reserved(world)
    assert failed_in_the_wallet(world, claim, number) is Outcome.FAILED
    waits = world.claims.get(claim.claim_no)
    assert (waits.status, waits.first_attention) == (ClaimStatus.AGREED, Attention.FAILED)
    assert world.workflows.payouts == []
    world.state_payee(WORKER, claim.claim_no, ACCOUNT)
    assert world.workflows.obligations == [1]
    paid_by_bank(world, claim, 1)


def test_wallet_is_tried_again_when_it_was_refused_before_any_bill() -> None:
    """The number names a way: while its bill may still come to be, it never changes."""
    world = World()
    claim = world.agreed()
    world.state_payee(WORKER, claim.claim_no, ACCOUNT)
    number = world.pay.reserve(claim.claim_no).payout_id
    assert number is not None
    world.bank.refuse_next("NO_AUTH")
    assert world.pay.submit(number) is Outcome.FAILED
    world.pay.record_failure(claim.claim_no, Outcome.FAILED, number)
    assert world.workflows.payouts == []
    assert world.pay.reserve(claim.claim_no).payout_id == number
    world.pay.submit(number)
    paid_once(world, claim, number)


# -- a policy that ends


def test_payment_that_was_never_sent_ends_without_a_bill_when_its_policy_is_voided() -> None:
    world = World()
    claim, number = reserved(world)
    void(world, claim)
    assert world.pay.take_back(number) is Outcome.STOPPED
    assert world.pay.take_back(number) is Outcome.FAILED, "the second time it is over"
    payout = world.payouts.get(number)
    assert (payout.state, payout.fail_reason) == (PayoutState.FAILED, TAKEN_BACK)
    assert world.bank.bills == {}
    assert "bank.cancel" not in world.steps.calls
    back = world.claims.get(claim.claim_no)
    assert (back.status, back.holding.fen) == (ClaimStatus.IN_REVIEW, 0)
    assert world.pay.submit(number) is Outcome.FAILED


def test_bill_that_waits_is_cancelled_and_asked_about_until_it_is_when_its_policy_is_voided() -> None:
    world = World()
    claim, number = reserved(world)
    world.pay.submit(number)
    void(world, claim)
    assert world.pay.take_back(number) is Outcome.PENDING
    assert world.bank.bills[number].state is TransferState.CANCELING
    held = world.claims.get(claim.claim_no)
    assert held.round.obligation(1).state is ObligationState.RESERVED, "not over yet"
    assert world.pay.confirm(number) is Outcome.FAILED
    assert world.pay.record_failure(claim.claim_no, Outcome.FAILED, number) is Outcome.STOPPED
    assert world.payouts.get(number).fail_reason == "MCH_CANCEL"
    world.bank.finish(number)
    assert world.bank.paid_fen == 0
    assert world.claims.get(claim.claim_no).holding.fen == 0


@pytest.mark.parametrize("state", sorted(LEFT))
@pytest.mark.parametrize("dead", [False, True])
def test_money_that_has_left_is_posted_when_its_policy_is_voided(state: TransferState, dead: bool) -> None:
    """Also when nothing follows the payment any more: whoever starts Payout again finds it."""
    world = World()
    claim, number = reserved(world)
    world.pay.submit(number)
    world.bank.finish(number, state)
    void(world, claim)
    world.flag(claim.policy.policy_no)
    held = world.claims.get(claim.claim_no)
    assert (held.status, held.attention) == (ClaimStatus.PAYING, Attention.POLICY_NOT_STANDING)
    world.bank.bills[number] = type(world.bank.bills[number])(number, TransferState.SUCCESS, TOE_FEN, "W1")
    if dead:
        again = world.pay.reserve(claim.claim_no)
        assert again.payout_id == number
        assert again.outcome in {Outcome.RESERVED, Outcome.SUCCEEDED}
        if again.outcome is Outcome.RESERVED:
            assert world.pay.submit(number) is Outcome.SUCCEEDED
    else:
        assert world.pay.confirm(number) is Outcome.SUCCEEDED
    world.pay.post(number)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID
    assert world.books.paid == [number]


@pytest.mark.parametrize("applied", [False, True])
def test_bill_is_taken_back_when_its_sending_died_and_the_policy_was_voided(applied: bool) -> None:
    """CREATED was never sent: a process that dies at the call has said before that it was about to."""
    world = World()
    claim, number = reserved(world)

    def die(name: str) -> None:
        if name == "bank.submit":
            raise Crash

    if applied:
        world.steps.after = die
    else:
        world.steps.before = die
    with pytest.raises(Crash):
        world.pay.submit(number)
    world.steps.calm()
    assert world.payouts.get(number).state is PayoutState.UNKNOWN
    void(world, claim)
    first = world.pay.take_back(number)
    if applied:
        assert first is Outcome.PENDING
        assert world.pay.confirm(number) is Outcome.FAILED
    else:
        assert first is Outcome.UNKNOWN, "the call may still be on its way"
        world.at += IN_FLIGHT - timedelta(seconds=1)
        assert asked(world, number) is Outcome.STOPPED
        assert world.bank.bills == {}
    assert {bill.state for bill in world.bank.bills.values()} <= {TransferState.CANCELLED}


@pytest.mark.parametrize("landed", [False, True])
def test_earlier_request_is_looked_for_when_a_payment_taken_up_again_is_taken_back(landed: bool) -> None:
    """Taken up again it is CREATED, and yet was sent: a request whose answer was lost may still make the bill."""
    world = World()
    claim, number = reserved(world)
    world.bank.refuse_next("NO_AUTH")
    assert world.pay.submit(number) is Outcome.FAILED
    world.pay.record_failure(claim.claim_no, Outcome.FAILED, number)
    assert world.pay.reserve(claim.claim_no).payout_id == number
    assert world.payouts.get(number).state is PayoutState.CREATED
    if landed:
        world.bank.bills[number] = Transfer(number, TransferState.WAIT_USER_CONFIRM, TOE_FEN, "W1")
    void(world, claim)
    assert world.pay.take_back(number) is (Outcome.PENDING if landed else Outcome.UNKNOWN)
    if not landed:
        world.at += IN_FLIGHT
    assert asked(world, number) in {Outcome.STOPPED, Outcome.FAILED}
    assert {bill.state for bill in world.bank.bills.values()} <= {TransferState.CANCELLED}


def test_bill_that_is_not_found_any_more_stays_unknown_when_its_policy_is_voided() -> None:
    """It was there once: nothing says that it did not pay."""
    world = World()
    claim, number = reserved(world)
    world.pay.submit(number)
    world.bank.bills.clear()
    void(world, claim)
    assert world.pay.take_back(number) is Outcome.UNKNOWN
    assert world.payouts.get(number).fault == BILL_NOT_FOUND
    assert world.claims.get(claim.claim_no).round.obligation(1).state is ObligationState.RESERVED


def test_cancelled_bill_is_heard_of_when_its_execution_died_before() -> None:
    world = World()
    claim, number = reserved(world)
    world.pay.submit(number)
    void(world, claim)
    world.flag(claim.policy.policy_no)
    assert world.pay.confirm(number) is Outcome.FAILED  # and dies here: the claim is still PAYING
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAYING
    assert world.pay.reserve(claim.claim_no) == (Outcome.STOPPED, number)
    ended = world.claims.get(claim.claim_no)
    assert (ended.status, ended.holding.fen, ended.payouts) == (ClaimStatus.IN_REVIEW, 0, 1)


# -- shares and bills


def test_only_the_share_that_bounced_is_open_when_the_claim_was_closed() -> None:
    world, claim = confirmed()
    for payee in ("B1", "B2", "B3"):
        share_walked(world, claim, payee)
    world.follow.close(claim.claim_no)
    number = payout_number(claim.claim_no, 2)
    world.real_bank.return_money(number)
    assert world.pay.bounce(number) is Outcome.BOUNCED
    back = world.claims.get(claim.claim_no)
    states = {o.payee: (o.state, o.attention) for o in back.round.obligations}
    paid = (ObligationState.PAID, None)
    assert states == {"B1": paid, "B2": (ObligationState.OWED, Attention.BOUNCED), "B3": paid}
    assert queued(world.claims, Queue.PAYOUT) == [back]
    assert reserved_for(world, claim, "B1").outcome == Outcome.ALREADY_PAID
    sent = set(world.real_bank.bills)
    assert share_walked(world, claim, "B2") == Outcome.SUCCEEDED
    assert set(world.real_bank.bills) - sent == {payout_number(claim.claim_no, 4)}
    assert world.claims.get(claim.claim_no).status is ClaimStatus.CLOSED
    assert world.real_bank.paid_fen == claim.amount_fen


def test_later_round_is_refunded_of_the_new_bill_when_an_earlier_one_was_of_the_old() -> None:
    world = World()
    claim = world.agreed(bill_fen=400_000, days=4)
    number = world.pay.reserve(claim.claim_no).payout_id
    assert number is not None
    world.pay.submit(number)
    world.bank.finish(number)
    world.pay.confirm(number)
    world.pay.post(number)
    world.follow.close(claim.claim_no)
    first = world.claims.get(claim.claim_no).holding.bills[OLD_BILL]
    world.review.reopen("S1", claim.claim_no, "NEW_BILLS", "又收到票据")
    world.open_step(claim.claim_no, WaitStep.DECISION)
    world.review.request_supplement("S1", claim.claim_no, (DocumentType.INVOICE,), "补交发票")
    world.send_bill(claim, receipt_facts(400_000, "A2"), content=SECOND_SCAN)
    world.verify.again("S1", claim.claim_no)
    verdict = Verdict(Decision.PARTIAL, 400_000, "WITHIN_TERMS", "新票据", {ClaimType.MEDICAL: 400_000})
    world.decide("S1", claim.claim_no, verdict)
    world.acknowledge("S2", claim.claim_no, True, None)
    world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    bills = world.claims.get(claim.claim_no).holding.bills
    assert bills[OLD_BILL] <= 400_000
    assert bills[NEW_BILL] <= 400_000
    assert sum(bills.values()) == first + 400_000


def test_money_comes_back_when_the_decision_that_paid_it_has_fallen() -> None:
    """The others' shares never left, so the policy's end made the decision fall. The next one owes all anew."""
    world, claim = confirmed()
    walk(world, claim, "B1")
    void(world, claim)
    assert world.pay.reserve(claim.claim_no).outcome == "STOPPED"
    assert world.claims.get(claim.claim_no).status is ClaimStatus.IN_REVIEW
    number = payout_number(claim.claim_no, 1)
    world.real_bank.return_money(number)
    assert world.pay.bounce(number) == "BOUNCED"
    stored = world.claims.get(claim.claim_no)
    assert (stored.status, stored.holding.fen, stored.round.taken_fen) == (ClaimStatus.IN_REVIEW, 0, 0)
    world.check_books()


def test_money_that_comes_back_to_a_refused_claim_is_left_to_people() -> None:
    world, claim = confirmed()
    walk(world, claim, "B1")
    paid = world.claims.get(claim.claim_no)
    declined = paid.round.model_copy(update={"decision": Decision.DECLINED})
    refused = {"status": ClaimStatus.CLOSED, "rounds": paid.with_round(declined)}
    world.claims._claims[claim.claim_no] = paid.model_copy(update=refused)
    number = payout_number(claim.claim_no, 1)
    world.real_bank.return_money(number)
    assert world.pay.bounce(number) == "SUCCEEDED"


def test_refused_share_waits_for_a_second_person_when_its_account_was_corrected() -> None:
    """The bank refused it before any bill existed, so the same payout goes again: to an account that two people saw."""
    world, claim = confirmed()
    reserved = reserved_for(world, claim, "B1")
    assert reserved.payout_id is not None
    world.real_bank.refuse_next("ACCOUNT_ERROR")
    assert world.pay.submit(reserved.payout_id) is Outcome.FAILED
    corrected = (a_beneficiary(1, "1/2", account_no="6217000010001234567"), *THREE[1:])
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, corrected)
    assert (
        reserved_for(world, claim, "B1").outcome == "BENEFICIARY_MISSING"
    )  # the failure is not recorded yet
    world.pay.record_failure(claim.claim_no, Outcome.FAILED, reserved.payout_id)
    assert reserved_for(world, claim, "B1").outcome == "BENEFICIARY_MISSING"
    assert world.real_bank.bills == {}
    world.state_beneficiaries.confirm("senior-1", claim.claim_no, stated.beneficiaries.version)
    assert walk(world, claim, "B1") == "SUCCEEDED"
    assert world.real_bank.accounts == [corrected[0].account]


def test_refused_share_waits_when_its_account_is_corrected_while_it_is_taken_up() -> None:
    world, claim = confirmed()
    reserved = reserved_for(world, claim, "B1")
    assert reserved.payout_id is not None
    world.real_bank.refuse_next("ACCOUNT_ERROR")
    assert world.pay.submit(reserved.payout_id) is Outcome.FAILED
    corrected = (a_beneficiary(1, "1/2", account_no="6217000010001234567"), *THREE[1:])

    def correct(name: str) -> None:
        if name == "payouts.save":
            world.steps.calm()
            world.state_beneficiaries.state("adjuster-1", claim.claim_no, corrected)

    world.steps.before = correct
    assert reserved_for(world, claim, "B1").outcome == "BENEFICIARY_MISSING"
    assert world.real_bank.bills == {}
