"""Settlement with the insurer: due is what the day's statements say, and each transfer is recorded once."""

from datetime import date, timedelta

import pytest

from daycover.books.journal import Account, Entry, Kind, Line, closing_time
from daycover.books.settlement import (
    INSURER_BOOK,
    Position,
    Settlement,
    SettlementAmountError,
    SettlementOpenError,
    SettlementStatus,
    TransferRecordedError,
)
from daycover.projects.contract import Contract
from tests.support.builders import NOW, a_line
from tests.support.enrolled import enrol
from tests.support.ledger import balances
from tests.unit.books.desk import Desk

TODAY = date(2026, 11, 24)
TOMORROW = TODAY + timedelta(days=1)
COMPANIES = ("C0", "C1", "C2")


def a_desk() -> Desk:
    """Three companies with contracts; C1 and C2 bought cover today, and paid for it tomorrow."""
    desk = Desk(NOW)
    contract = Contract(valid_from=date(2026, 11, 1), insurer="i-1", due_days=10, commission_bps=500)
    for company_id in COMPANIES:
        company = desk.companies.get(company_id)
        enrol(desk.companies, company.model_copy(update={"contracts": (contract,), "revision": 2}))
    desk.take_in(*(a_line(sequence=number) for number in (1, 2)), a_line(sequence=3, company_id="C2"))
    return desk


def close(desk: Desk, day: date, *company_ids: str) -> None:
    desk.now.at = max(desk.now(), closing_time(day))
    for company_id in company_ids or COMPANIES:
        desk.close(company_id, day)


def collected(desk: Desk) -> None:
    close(desk, TODAY)
    desk.pay("s-1", "C1", TODAY, 140, "B-1")
    desk.pay("s-1", "C2", TODAY, 70, "B-2")


def premium_of(desk: Desk, day: date) -> Settlement:
    return next(one for one in desk.settle.read(day).settlements if one.position is Position.PREMIUM)


def test_premium_is_due_less_commission_on_the_day_that_it_is_collected() -> None:
    desk = a_desk()
    collected(desk)
    assert premium_of(desk, TODAY).due_fen == 0, "it was sold on that day, not collected"
    close(desk, TOMORROW)
    due = premium_of(desk, TOMORROW)
    shares = [(s.company_id, s.collected_fen, s.commission_fen, s.due_fen) for s in due.shares]
    assert shares == [("C1", 140, 8, 132), ("C2", 70, 4, 66)]  # half up to the fen on each policy: 3.5 is 4
    assert (due.due_fen, due.status) == (198, SettlementStatus.DUE)
    assert balances(desk.journal.all())[Account.REMITTANCE_DUE] == -198
    assert balances(desk.journal.all())[Account.PREMIUM_PAYABLE] == 0


def test_nothing_can_be_recorded_when_a_company_s_day_is_not_closed() -> None:
    desk = a_desk()
    collected(desk)
    with pytest.raises(SettlementOpenError):
        desk.settle.record("s-1", TOMORROW, Position.PREMIUM, 198, "R-1")
    close(desk, TOMORROW, "C0", "C1")
    read = desk.settle.read(TOMORROW)
    assert read.missing == ("C2",)
    assert {one.status for one in read.settlements} == {SettlementStatus.OPEN}
    with pytest.raises(SettlementOpenError) as refused:
        desk.settle.record("s-1", TOMORROW, Position.PREMIUM, 132, "R-1")
    assert refused.value.facts["missing"] == 1
    close(desk, TOMORROW, "C2")
    desk.settle.record("s-1", TOMORROW, Position.PREMIUM, 198, "R-1")


def test_position_is_settled_when_its_parts_come_to_what_is_due_and_takes_no_more() -> None:
    desk = a_desk()
    collected(desk)
    close(desk, TOMORROW)
    for amount_fen in (199, 0, -1):
        with pytest.raises(SettlementAmountError):
            desk.settle.record("s-1", TOMORROW, Position.PREMIUM, amount_fen, "R-0")
    first = desk.settle.record("s-1", TOMORROW, Position.PREMIUM, 100, "R-1")
    assert (first.status, first.open_fen) == (SettlementStatus.DUE, 98)
    again = desk.settle.record("s-2", TOMORROW, Position.PREMIUM, 100, "R-1")
    assert again.settled_fen == 100
    with pytest.raises(TransferRecordedError):
        desk.settle.record("s-2", TOMORROW, Position.PREMIUM, 98, "R-1")
    with pytest.raises(SettlementAmountError):
        desk.settle.record("s-2", TOMORROW, Position.PREMIUM, 99, "R-2")
    last = desk.settle.record("s-2", TOMORROW, Position.PREMIUM, 98, "R-2")
    assert (last.status, last.open_fen) == (SettlementStatus.SETTLED, 0)
    money = balances(desk.journal.all())
    assert (money[Account.REMITTANCE_DUE], money[Account.BANK]) == (0, 210 - 198)
    assert len(list(desk.journal.of_day(INSURER_BOOK, date(2026, 11, 26)))) == 2


def test_two_members_of_staff_cannot_remit_the_same_money_when_they_record_at_once() -> None:
    desk = a_desk()
    collected(desk)
    close(desk, TOMORROW)
    desk.steps.interrupt_at(
        "settlements.record", lambda: desk.settle.record("s-2", TOMORROW, Position.PREMIUM, 198, "R-2")
    )
    with pytest.raises(SettlementAmountError):
        desk.settle.record("s-1", TOMORROW, Position.PREMIUM, 198, "R-1")
    assert balances(desk.journal.all())[Account.REMITTANCE_DUE] == 0


def test_same_transfer_is_recorded_once_when_its_answer_was_lost() -> None:
    desk = a_desk()
    collected(desk)
    close(desk, TOMORROW)
    desk.steps.interrupt_at(
        "settlements.record", lambda: desk.settle.record("s-1", TOMORROW, Position.PREMIUM, 198, "R-1")
    )
    settlement = desk.settle.record("s-1", TOMORROW, Position.PREMIUM, 198, "R-1")
    assert settlement.settled_fen == 198
    assert len(settlement.transfers) == 1


def test_insurer_makes_good_what_claims_took_from_each_account() -> None:
    desk = a_desk()
    for number, (company_id, account, fen) in enumerate(
        [("C1", Account.WECHAT_WALLET, 500), ("C2", Account.WECHAT_WALLET, 200), ("C2", Account.BANK, 90_000)]
    ):
        desk.journal.post(paid_claim(f"CL{number}P1", company_id, account, fen))
    close(desk, TODAY)
    due = {one.position: one.due_fen for one in desk.settle.read(TODAY).settlements}
    assert due == {
        Position.PREMIUM: 0,
        Position.CLAIMS_BY_WALLET: 700,
        Position.CLAIMS_BY_BANK: 90_000,
    }
    desk.settle.record("s-1", TODAY, Position.CLAIMS_BY_WALLET, 700, "F-1")
    money = balances(desk.journal.all())
    assert (money[Account.WECHAT_WALLET], money[Account.CLAIMS_FUNDING]) == (0, -700)
    assert (
        next(
            one for one in desk.settle.read(TODAY).settlements if one.position is Position.CLAIMS_BY_BANK
        ).status
        is SettlementStatus.DUE
    )


def paid_claim(source_id: str, company_id: str, account: Account, fen: int) -> Entry:
    return Entry(
        source_id=source_id,
        kind=Kind.PAYOUT_SUCCEEDED,
        company_id=company_id,
        project_id="P",
        day=TODAY,
        statement_day=TODAY,
        lines=(Line(account, -fen), Line(Account.CLAIMS_PAID, fen)),
    )
