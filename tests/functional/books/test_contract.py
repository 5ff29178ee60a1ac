"""The contract of journal, credit figures and statements, for the fakes and for DynamoDB."""

import io
import urllib.parse
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from daycover import crockford
from daycover.books.claims_figures import ReadOutstanding
from daycover.books.credit import CreditDay
from daycover.books.endorsement import CorrectedDay, endorsements_of_day
from daycover.books.journal import Account, Entry, Kind, Line, entries_of_cover, entry_at
from daycover.books.pay_statement import entry_of_payment
from daycover.books.payment import BY_DEPOSIT, Deposit, MovementKind, Payment, moved
from daycover.books.settlement import INSURER_BOOK, Position, PositionTransfers, SettlementTransfer
from daycover.books.statement import Format, IssueStatement, Statement
from daycover.cover.master_policy import MasterPolicy
from daycover.errors import ConcurrentChangeError
from daycover.projects.company import Company
from daycover.projects.project import ProjectStatus
from daycover.store import keys
from tests.functional.books.conftest import Money
from tests.support.builders import COMMISSION_BPS, NOW, PROJECT, a_line, a_project, an_endorsement
from tests.support.enrolled import enrol
from tests.support.ledger import payout_entries

TODAY = date(2026, 11, 24)
TOMORROW = TODAY + timedelta(days=1)


def an_entry(sequence: int = 1, late: bool = False, **changes: Any) -> Entry:
    return entries_of_cover(
        a_line(sequence=sequence, **changes), NOW + timedelta(days=int(late)), COMMISSION_BPS
    )[0]


def closing(money: Money) -> IssueStatement:
    return IssueStatement(
        now=lambda: NOW + timedelta(days=1),
        journal=money.journal,
        statements=money.statements,
        payments=money.payments,
        projects_of=lambda company_id: (),
        accruals=money.credit,
        collect=lambda company_id: None,
        endorse=lambda statement: None,
        scratch=io.BytesIO,
        due_days=lambda company_id, day: 10,
        outstanding=ReadOutstanding(
            latest=money.statements.latest, ledger=money.journal, began=lambda company_id: TODAY
        ),
    )


def test_entry_is_posted_once_when_replayed_on_time_and_late(money: Money) -> None:
    assert money.journal.post(an_entry()) is True
    assert money.journal.post(an_entry()) is False
    assert money.journal.post(an_entry(late=True)) is False
    assert money.journal.post(an_entry(2, late=True)) is True
    assert money.journal.post(an_entry(2)) is False
    assert list(money.journal.of_day("C1", TODAY)) == [an_entry(), an_entry(2, late=True)]
    assert list(money.journal.of_statement("C1", TODAY)) == [an_entry()]
    assert list(money.journal.of_statement("C1", TOMORROW)) == [an_entry(2, late=True)]
    assert list(money.journal.of_statement("C2", TODAY)) == []


def test_claims_of_a_day_come_back_whole_when_it_was_closed(money: Money) -> None:
    risk: dict[str, Any] = {"plan_id": "T2", "occupation_class": 3}
    entries = payout_entries("CL1P1", 500, **risk) + payout_entries("CL1P1", 500, version=9)
    assert all(money.journal.post(entry) for entry in entries)
    assert not any(money.journal.post(entry) for entry in entries)
    assert sorted(money.journal.of_day("C1", TODAY), key=lambda e: e.version) == entries
    statement = closing(money)("C1", TODAY)
    assert money.statements.latest("C1", TODAY) == statement
    found = [(t.plan_id, t.paid_fen, t.reserve_change_fen, t.outstanding_fen) for t in statement.claims]
    assert found == [(None, 500, -500, -500), ("T2", 500, -500, -500)]
    assert list(money.statements.of_day(TODAY)) == [statement]


def test_entries_come_by_project_and_source_when_read(money: Money) -> None:
    entries = [
        an_entry(number, person_id=crockford.encode(number * 7919 % 101, 20), project_id="BA"[number % 2])
        for number in range(1, 40)
    ]
    for entry in entries:
        money.journal.post(entry)
    order = sorted(entries, key=lambda entry: (entry.project_id, entry.source_id, entry.kind))
    assert list(money.journal.of_day("C1", TODAY)) == order


