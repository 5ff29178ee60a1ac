"""The accounts of all companies by page: two of each level, what a page reads, and a company that went in between."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import pytest

from daycover.books.accounts import ACCOUNTS_A_PAGE, ListAccounts
from daycover.books.credit import CompanyAccount, CreditDay, CreditLevel, WatchCredit
from daycover.books.journal import Account, Kind, Line, entry_at
from daycover.books.payment import MovementKind, moved
from daycover.projects.company import Company
from daycover.projects.contract import Billing, Contract
from daycover.store import keys
from daycover.store.dynamodb import Delete, PageTokenError, Table
from daycover.store.enrolments import StoredEnrolments
from tests.functional.books.conftest import Money
from tests.functional.cover.gate import Gate
from tests.support.builders import NOW, a_project
from tests.support.enrolled import enrol
from tests.support.fakes.port import Clock

DAY, BEFORE = date(2026, 11, 23), date(2026, 11, 22)
LIMIT_FEN = 1_000
OWED_FEN = {"OK": 799, "WARNING": 800, "BLOCKED": 1_000, "PREPAID": 70, "UNLIMITED": 999_999}
"""By kind of company; what the prepaid paid in lasts for the next day too, or does not."""
PAID_IN_FEN = {"PREPAID-1": 70 + 30 * 70, "PREPAID-2": 70 + 30 * 70 - 1}
KINDS = [f"{kind}-{number}" for kind in OWED_FEN for number in (1, 2)]


def a_company(company_id: str) -> Company:
    kind, _ = company_id.split("-")
    contract = Contract(
        valid_from=date(2026, 11, 1),
        insurer="i-1",
        due_days=10,
        commission_bps=500,
        billing=Billing.PREPAID if kind == "PREPAID" else Billing.CREDIT,
    )
    limit_fen = None if kind in {"PREPAID", "UNLIMITED"} else LIMIT_FEN
    return Company(
        company_id=company_id,
        name=f"{company_id}劳务",
        sub_mchid="19",
        credit_limit_fen=limit_fen,
        contracts=(contract,),
    )


def settle_in(money: Money, company_ids: Iterable[str] = KINDS) -> None:
    """Let each have a project of thirty, owe its amount for two days, and have paid in."""
    for company_id in company_ids:
        enrol(money.companies, a_company(company_id))
        money.projects.add(a_project(project_id=f"P-{company_id}", company_id=company_id))
        owed_fen = OWED_FEN[company_id.split("-")[0]]
        money.credit.bill(company_id, BEFORE, owed_fen - 9)
        money.credit.run(company_id, DAY, 9)
        if paid_fen := PAID_IN_FEN.get(company_id):
            change = moved(
                money.deposits.get(company_id),
                MovementKind.PAID_IN,
                "B-1",
                paid_fen,
                recorded_by="s-1",
                at=NOW,
            )
            assert change is not None
            lines = (Line(Account.BANK, paid_fen), Line(Account.COMPANY_DEPOSIT, -paid_fen))
            money.deposits.move(change, entry_at("B-1", Kind.DEPOSIT_PAID_IN, company_id, lines, NOW))


def listing(money: Money) -> ListAccounts:
    enrolments = money.companies if money.table is None else StoredEnrolments(money.table)
    watch = WatchCredit(
        credit=money.credit,
        deposits=money.deposits,
        companies=money.companies,
        projects=money.projects,
        now=Clock(NOW),
    )
    return ListAccounts(enrolments=enrolments, watch=watch)


def read_all(accounts: ListAccounts) -> list[list[CompanyAccount]]:
    pages, token = [], None
    while True:
        page, token = accounts(token)
        pages.append(page)
        if token is None:
            return pages


def test_accounts_of_every_level_are_what_each_company_s_own_page_says(money: Money) -> None:
    settle_in(money)
    accounts = listing(money)
    (page,) = read_all(accounts)
    assert [one.company_id for one in page] == sorted(KINDS)
    levels = {one.company_id: str(one.level) for one in page}
    assert levels == {
        f"{kind}-{number}": kind for kind in ("OK", "WARNING", "BLOCKED") for number in (1, 2)
    } | {
        "PREPAID-1": "OK",
        "PREPAID-2": "WARNING",  # it has not enough for everybody planned on the next day
        "UNLIMITED-1": "OK",
        "UNLIMITED-2": "OK",
    }
    for one in page:
        alone = accounts.watch.read(one.company_id)
        assert one == CompanyAccount(**dict(alone)), "bound_fen apart"
        assert alone.bound_fen == 30 * 70
        assert one.name == f"{one.company_id}劳务"
        assert [(day.day, day.owed_fen) for day in one.days] == [(BEFORE, one.exposure_fen - 9), (DAY, 9)]
        assert (one.days[0].billed_fen is None, one.days[1]) == (False, CreditDay(day=DAY, running_fen=9))


def test_every_company_comes_once_when_there_are_several_pages(money: Money) -> None:
    ids = [f"UNLIMITED-{number:02}" for number in range(ACCOUNTS_A_PAGE + 1)]
    settle_in(money, ids)
    pages = read_all(listing(money))
    assert [len(page) for page in pages] == [ACCOUNTS_A_PAGE, 1]
    assert [one.company_id for page in pages for one in page] == ids


def test_company_that_vanished_is_left_out_when_its_page_is_read(real_money: Money) -> None:
    settle_in(real_money)
    table = real_money.table
    assert table is not None
    table.write(Delete(keys.company("OK-1"), condition="attribute_exists(pk)"))
    accounts = listing(real_money)
    (page,) = read_all(accounts)
    assert [one.company_id for one in page] == sorted(set(KINDS) - {"OK-1"})
    (*_, last), _ = accounts(None)
    assert last.company_id == "WARNING-2"


def test_token_of_another_list_is_refused_when_it_is_given_as_a_page(real_money: Money) -> None:
    settle_in(real_money)
    table = real_money.table
    assert isinstance(table, Table)
    other = table.query(*keys.credit_days("OK-1"), limit=1).next_token
    for token in (other, "not-ours", "e30"):
        assert token is not None
        with pytest.raises(PageTokenError):
            listing(real_money)(token)


def test_page_reads_two_of_each_company_and_the_projects_of_the_prepaid_that_are_in_order(gate: Gate) -> None:
    stores = gate.adapters
    money = Money(
        stores.journal,
        stores.credit,
        stores.statements,
        stores.companies,
        stores.projects,
        None,
        None,
        stores.deposits,
        stores.payments,
        stores.settlements,
        stores.operations,
    )
    settle_in(money, [*KINDS, "PREPAID-3"])
    stores.calls.clear()
    page, following = gate.books.list_accounts(None)
    assert (len(page), following) == (len(KINDS) + 3, None)  # C1 and C2 are the gate's own
    assert Counter(operation for operation, _ in stores.calls) == {
        "Query": 1 + len(page) + 2,
        "GetItem": len(page),
        "BatchGetItem": 1 + 2,
    }
    blocked = [one.company_id for one in page if one.level is CreditLevel.BLOCKED]
    assert blocked == ["BLOCKED-1", "BLOCKED-2", "PREPAID-3"]
