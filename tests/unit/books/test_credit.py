"""Credit: warned at 80 %, blocked at the limit, released by payment; what was cut off is completed."""

from datetime import date, timedelta

import pytest

from daycover.books.credit import CreditLevel, level_of
from daycover.books.journal import CLOCKS_DIFFER, Account, closing_time
from daycover.books.pay_statement import PaymentAmountError, StatementPaidError
from daycover.books.statement import StatementNotFoundError, StatementOpenError, StatementStatus, status_of
from daycover.cover.period import COVER
from daycover.errors import ConcurrentChangeError
from daycover.projects.project import CoverNotAvailableError, ProjectStatus
from tests.support.builders import NOW, PROJECT, a_line, a_project
from tests.support.fakes.port import Crash
from tests.support.ledger import balances
from tests.unit.books.desk import Desk

TODAY = date(2026, 11, 24)


def a_desk(limit_fen: int | None = 700) -> Desk:
    desk = Desk(NOW)
    desk.projects.add(a_project())
    desk.projects.add(a_project(project_id="B", status=ProjectStatus.CLOSED))
    desk.companies.set_credit_limit("C1", limit_fen)
    return desk


def is_blocked(desk: Desk) -> bool:
    flags = {desk.projects.get(project_id).credit_blocked for project_id in (PROJECT, "B")}
    flags.add(desk.companies.get("C1").credit_blocked)
    (flag,) = flags  # company and projects always agree once a run has ended
    return flag


def buy(desk: Desk, first: int, last: int) -> None:
    desk.take_in(*(a_line(sequence=number) for number in range(first, last + 1)))


@pytest.mark.parametrize(
    ("exposure_fen", "level"),
    [(0, "OK"), (799, "OK"), (800, "WARNING"), (999, "WARNING"), (1000, "BLOCKED"), (1200, "BLOCKED")],
)
def test_level_follows_the_exposure_when_there_is_a_limit(exposure_fen: int, level: str) -> None:
    assert level_of(exposure_fen, 1000) == level
    assert level_of(exposure_fen, None) is CreditLevel.OK


def test_new_check_ins_are_blocked_when_the_batch_that_crosses_the_limit_is_taken_in() -> None:
    desk = a_desk()
    buy(desk, 1, 9)
    assert not is_blocked(desk)
    assert desk.watch.read("C1").level is CreditLevel.WARNING
    buy(desk, 10, 12)
    assert is_blocked(desk)
    with pytest.raises(CoverNotAvailableError):
        desk.projects.get(PROJECT).check_credit()
    exposure = desk.watch.read("C1")
    assert (exposure.exposure_fen, exposure.overshoot_fen) == (840, 140)
    assert exposure.bound_fen == 30 * 70, "everybody planned on the one open project"


def test_nobody_is_blocked_when_there_is_no_limit() -> None:
    desk = a_desk(None)
    buy(desk, 1, 20)
    assert not is_blocked(desk)


def test_running_figure_is_raised_once_when_a_batch_has_many_policies() -> None:
    desk = a_desk()
    desk.steps.calm()
    buy(desk, 1, 5)
    assert desk.steps.calls.count("credit.run") == 1
    assert desk.steps.calls.count("credit.unpaid") == 1


def test_change_of_a_project_is_refused_when_it_was_read_before_the_block() -> None:
    desk = a_desk()
    stale = desk.projects.get(PROJECT)
    buy(desk, 1, 10)
    with pytest.raises(ConcurrentChangeError):
        desk.projects.save(stale.moved_to(ProjectStatus.PAUSED))
    assert desk.projects.get(PROJECT).credit_blocked


@pytest.mark.parametrize("applied", [False, True])
def test_block_and_release_are_complete_when_the_process_dies_at_any_call(applied: bool) -> None:
    for blocking in (True, False):
        index = 0
        while True:
            desk = a_desk()
            buy(desk, 1, 9 if blocking else 10)
            desk.credit.run("C1", TODAY, 70 if blocking else -70)
            desk.steps.calm()
            desk.steps.crash_at(index, applied=applied)
            try:
                desk.watch("C1")
            except Crash:
                desk.steps.calm()
                desk.watch("C1")
                assert is_blocked(desk) is blocking, index
                index += 1
            else:
                break
        assert index >= 4


