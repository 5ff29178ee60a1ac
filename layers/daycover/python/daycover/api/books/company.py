"""The company's money as it reads it: the day's statement, its credit, its months."""

from datetime import date, datetime

from daycover.api.claims.service_levels import ServiceLevelsView
from daycover.books.credit import CreditDay, CreditLevel, Exposure
from daycover.books.figures import Month
from daycover.books.statement import Format, ProjectTotal, StatementLine, StatementReading, StatementStatus
from daycover.claims.service import ServiceLevels
from daycover.cover.policy import PolicyStatus
from daycover.platform.http import View

SheetFormat = Format


class LinkView(View):
    """`url` needs no token and lasts five minutes."""

    url: str


class LineView(View):
    """`correction`: an earlier statement's policy, or one that came after its own day's statement."""

    policy_no: str
    project_id: str
    day: date
    insured_name: str
    plan_id: str
    occupation_class: int
    start: datetime
    end: datetime
    sum_insured_fen: int
    status: PolicyStatus
    premium_fen: int
    refund_fen: int
    due_fen: int
    correction: bool


class StatementView(View):
    company_id: str
    day: date
    revision: int
    status: StatementStatus
    due_on: date
    policies: int
    premium_fen: int
    corrections: int
    corrections_fen: int
    projects: tuple[ProjectTotal, ...]
    issued_at: datetime
    line_count: int
    lines: list[LineView]
    lines_url: str | None
    """Leads to every line where `line_count` is above 5,000; needs no token and lasts five minutes."""

    @classmethod
    def of(cls, read: StatementReading) -> "StatementView":
        statement = read.statement
        return cls(
            **dict(statement) | {"lines": [_line_view(line) for line in read.lines]},
            status=read.status,
            due_on=statement.due_on,
            line_count=statement.lines,
            lines_url=read.link,
        )


def _line_view(line: StatementLine) -> LineView:
    return LineView(**dict(line), start=line.period.start, end=line.period.end, due_fen=line.due_fen)


class CreditDayView(View):
    """`closed`: the statement's total, exact; otherwise the running figure of a day that is open."""

    day: date
    owed_fen: int
    closed: bool

    @classmethod
    def of(cls, day: CreditDay) -> "CreditDayView":
        return cls(day=day.day, owed_fen=day.owed_fen, closed=day.billed_fen is not None)


class CreditView(View):
    company_id: str
    level: CreditLevel
    limit_fen: int | None
    exposure_fen: int
    overshoot_fen: int
    overshoot_bound_fen: int
    days: list[CreditDayView]

    @classmethod
    def of(cls, exposure: Exposure) -> "CreditView":
        days = [CreditDayView.of(day) for day in exposure.days]
        return cls(**dict(exposure) | {"days": days}, overshoot_bound_fen=exposure.bound_fen)


class MonthView(View):
    company_id: str
    month: str
    closed_days: int
    people_days: int
    premium_fen: int
    claims_paid_fen: int
    loss_ratio_bps: int | None
    service: ServiceLevelsView

    @classmethod
    def of(cls, month: Month, levels: ServiceLevels) -> "MonthView":
        return cls(**dict(month), service=ServiceLevelsView.of(levels))