def test_day_is_spread_over_all_shards_when_posted() -> None:
    found = Counter(keys.journal_entry("C1", "2026-11-24", "P", f"DC{n}", "K").pk for n in range(8_000))
    assert len(found) == 8
    assert max(found.values()) < 1.2 * min(found.values())


def test_running_figure_gives_way_when_the_day_is_billed_and_goes_when_settled(money: Money) -> None:
    money.credit.run("C1", TODAY, 70)
    money.credit.run("C1", TODAY, 140)
    money.credit.run("C1", TOMORROW, -35)
    money.credit.run("C2", TODAY, 1)
    assert [day.owed_fen for day in money.credit.unpaid("C1")] == [210, -35]
    money.credit.settle("C1", TODAY)
    assert len(money.credit.unpaid("C1")) == 2, "what is not billed can't be settled"
    money.credit.bill("C1", TODAY, 200)
    money.credit.run("C1", TODAY, 70)
    assert money.credit.unpaid("C1")[0] == CreditDay(day=TODAY, running_fen=210, billed_fen=200)
    for _ in range(2):
        money.credit.settle("C1", TODAY)
    assert [day.day for day in money.credit.unpaid("C1")] == [TOMORROW]


def test_statement_comes_back_with_its_lines_when_issued(money: Money) -> None:
    assert money.statements.latest("C1", TODAY) is None
    money.journal.post(an_entry())
    first = closing(money)("C1", TODAY)
    assert money.statements.latest("C1", TODAY) == first
    (line,) = money.statements.lines(first)
    assert (line.policy_no, line.due_fen, line.correction) == (a_line().policy_no, 70, False)
    money.journal.post(an_entry(2))
    second = closing(money)("C1", TODAY)
    assert (second.revision, second.lines) == (2, 2)
    assert len(money.statements.lines(first)) == 1
    closing(money)("C1", TOMORROW)
    closing(money)("C2", TODAY)
    assert [statement.revision for statement in money.statements.of_month("C1", "2026-11")] == [2, 1]
    assert [statement.company_id for statement in money.statements.of_day(TODAY)] == ["C1", "C2"]
    with pytest.raises(ConcurrentChangeError):
        money.statements.add(second, {kind: io.BytesIO() for kind in Format})


def test_link_leads_to_the_sheet_for_minutes_when_signed(real_money: Money) -> None:
    real_money.journal.post(an_entry())
    statement: Statement = closing(real_money)("C1", TODAY)
    link = urllib.parse.urlsplit(real_money.statements.link(statement, Format.XLSX))
    assert link.path.endswith(f"statements/C1/2026-11-24/001-{statement.sha256[:16]}.xlsx")
    assert "daycover-C1-2026-11-24-001.xlsx" in urllib.parse.unquote(link.query)


def test_payments_of_a_month_come_by_day_when_some_are_of_others(money: Money) -> None:
    for month, day in ((11, 25), (11, 2), (12, 1)):
        payment = a_payment(day=date(2026, month, day), amount_fen=0, reference=f"B-{month}-{day}")
        money.payments.record(payment, an_entry(month * 40 + day))
    money.payments.record(a_payment(company_id="C2", amount_fen=0), an_entry(900))
    assert [one.reference for one in money.payments.of_month("C1", "2026-11")] == ["B-11-2", "B-11-25"]
    assert money.payments.of_month("C1", "2026-10") == []


def a_payment(**changes: Any) -> Payment:
    facts = {"company_id": "C1", "day": TODAY, "amount_fen": 70, "reference": "B-1", "recorded_by": "s-1"}
    return Payment(**(facts | {"paid_at": NOW} | changes))


def an_entry_of_payment(source: Account = Account.BANK) -> Entry:
    statement = Statement(
        company_id="C1",
        day=TODAY,
        revision=1,
        policies=1,
        premium_fen=70,
        payable_fen=56,
        projects=(),
        issued_at=NOW,
    )
    return entry_of_payment(statement, source, NOW)