@pytest.mark.parametrize("limit", [None, 10_000])
def test_late_run_leaves_no_block_when_another_lifted_it_meanwhile(
    monkeypatch: pytest.MonkeyPatch, limit: int | None
) -> None:
    """A run that saw the company above its limit is overtaken by one that sees it below."""
    desk = a_desk()
    buy(desk, 1, 9)
    desk.credit.run("C1", TODAY, 70)
    block = desk.projects.set_credit_block

    def overtaken(project_id: str, *, blocked: bool) -> None:
        monkeypatch.undo()
        desk.watch.limit("C1", limit)
        block(project_id, blocked=blocked)

    monkeypatch.setattr(desk.projects, "set_credit_block", overtaken)
    desk.watch("C1")
    assert not is_blocked(desk)
    assert not desk.companies.get("C1").credit_blocked


def test_block_is_lifted_when_the_company_pays() -> None:
    desk = a_desk()
    buy(desk, 1, 10)
    desk.now.at = closing_time(TODAY)
    statement = desk.close("C1", TODAY)
    assert is_blocked(desk)
    payment = desk.pay("s-1", "C1", TODAY, 700, "BANK-1")
    assert not is_blocked(desk)
    assert desk.credit.unpaid("C1") == []
    left = balances(desk.journal.all())
    assert (left[Account.COMPANY_RECEIVABLE], left[Account.BANK]) == (0, 700)
    assert status_of(statement, payment, desk.now()) is StatementStatus.PAID
    desk.close("C1", TODAY)
    assert desk.credit.unpaid("C1") == [], "closing a paid day again does not make it owed"


@pytest.mark.parametrize(
    ("behind", "is_owed"),
    [(timedelta(milliseconds=1), True), (timedelta(minutes=5), True), (timedelta(minutes=6), False)],
)
def test_day_is_owed_when_the_clock_of_its_close_is_behind_the_schedule(
    behind: timedelta, is_owed: bool
) -> None:
    """Later than the cut-off of its entries by any clock; earlier it is a look at a day that still runs."""
    desk = a_desk()
    buy(desk, 1, 10)
    desk.now.at = closing_time(TODAY) - behind
    statement = desk.close("C1", TODAY)
    (day,) = desk.credit.unpaid("C1")
    assert (day.billed_fen == 700) is is_owed
    assert (statement.issued_at == closing_time(TODAY)) is is_owed


def test_payment_is_recorded_once_when_it_dies_at_any_call() -> None:
    for applied in (False, True):
        for index in range(8):
            desk = a_desk()
            buy(desk, 1, 10)
            desk.now.at = closing_time(TODAY)
            desk.close("C1", TODAY)
            desk.steps.calm()
            desk.steps.crash_at(index, applied=applied)
            with pytest.raises(Crash):
                desk.pay("s-1", "C1", TODAY, 700, "BANK-1")
            desk.steps.calm()
            desk.pay("s-1", "C1", TODAY, 700, "BANK-1")
            assert not is_blocked(desk)
            assert balances(desk.journal.all())[Account.COMPANY_RECEIVABLE] == 0


def test_payment_is_refused_when_day_amount_or_reference_is_wrong() -> None:
    desk = a_desk()
    buy(desk, 1, 10)
    with pytest.raises(StatementNotFoundError):
        desk.pay("s-1", "C1", TODAY, 700, "BANK-1")
    desk.close("C1", TODAY)
    with pytest.raises(StatementOpenError):
        desk.pay("s-1", "C1", TODAY, 700, "BANK-1")
    desk.now.at = closing_time(TODAY)
    with pytest.raises(PaymentAmountError):
        desk.pay("s-1", "C1", TODAY, 699, "BANK-1")
    with pytest.raises(StatementOpenError):
        desk.pay(
            "s-1", "C1", TODAY, 700, "BANK-1"
        )  # it was issued before its cut-off, and nothing is billed yet
    desk.close("C1", TODAY)
    desk.pay("s-1", "C1", TODAY, 700, "BANK-1")
    with pytest.raises(StatementPaidError):
        desk.pay("s-1", "C1", TODAY, 700, "BANK-2")


def test_status_follows_clock_and_payment_when_read() -> None:
    desk = a_desk()
    buy(desk, 1, 1)
    statement = desk.close("C1", TODAY)
    closed = closing_time(TODAY)
    early = closed - CLOCKS_DIFFER - timedelta(seconds=1)
    assert status_of(statement, None, early) is StatementStatus.OPEN
    assert status_of(statement, None, closed) is StatementStatus.ISSUED
    assert status_of(statement, None, closed + timedelta(days=9)) is StatementStatus.ISSUED
    assert status_of(statement, None, closed + timedelta(days=10)) is StatementStatus.OVERDUE
    nothing = statement.model_copy(update={"premium_fen": 0})
    assert status_of(nothing, None, closed + COVER * 30) is StatementStatus.ISSUED
