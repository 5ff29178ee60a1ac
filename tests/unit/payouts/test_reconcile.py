"""The bank's statements against our payouts, both ways: each side names what only the other knows."""

from datetime import date, timedelta

import pytest

from daycover.china_time import china_day
from daycover.claims.claim import Claim
from daycover.payouts.payout import payout_number
from daycover.payouts.reconcile import (
    NOT_IN_STATEMENT,
    BankLine,
    BankStatementUnavailableError,
    Break,
    LineKind,
    ReconcileBank,
)
from tests.unit.claims.world import World
from tests.unit.payouts.test_bank_channel import TOE_FEN, a_world, stated, walk


class FakeStatements:
    """Implements `payouts.reconcile.BankStatements`; counts what was asked for."""

    def __init__(self) -> None:
        self.days: dict[date, list[BankLine]] = {}
        self.asked: list[date] = []
        self.silent: set[date] = set()

    def of_day(self, day: date) -> list[BankLine]:
        self.asked.append(day)
        if day in self.silent:
            raise BankStatementUnavailableError
        return self.days.get(day, [])


class Desk:
    def __init__(self) -> None:
        self.world: World = a_world()
        self.statements = FakeStatements()
        self.reconcile = ReconcileBank(self.statements, self.world.payouts, self.world.pay)
        self.claim: Claim = stated(self.world)
        self.number = payout_number(self.claim.claim_no, 1)
        self.made_on = china_day(self.world.at)

    def out(self, kind: LineKind = LineKind.OUT) -> BankLine:
        return BankLine(kind, self.number, "B1", TOE_FEN)


def test_payout_is_named_when_no_statement_has_it() -> None:
    desk = Desk()
    assert walk(desk.world, desk.claim) == "SUCCEEDED"
    for _ in range(2):  # again finds the same
        assert desk.reconcile(desk.made_on).breaks == (Break(desk.number, NOT_IN_STATEMENT),)


def test_nothing_is_named_when_the_statement_has_the_payout() -> None:
    desk = Desk()
    walk(desk.world, desk.claim)
    desk.statements.days[desk.made_on] = [desk.out()]
    assert desk.reconcile(desk.made_on).breaks == ()
    assert desk.statements.asked == [desk.made_on], "no other day is asked for"


@pytest.mark.parametrize("days", [1, 3])
def test_earlier_statements_are_read_when_we_learned_late(days: int) -> None:
    desk = Desk()
    desk.world.pay.reserve(desk.claim.claim_no)
    desk.world.pay.submit(desk.number)
    desk.world.at += timedelta(days=days)
    walk(desk.world, desk.claim)
    learned_on = desk.made_on + timedelta(days=days)
    assert desk.reconcile(learned_on).breaks == (Break(desk.number, NOT_IN_STATEMENT),)
    assert min(desk.statements.asked) == desk.made_on, "no further back than it was made"
    desk.statements.days[desk.made_on] = [desk.out()]
    assert desk.reconcile(learned_on).breaks == ()
    assert desk.reconcile(learned_on + timedelta(days=1)).breaks == ()


def test_payout_that_came_back_must_have_left_first() -> None:
    desk = Desk()
    walk(desk.world, desk.claim)
    desk.world.real_bank.return_money(desk.number)
    desk.statements.days[desk.made_on] = [desk.out(LineKind.RETURN)]
    found = desk.reconcile(desk.made_on)
    assert found.bounced == (desk.number,)
    assert found.breaks == (Break(desk.number, NOT_IN_STATEMENT),)


def test_nothing_is_named_when_the_wallet_paid() -> None:
    desk = Desk()
    other = World()
    claim = other.agreed()
    number = other.pay.reserve(claim.claim_no).payout_id
    assert number is not None
    other.pay.submit(number)
    other.bank.finish(number)
    assert other.pay.confirm(number) == "SUCCEEDED"
    reconcile = ReconcileBank(desk.statements, other.payouts, other.pay)
    assert reconcile(china_day(other.at)).breaks == ()


def test_day_is_asked_for_again_when_an_earlier_statement_is_not_to_be_had() -> None:
    desk = Desk()
    desk.world.pay.reserve(desk.claim.claim_no)
    desk.world.at += timedelta(days=1)
    walk(desk.world, desk.claim)
    desk.statements.silent = {desk.made_on}
    with pytest.raises(BankStatementUnavailableError):
        desk.reconcile(desk.made_on + timedelta(days=1))
