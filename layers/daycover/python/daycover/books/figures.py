"""Figures for people: a company's month, and the insurer's book of a day by occupation class and plan."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from daycover.books.claims_figures import FUNDS, ClaimsSum, ClaimsTotal, FundTotal, outstanding_of
from daycover.books.journal import Account, Risk
from daycover.books.statement import ClassTotal, Statement, Statements


class Month(BaseModel, frozen=True, defer_build=True):
    """A company's closed days of one month. `people_days` are policies issued and kept; `loss_ratio_bps` is
    claims paid over premium in basis points, None where there was no premium. `incurred_fen` is paid and what is
    reserved more than before; `outstanding_fen` is reserved at the end of the last closed day, None if unknown."""

    company_id: str
    month: str
    closed_days: int
    people_days: int
    premium_fen: int
    claims_paid_fen: int
    incurred_fen: int
    outstanding_fen: int | None
    loss_ratio_bps: int | None


class Book(BaseModel, frozen=True, defer_build=True):
    """What the insurer covered on one day, over all companies, and what its claims cost.

    `outstanding_fen` is None, and so is each class's, while that of a company is unknown (`unknown`)."""

    day: date
    companies: int
    policies: int
    premium_fen: int
    claims_paid_fen: int
    incurred_fen: int
    outstanding_fen: int | None
    claims: tuple[ClaimsTotal, ...] = ()
    funds_paid: tuple[FundTotal, ...] = ()
    unknown: tuple[str, ...] = ()
    """Companies whose statement does not know what is outstanding."""
    classes: tuple[ClassTotal, ...]
    below_three: tuple[str, ...] = ()
    """Companies whose list of the day names one or two people (保监发〔2015〕14号)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFigures:
    """Sums statements, so that a figure can be followed down to its policies."""

    statements: Statements

    def month(self, company_id: str, month: str) -> Month:
        """`month` is yyyy-mm."""
        days = self.statements.of_month(company_id, month)
        premium_fen = sum(day.premium_fen for day in days)
        claims_paid_fen = sum(day.claims_paid_fen for day in days)
        last = outstanding_of(days[-1]) if days else None
        claims = ClaimsSum()
        for day in days:
            claims.add(day.claims)
        return Month(
            company_id=company_id,
            month=month,
            closed_days=len(days),
            people_days=sum(day.policies for day in days),
            premium_fen=premium_fen,
            claims_paid_fen=claims_paid_fen,
            incurred_fen=claims.incurred_fen,
            outstanding_fen=None if last is None else sum(last.values()),
            loss_ratio_bps=claims_paid_fen * 10_000 // premium_fen if premium_fen > 0 else None,
        )

    def book(self, day: date) -> Book:
        return sum_up(day, self.statements.of_day(day))


def sum_up(day: date, statements: Iterable[Statement]) -> Book:
    """Sum the statements of a day in one pass."""
    companies = policies = premium_fen = claims_paid_fen = 0
    classes: dict[tuple[int, str], tuple[int, int]] = {}
    below_three: list[str] = []
    unknown: list[str] = []
    claims = ClaimsSum()
    outstanding: Counter[Risk | None] = Counter()
    funds: Counter[Account] = Counter()
    for statement in statements:
        companies += 1
        policies += statement.policies
        premium_fen += statement.premium_fen
        claims_paid_fen += statement.claims_paid_fen
        if statement.fewer_than_three:
            below_three.append(statement.company_id)
        claims.add(statement.claims)
        known = outstanding_of(statement)
        if known is None:
            unknown.append(statement.company_id)
        outstanding.update(known or {})
        funds.update({fund.account: fund.fen for fund in statement.funds_paid})
        for total in statement.classes:
            key = (total.occupation_class, total.plan_id)
            count, fen = classes.get(key, (0, 0))
            classes[key] = (count + total.policies, fen + total.premium_fen)
    last = None if unknown else outstanding
    return Book(
        day=day,
        companies=companies,
        policies=policies,
        premium_fen=premium_fen,
        claims_paid_fen=claims_paid_fen,
        incurred_fen=claims.incurred_fen,
        outstanding_fen=None if last is None else sum(last.values()),
        claims=claims.totals(last),
        funds_paid=tuple(
            FundTotal(account=account, fen=funds[account]) for account in FUNDS if funds[account]
        ),
        unknown=tuple(unknown),
        classes=tuple(
            ClassTotal(occupation_class=number, plan_id=plan_id, policies=count, premium_fen=fen)
            for (number, plan_id), (count, fen) in sorted(classes.items())
        ),
        below_three=tuple(below_three),
    )
