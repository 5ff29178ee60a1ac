"""A company's statements of some weeks: a row for each day, and the lines of all of them in one sheet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from daycover.books.payment import Payment, Payments
from daycover.books.sheets import Column, ColumnKind, SheetKind, sheet_of
from daycover.books.statement import Statement, Statements, StatementStatus, status_of
from daycover.books.statement_line import StatementLine
from daycover.books.statement_sheets import columns_of
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.project import Project

MOST_DAYS = 92
"""A quarter."""
MOST_LINES = 10_000
"""In one sheet, which is one answer (6 MB) and read in its time; a larger day has its own sheets."""
STATES = {
    StatementStatus.OPEN: "暂计，尚未出账",
    StatementStatus.ISSUED: "待支付",
    StatementStatus.PAID: "已支付",
    StatementStatus.OVERDUE: "已逾期",
}


class StatementRangeError(DaycoverError):
    """The last day is before the first, or they are more than 92 days apart.

    What to do: Ask for at most 92 days.
    含义:结束日期早于开始日期,或期间超过 92 天。
    处理:选择不超过 92 天的期间。
    """

    kind = ErrorKind.INVALID
    title = "账单期间不正确", "The days of the statements do not fit"
    detail = (
        "请选择先后正确、不超过 {days} 天的期间。",
        "Give a first and a last day, at most {days} days in all.",
    )


class StatementLinesError(DaycoverError):
    """The statements of these days have more lines than one sheet takes.

    What to do: Ask for fewer days; a day's own sheets have no limit.
    含义:所选期间的明细超过一份表格的上限。
    处理:缩短期间;单日账单的下载没有上限。
    """

    kind = ErrorKind.INVALID
    title = "所选期间的明细太多", "The days have too many lines for one sheet"
    detail = (
        "所选期间共有 {lines} 条明细,一份表格最多 {most} 条。请缩短期间,或下载单日账单。",
        "The days have {lines} lines, a sheet takes {most}. Ask for fewer days, or download the days one by one.",
    )


class SheetContent(StrEnum):
    """What a sheet of several days has a row for."""

    DAYS = "days"
    LINES = "lines"


class StatementDay(NamedTuple):
    statement: Statement
    status: StatementStatus
    payment: Payment | None

    @property
    def paid_fen(self) -> int:
        return 0 if self.payment is None else self.payment.amount_fen

    @property
    def open_fen(self) -> int:
        return 0 if self.payment is not None else self.statement.premium_fen


class BilledLine(NamedTuple):
    """A line and the day whose statement carries it."""

    day: date
    line: StatementLine


DAY_COLUMNS: Sequence[Column[StatementDay]] = (
    Column("账单日", ColumnKind.DAY, 12, lambda one: one.statement.day),
    Column("状态", ColumnKind.TEXT, 18, lambda one: STATES[one.status]),
    Column("保单数", ColumnKind.NUMBER, 10, lambda one: one.statement.policies),
    Column("应付（元）", ColumnKind.YUAN, 14, lambda one: one.statement.premium_fen),
    Column("其中往日更正（元）", ColumnKind.YUAN, 20, lambda one: one.statement.corrections_fen),
    Column("已付（元）", ColumnKind.YUAN, 14, lambda one: one.paid_fen),
    Column("未付（元）", ColumnKind.YUAN, 14, lambda one: one.open_fen),
    Column("应付日", ColumnKind.DAY, 12, lambda one: one.statement.due_on),
    Column("付款时间", ColumnKind.TIME, 18, lambda one: None if one.payment is None else one.payment.paid_at),
    Column("付款凭证号", ColumnKind.TEXT, 24, lambda one: _reference(one.payment)),
    Column("账单版本", ColumnKind.NUMBER, 10, lambda one: one.statement.revision),
)


def _reference(payment: Payment | None) -> str | None:
    if payment is None:
        return None
    return "预存保费扣缴" if payment.is_from_deposit else payment.reference


def line_columns(projects: Iterable[Project]) -> Sequence[Column[BilledLine]]:
    """Give a statement's columns with the day of the statement behind the policy's number."""
    number, *others = (_of_the_line(column) for column in columns_of(projects))
    return number, Column("账单日", ColumnKind.DAY, 12, lambda billed: billed.day), *others


def _of_the_line(column: Column[StatementLine]) -> Column[BilledLine]:
    return Column(column.title, column.kind, column.width, lambda billed: column.of(billed.line))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatements:
    """The latest revision of each closed day. A day that still runs is read alone (`ReadStatement`)."""

    statements: Statements
    payments: Payments
    projects_of: Callable[[str], Iterable[Project]]
    now: Callable[[], datetime]

    def __call__(self, company_id: str, first: date, last: date) -> list[StatementDay]:
        """Give those of `first` to `last`, in order. Raises StatementRangeError."""
        if not 0 <= (last - first).days < MOST_DAYS:
            raise StatementRangeError(days=MOST_DAYS)
        now, found = self.now(), []
        for month in _months(first, last):
            paid = {payment.day: payment for payment in self.payments.of_month(company_id, month)}
            for statement in self.statements.of_month(company_id, month):
                if first <= statement.day <= last:
                    payment = paid.get(statement.day)
                    found.append(StatementDay(statement, status_of(statement, payment, now), payment))
        return found

    def sheet(
        self, company_id: str, first: date, last: date, content: SheetContent, kind: SheetKind
    ) -> bytes:
        """Write them for people. Raises StatementRangeError, StatementLinesError."""
        days = self(company_id, first, last)
        name = f"{first} 至 {last}"
        if content is SheetContent.DAYS:
            return sheet_of(days, DAY_COLUMNS, name, kind)
        lines = sum(day.statement.lines for day in days)
        if lines > MOST_LINES:
            raise StatementLinesError(lines=lines, most=MOST_LINES)
        return sheet_of(self._lines(days), line_columns(self.projects_of(company_id)), name, kind)

    def _lines(self, days: Iterable[StatementDay]) -> Iterator[BilledLine]:
        for day in days:
            if day.statement.lines:
                for line in self.statements.each_line(day.statement):
                    yield BilledLine(day.statement.day, line)


def _months(first: date, last: date) -> Iterator[str]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{number // 12:04d}-{number % 12 + 1:02d}"