def test_one_payment_is_recorded_with_its_entry_when_the_day_is_billed_at_its_amount(money: Money) -> None:
    money.credit.run("C1", TODAY, 70)
    with pytest.raises(ConcurrentChangeError):
        money.payments.record(a_payment(), an_entry_of_payment())  # not billed yet
    money.credit.bill("C1", TODAY, 71)
    with pytest.raises(ConcurrentChangeError):
        money.payments.record(a_payment(), an_entry_of_payment())  # billed at more
    assert money.payments.find("C1", TODAY) is None
    assert list(money.journal.of_day("C1", TODAY)) == []
    money.credit.bill("C1", TODAY, 70)
    money.payments.record(a_payment(), an_entry_of_payment())
    assert money.credit.unpaid("C1") == []
    with pytest.raises(ConcurrentChangeError):
        money.payments.record(a_payment(reference="B-2"), an_entry_of_payment())
    assert money.payments.find("C1", TODAY) == a_payment()
    assert list(money.journal.of_day("C1", TODAY)) == [an_entry_of_payment()]


def test_deposit_moves_only_with_its_record_and_on_what_stands_when_two_move_it(money: Money) -> None:
    empty = money.deposits.get("C1")
    assert empty == Deposit(company_id="C1")
    first = moved(empty, MovementKind.PAID_IN, "B-1", 100, recorded_by="s-1", at=NOW)
    other = moved(empty, MovementKind.PAID_IN, "B-2", 50, recorded_by="s-2", at=NOW)
    assert first is not None
    assert other is not None
    assert moved(empty, MovementKind.REFUNDED, "B-3", -1, recorded_by="s-1", at=NOW) is None
    entries = [
        entry_at(f"DEPOSIT-{number}", Kind.DEPOSIT_PAID_IN, "C1", (Line(Account.BANK, 0),), NOW)
        for number in (1, 2, 3)
    ]
    money.deposits.move(first, entries[0])
    with pytest.raises(ConcurrentChangeError):
        money.deposits.move(other, entries[1])  # the balance is another by now
    again = moved(first.after, MovementKind.PAID_IN, "B-1", 100, recorded_by="s-2", at=NOW)
    assert again is not None
    with pytest.raises(ConcurrentChangeError):
        money.deposits.move(again, entries[1])  # the reference is recorded
    money.credit.bill("C1", TODAY, 70)
    drawn = moved(first.after, MovementKind.STATEMENT_PAID, "2026-11-24", -70, recorded_by=BY_DEPOSIT, at=NOW)
    assert drawn is not None
    paid = a_payment(reference=BY_DEPOSIT, recorded_by=BY_DEPOSIT)
    money.payments.record(paid, an_entry_of_payment(Account.COMPANY_DEPOSIT), drawn)
    assert money.deposits.get("C1") == Deposit(company_id="C1", balance_fen=30, version=2)
    assert money.deposits.find("C1", MovementKind.PAID_IN, "B-1") == first.movement
    assert money.deposits.find("C1", MovementKind.REFUNDED, "B-1") is None
    assert money.deposits.movements("C1", None, 10) == [drawn.movement, first.movement]
    assert money.deposits.movements("C1", 2, 10) == [first.movement]
    assert money.deposits.movements("C1", None, 1) == [drawn.movement]
    assert money.deposits.movements("C2", None, 10) == []


def test_transfer_is_recorded_once_on_the_version_before_when_two_record_it(money: Money) -> None:
    empty = money.settlements.get(TODAY, Position.PREMIUM)
    assert empty == PositionTransfers(day=TODAY, position=Position.PREMIUM)
    first = empty.with_transfer(SettlementTransfer(reference="B-1", amount_fen=56, recorded_by="s-1", at=NOW))
    second = first.with_transfer(SettlementTransfer(reference="B-2", amount_fen=1, recorded_by="s-1", at=NOW))
    entries = [
        entry_at(f"PREMIUM-{number}", Kind.PREMIUM_REMITTED, INSURER_BOOK, (Line(Account.BANK, 0),), NOW)
        for number in (1, 2)
    ]
    money.settlements.record(first, entries[0])
    with pytest.raises(ConcurrentChangeError):
        money.settlements.record(first, entries[1])
    money.settlements.record(second, entries[1])
    assert money.settlements.get(TODAY, Position.PREMIUM) == second
    assert money.settlements.get(TODAY, Position.CLAIMS_BY_BANK).version == 0
    assert list(money.journal.of_day(INSURER_BOOK, TODAY)) == entries


