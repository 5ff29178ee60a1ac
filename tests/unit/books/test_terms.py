"""What a contract says of money holds from its day on, for what was covered on that day, whenever it is booked."""

from datetime import date, timedelta

import pytest

from daycover.books.journal import Account, KeepBooks
from daycover.books.terms import REMEMBERED, ContractTerms
from daycover.china_time import china_day
from daycover.cover.policy import PolicyStatus
from daycover.projects.company import Company, CompanyNotAuthorisedError
from daycover.projects.contract import Contract, PlanNotInContractError
from tests.support.builders import NOW, a_line
from tests.support.enrolled import enrol
from tests.support.fakes.books import FakeJournal
from tests.support.fakes.port import Clock
from tests.support.fakes.projects import FakeCompanies

TODAY = china_day(NOW)
OLD, NEW = (
    Contract(valid_from=day, insurer="pingan-pc", plans=plans, due_days=due, commission_bps=rate)
    for day, plans, due, rate in (
        (TODAY - timedelta(days=30), ("T1",), 10, 500),
        (TODAY + timedelta(days=1), ("T2",), 30, 1_000),
    )
)


@pytest.fixture
def companies() -> FakeCompanies:
    companies = FakeCompanies()
    enrol(
        companies,
        Company(company_id="C1", name="浦江劳务", sub_mchid="19", contracts=(OLD, NEW)),
        Company(company_id="C2", name="另一家", sub_mchid="20"),
    )
    companies.steps.calm()
    return companies


def terms(companies: FakeCompanies, clock: Clock) -> ContractTerms:
    return ContractTerms(companies, clock, commission_bps=700, due_days=7)


@pytest.mark.parametrize(
    ("company_id", "day", "rate", "due"),
    [
        ("C1", TODAY, 500, 10),
        ("C1", TODAY + timedelta(days=1), 1_000, 30),
        ("C1", TODAY - timedelta(days=31), 700, 7),
        ("C2", TODAY, 700, 7),
        ("C9", TODAY, 700, 7),
    ],
)
def test_terms_are_those_of_the_day(
    companies: FakeCompanies, company_id: str, day: date, rate: int, due: int
) -> None:
    known = terms(companies, Clock(NOW))
    assert (known.commission_bps(company_id, day), known.due_days(company_id, day)) == (rate, due)


def test_premium_that_goes_back_takes_the_commission_with_it_that_it_brought(
    companies: FakeCompanies,
) -> None:
    """Issued under the old contract, cancelled under the new one, booked again by a replay."""
    clock = Clock(NOW + timedelta(days=2))
    journal = FakeJournal()
    books = KeepBooks(journal=journal, now=clock, commission_bps=terms(companies, clock).commission_bps)
    line = a_line(premium_fen=200)
    ended = line.model_copy(
        update={"status": PolicyStatus.CANCELLED, "refund_fen": 200, "ended_at": NOW + timedelta(days=2)}
    )
    for seen in (line, ended, line, ended):
        books.cover(seen)
    commission = [
        part.fen
        for day in (line.day, china_day(ended.ended_at or NOW))
        for entry in journal.of_day("C1", day)
        for part in entry.lines
        if part.account is Account.DISTRIBUTOR_COMMISSION
    ]
    assert sorted(commission) == [-10, 10]


def test_contracts_are_read_once_in_five_minutes(companies: FakeCompanies) -> None:
    clock = Clock(NOW)
    known = terms(companies, clock)
    for _ in range(100):
        known.commission_bps("C1", TODAY)
    assert companies.steps.calls == ["companies.get"]
    clock.at += REMEMBERED
    known.due_days("C1", TODAY)
    assert companies.steps.calls == ["companies.get"] * 2


def test_plan_is_sold_by_the_contract_of_the_day(companies: FakeCompanies) -> None:
    company = companies.get("C1")
    company.check_sold("T1", TODAY)
    company.check_sold("T2", TODAY + timedelta(days=1))
    for plan_id, day in (("T2", TODAY), ("T1", TODAY + timedelta(days=1)), ("T1", date(2020, 1, 1))):
        with pytest.raises(PlanNotInContractError):
            company.check_sold(plan_id, day)
    companies.get("C2").check_sold("T3", TODAY)
    with pytest.raises(CompanyNotAuthorisedError):
        companies.get("C9")
