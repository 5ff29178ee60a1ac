"""Prepaid premium: nothing is covered before it is paid in, statements are paid from it, the rest goes back."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from daycover.books.credit import CreditLevel
from daycover.books.deposit import DepositNotAgreedError, DepositRecordedError, DepositTooSmallError
from daycover.books.journal import Account, closing_time
from daycover.books.pay_statement import StatementPaidError
from daycover.books.payment import BY_DEPOSIT, MovementKind
from daycover.cover.period import COVER
from daycover.cover.policy import PolicyStatus
from daycover.projects.contract import Billing, Contract
from tests.support.builders import NOW, PROJECT, a_line, a_project
from tests.support.enrolled import enrol
from tests.support.fakes.port import Crash
from tests.support.ledger import balances
from tests.unit.books.desk import Desk

TODAY = date(2026, 11, 24)
TOMORROW = TODAY + timedelta(days=1)


def a_contract(billing: Billing = Billing.PREPAID, valid_from: date = date(2026, 11, 1)) -> Contract:
    return Contract(valid_from=valid_from, insurer="i-1", due_days=10, commission_bps=500, billing=billing)


def a_desk(*contracts: Contract, limit_fen: int | None = None) -> Desk:
    """C1 has the contracts, and a project of 30 people at 70 fen each."""
    desk = Desk(NOW)
    desk.projects.add(a_project())
    company = desk.companies.get("C1")
    facts = {"contracts": contracts or (a_contract(),), "revision": 2}
    enrol(desk.companies, company.model_copy(update=facts))
    desk.companies.set_credit_limit("C1", limit_fen)
    desk.watch("C1")
    return desk


def is_blocked(desk: Desk) -> bool:
    flags = {desk.projects.get(PROJECT).credit_blocked, desk.companies.get("C1").credit_blocked}
    (flag,) = flags
    return flag


def buy(desk: Desk, first: int, last: int) -> None:
    desk.take_in(*(a_line(sequence=number) for number in range(first, last + 1)))


def pay_in(desk: Desk, fen: int, reference: str = "B-1") -> None:
    desk.deposit.pay_in("s-1", "C1", fen, reference)


def close(desk: Desk, day: date = TODAY) -> None:
    desk.now.at = max(desk.now(), closing_time(day))
    desk.close("C1", day)


def books_of(desk: Desk) -> dict[Account, int]:
    return balances(desk.journal.all())


def test_new_cover_is_blocked_when_nothing_is_paid_in_and_open_again_when_money_arrives() -> None:
    desk = a_desk()
    assert is_blocked(desk)
    assert desk.watch.read("C1").level is CreditLevel.BLOCKED
    pay_in(desk, 1)
    assert not is_blocked(desk)
    buy(desk, 1, 1)
    assert is_blocked(desk), "one premium is more than one fen"
    assert desk.watch.read("C1").overshoot_fen == 69
    pay_in(desk, 10_000, "B-2")
    assert not is_blocked(desk)
    assert desk.watch.read("C1").deposit_fen == 10_001


def test_block_comes_at_zero_when_the_running_day_has_used_the_deposit_up() -> None:
    desk = a_desk()
    pay_in(desk, 700)
    buy(desk, 1, 9)
    assert not is_blocked(desk)
    buy(desk, 10, 10)
    assert is_blocked(desk)


def test_company_is_warned_when_less_is_left_than_its_planned_people_cost_in_a_day() -> None:
    desk = a_desk()
    pay_in(desk, 30 * 70 + 69)
    assert desk.watch.read("C1").level is CreditLevel.OK
    buy(desk, 1, 1)
    assert desk.watch.read("C1").level is CreditLevel.WARNING


def test_statement_is_paid_from_the_deposit_when_it_is_issued() -> None:
    desk = a_desk()
    pay_in(desk, 1000)
    buy(desk, 1, 3)
    close(desk)
    payment = desk.payments.find("C1", TODAY)
    assert payment is not None
    assert (payment.amount_fen, payment.reference, payment.is_from_deposit) == (210, BY_DEPOSIT, True)
    assert desk.credit.unpaid("C1") == []
    assert desk.deposits.get("C1").balance_fen == 790
    money = books_of(desk)
    assert (money[Account.COMPANY_RECEIVABLE], money[Account.COMPANY_DEPOSIT], money[Account.BANK]) == (
        0,
        -790,
        1000,
    )
    close(desk)
    assert desk.deposits.get("C1").balance_fen == 790, "closing again takes nothing twice"
    with pytest.raises(StatementPaidError):
        desk.pay("s-1", "C1", TODAY, 210, "BANK-1")


def test_older_day_is_paid_first_and_whole_when_the_deposit_is_too_small_for_both() -> None:
    desk = a_desk()
    pay_in(desk, 100)
    buy(desk, 1, 2)
    close(desk)
    desk.take_in(a_line(sequence=3, issued_at=NOW + COVER))
    close(desk, TOMORROW)
    assert [day.owed_fen for day in desk.credit.unpaid("C1")] == [140, 70]
    assert desk.deposits.get("C1").balance_fen == 100, "the newer day is not paid before the older one"
    assert is_blocked(desk)
    pay_in(desk, 50, "B-2")
    assert [day.day for day in desk.credit.unpaid("C1")] == [TOMORROW]
    assert desk.deposits.get("C1").balance_fen == 10
    assert is_blocked(desk)
    pay_in(desk, 61, "B-3")
    assert desk.credit.unpaid("C1") == []
    assert desk.deposits.get("C1").balance_fen == 1
    assert not is_blocked(desk)


def test_premium_goes_back_to_the_deposit_when_a_day_comes_to_less_than_nothing() -> None:
    desk = a_desk()
    pay_in(desk, 100)
    buy(desk, 1, 1)
    close(desk)
    assert desk.deposits.get("C1").balance_fen == 30
    desk.now.at += timedelta(minutes=1)
    ending = {"status": PolicyStatus.VOIDED, "refund_fen": 70, "ended_at": desk.now()}
    desk.take_in(a_line(sequence=1).model_copy(update=ending))
    close(desk, TOMORROW)
    assert desk.deposits.get("C1").balance_fen == 100
    assert books_of(desk)[Account.COMPANY_RECEIVABLE] == 0


def test_deposit_is_recorded_once_when_the_reference_comes_again_or_with_another_amount() -> None:
    desk = a_desk()
    pay_in(desk, 1000)
    pay_in(desk, 1000)
    assert desk.deposits.get("C1").balance_fen == 1000
    with pytest.raises(DepositRecordedError):
        pay_in(desk, 999)
    desk.deposit.refund("s-2", "C1", 10, "B-1")  # the bank numbers what goes out apart from what comes in
    assert desk.deposits.get("C1").balance_fen == 990


def test_refund_leaves_what_is_owed_when_cover_of_today_runs() -> None:
    desk = a_desk()
    pay_in(desk, 1000)
    buy(desk, 1, 2)
    with pytest.raises(DepositTooSmallError) as refused:
        desk.deposit.refund("s-1", "C1", 861, "R-1")
    assert refused.value.facts["available_fen"] == 860
    desk.deposit.refund("s-1", "C1", 860, "R-1")
    desk.deposit.refund("s-1", "C1", 860, "R-1")
    assert desk.deposits.get("C1").balance_fen == 140
    assert is_blocked(desk)
    with pytest.raises(DepositTooSmallError):
        desk.deposit.refund("s-2", "C1", 1, "R-2")
    close(desk)
    assert desk.deposits.get("C1").balance_fen == 0
    assert [one.kind for one in desk.deposit.movements("C1", None)] == [
        MovementKind.STATEMENT_PAID,
        MovementKind.REFUNDED,
        MovementKind.PAID_IN,
    ]


def test_two_refunds_cannot_take_the_same_money_when_they_run_at_once() -> None:
    desk = a_desk()
    pay_in(desk, 1000)
    desk.steps.interrupt_at("deposits.move", lambda: desk.deposit.refund("s-2", "C1", 700, "R-2"))
    with pytest.raises(DepositTooSmallError) as refused:
        desk.deposit.refund("s-1", "C1", 700, "R-1")
    assert refused.value.facts["available_fen"] == 300
    assert desk.deposits.get("C1").balance_fen == 300


def test_one_money_pays_a_day_when_finance_records_the_bank_s_while_the_deposit_pays() -> None:
    def others(desk: Desk) -> list[Callable[[], object]]:
        return [
            lambda: desk.pay("s-1", "C1", TODAY, 140, "BANK-1"),
            lambda: desk.deposit.refund("s-2", "C1", 500, "R-1"),
            lambda: pay_in(desk, 500, "B-2"),
            lambda: desk.draw("C1"),
        ]

    for number in range(4):
        desk = a_desk()
        pay_in(desk, 1000)
        buy(desk, 1, 2)
        desk.now.at = closing_time(TODAY)
        desk.steps.interrupt_at("payments.record", others(desk)[number])
        desk.close("C1", TODAY)
        money = books_of(desk)
        assert money[Account.COMPANY_RECEIVABLE] == 0
        assert money[Account.COMPANY_DEPOSIT] == -desk.deposits.get("C1").balance_fen
        assert desk.credit.unpaid("C1") == []
        assert sum(entry.kind == "STATEMENT_PAID" for entry in desk.journal.all()) == 1


def test_deposit_and_books_agree_when_paying_in_or_closing_dies_at_any_call() -> None:
    def steps(desk: Desk) -> list[Callable[[], object]]:
        return [
            lambda: pay_in(desk, 200, "B-2"),
            lambda: close(desk),
            lambda: desk.deposit.refund("s-1", "C1", 9, "R-1"),
        ]

    died = 0
    for which in range(3):
        for applied in (False, True):
            index = 0
            while True:
                desk = a_desk()
                pay_in(desk, 100)
                buy(desk, 1, 1)
                desk.steps.calm()
                desk.steps.crash_at(index, applied=applied)
                try:
                    steps(desk)[which]()
                except Crash:
                    desk.steps.calm()
                    steps(desk)[which]()
                else:
                    break
                index, died = index + 1, died + 1
                money, deposit = books_of(desk), desk.deposits.get("C1")
                assert money[Account.COMPANY_DEPOSIT] == -deposit.balance_fen
                assert deposit.balance_fen == (300, 30, 91)[which]
                assert is_blocked(desk) is (deposit.balance_fen <= desk.watch.read("C1").exposure_fen)
    assert died > 40


def test_company_on_credit_has_no_deposit_and_keeps_what_was_left_when_its_contract_changes() -> None:
    desk = a_desk(a_contract(Billing.CREDIT))
    assert not is_blocked(desk)
    with pytest.raises(DepositNotAgreedError):
        pay_in(desk, 100)
    desk = a_desk(a_contract(), a_contract(Billing.CREDIT, TOMORROW), limit_fen=70)
    pay_in(desk, 100)
    assert desk.watch.read("C1").allowance_fen == 100
    desk.now.at = closing_time(TODAY)
    assert desk.watch.read("C1").allowance_fen == 170, "limit and what is left"
    desk.watch("C1")
    assert not is_blocked(desk)
    desk.deposit.refund("s-1", "C1", 100, "R-1")
    assert desk.watch.read("C1").allowance_fen == 70


def test_close_of_the_day_blocks_when_the_contract_is_prepaid_from_today_on() -> None:
    desk = a_desk(a_contract(Billing.CREDIT), a_contract(Billing.PREPAID, TOMORROW))
    assert not is_blocked(desk)
    close(desk)
    assert is_blocked(desk)