def test_limit_and_block_stand_on_company_and_projects_when_set(money: Money) -> None:
    enrol(money.companies, Company(company_id="C1", name="浦江劳务", sub_mchid="19"))
    money.projects.add(a_project())
    money.companies.set_credit_limit("C1", 500)
    money.companies.set_credit_block("C1", blocked=True)
    stale = money.projects.get(PROJECT)
    money.projects.set_credit_block(PROJECT, blocked=True)
    company, project = money.companies.get("C1"), money.projects.get(PROJECT)
    assert (company.credit_limit_fen, company.credit_blocked, project.credit_blocked) == (500, True, True)
    with pytest.raises(ConcurrentChangeError):
        money.projects.save(stale.moved_to(ProjectStatus.PAUSED))
    money.companies.set_credit_limit("C1", None)
    assert money.companies.get("C1").credit_limit_fen is None


def test_companies_come_in_pages_when_listed(money: Money) -> None:
    for number in range(5):
        enrol(money.companies, Company(company_id=f"C{number}", name="劳务", sub_mchid="19"))
    token, found = None, []
    while True:
        page, token = money.companies.list_page(token, 2)
        found += page
        if token is None:
            break
    assert found == [f"C{number}" for number in range(5)]


def a_master(**changes: Any) -> MasterPolicy:
    facts: dict[str, Any] = {
        "number": "DM-PAIC-2026-C1",
        "company_id": "C1",
        "year": 2026,
        "insurer": "保险公司",
        "insurer_address": "深圳",
        "policyholder": "浦江劳务",
        "starts_on": TODAY,
        "ends_on": date(2026, 12, 31),
        "terms": "2026-11",
        "plan_versions": ("2026-11",),
        "drawn_up_at": NOW,
    }
    return MasterPolicy(**facts | changes)


def test_first_master_policy_of_a_year_stands_when_another_follows(money: Money) -> None:
    assert money.masters.find("C1", 2026) is None
    assert money.masters.add(a_master()) == a_master()
    assert money.masters.add(a_master(policyholder="另一家")) == a_master()
    assert money.masters.find("C1", 2026) == a_master()
    assert money.masters.find("C1", 2027) is None


CORRECTED = CorrectedDay(
    day=TODAY - timedelta(days=2),
    master_no="DM-PAIC-2026-C1",
    number=None,
    added=0,
    removed=1,
    fewer_than_three=True,
)


def test_no_number_is_given_twice_and_a_day_moves_on_from_what_was_read(money: Money) -> None:
    endorsements, first = money.endorsements, an_endorsement(corrections=(CORRECTED,))
    assert endorsements.latest("C1", TODAY) is None
    endorsements.add(first, None)
    for taken in (first, an_endorsement(day=TOMORROW), an_endorsement(2)):
        with pytest.raises(ConcurrentChangeError):
            endorsements.add(taken, None)
    with pytest.raises(ConcurrentChangeError):
        endorsements.add(an_endorsement(2, revision=2), an_endorsement(7))
    assert endorsements.newest("C1", 2026, None, 9) == [first], "nothing of a refused one stands"
    second = an_endorsement(2, revision=2, replaces=1)
    endorsements.add(second, first)
    assert endorsements.latest("C1", TODAY) == second
    assert endorsements.get("C1", 2026, 1) == first
    assert endorsements_of_day(endorsements, "C1", TODAY) == [first, second]
    assert endorsements_of_day(endorsements, "C1", TOMORROW) == []


def test_endorsements_come_newest_first_by_master_policy_and_page(money: Money) -> None:
    for number in range(1, 13):
        money.endorsements.add(an_endorsement(number, TODAY + timedelta(days=number)), None)
    money.endorsements.add(an_endorsement(1, date(2027, 1, 1), master_no="DM-PAIC-2027-C1"), None)
    numbers = [found.number for found in money.endorsements.newest("C1", 2026, None, 5)]
    assert numbers == [12, 11, 10, 9, 8]
    assert [found.number for found in money.endorsements.newest("C1", 2026, 8, 9)] == [7, 6, 5, 4, 3, 2, 1]
    assert [found.number for found in money.endorsements.newest("C1", 2027, None, 9)] == [1]
    assert money.endorsements.newest("C2", 2026, None, 9) == []
