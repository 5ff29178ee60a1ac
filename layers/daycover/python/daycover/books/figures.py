"""Figures for people: a company's month, and the insurer's book of a day by occupation class and plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from daycover.books.statement import ClassTotal, Statement, Statements


class Month(BaseModel, frozen=True, defer_build=True):
    """A company's closed days of one month. `people_days` are policies issued and kept; `loss_ratio_bps` is
    claims paid over premium in basis points, None where there was no premium."""

    company_id: str
    month: str
    closed_days: int
    people_days: int
    premium_fen: int
    claims_paid_fen: int
    loss_ratio_bps: int | None


class Book(BaseModel, frozen=True, defer_build=True):
    """What the insurer covered on one day, over all companies."""

    day: date
    companies: int
    policies: int
    premium_fen: int
    claims_paid_fen: int
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
        return Month(
            company_id=company_id,
            month=month,
            closed_days=len(days),
            people_days=sum(day.policies for day in days),
            premium_fen=premium_fen,
            claims_paid_fen=claims_paid_fen,
            loss_ratio_bps=claims_paid_fen * 10_000 // premium_fen if premium_fen > 0 else None,
        )

    def book(self, day: date) -> Book:
        return sum_up(day, self.statements.of_day(day))


def sum_up(day: date, statements: Iterable[Statement]) -> Book:
    """Sum the statements of a day in one pass."""
    companies = policies = premium_fen = claims_paid_fen = 0
    classes: dict[tuple[int, str], tuple[int, int]] = {}
    below_three: list[str] = []
    for statement in statements:
        companies += 1
        policies += statement.policies
        premium_fen += statement.premium_fen
        claims_paid_fen += statement.claims_paid_fen
        if statement.fewer_than_three:
            below_three.append(statement.company_id)
        for total in statement.classes:
            key = (total.occupation_class, total.plan_id)
            count, fen = classes.get(key, (0, 0))
            classes[key] = (count + total.policies, fen + total.premium_fen)
    return Book(
        day=day,
        companies=companies,
        policies=policies,
        premium_fen=premium_fen,
        claims_paid_fen=claims_paid_fen,
        classes=tuple(
            ClassTotal(occupation_class=number, plan_id=plan_id, policies=count, premium_fen=fen)
            for (number, plan_id), (count, fen) in sorted(classes.items())
        ),
        below_three=tuple(below_three),
    )
