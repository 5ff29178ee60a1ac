"""Reading a company's day: as billed, or what a day that still runs comes to so far."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from daycover.books.credit import Credit
from daycover.books.endorsement import Endorsement, Endorsements
from daycover.books.journal import Journal, is_closed
from daycover.books.payment import Payments
from daycover.books.running import running_statement
from daycover.books.statement import (
    Format,
    Statement,
    StatementNotFoundError,
    Statements,
    StatementStatus,
    draw_up,
    status_of,
)
from daycover.books.statement_line import StatementLine, lines_of
from daycover.china_time import china_day

MAXIMUM_LINES = 5_000
"""As many lines as fit into one answer (6 MB); longer statements are read as sheets."""


MOST_SUMMED, SHOWN_LINES = 2_000, 500
"""Lines of a running day that are still summed for whoever looks, and how many of a larger day are shown."""


class StatementReading(NamedTuple):
    """A statement as it is read. Where the lines are too many for an answer, `link` leads to all of them; of a day
    that still runs `lines` are then the first ones."""

    statement: Statement
    status: StatementStatus
    lines: list[StatementLine]
    link: str | None = None
    endorsement: Endorsement | None = None
    """The newest of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    """The latest revision of a company's day, or what a day that still runs comes to so far."""

    statements: Statements
    payments: Payments
    endorsements: Endorsements
    journal: Journal
    credit: Credit
    now: Callable[[], datetime]
    due_days: Callable[[str, date], int]
    """Of a company on a day."""

    def __call__(self, company_id: str, day: date) -> StatementReading:
        """Raises StatementNotFoundError for a day that has not begun, or was not closed when it should."""
        statement = self.statements.latest(company_id, day)
        if statement is None and day <= china_day(self.now()) and not is_closed(day, self.now()):
            return self._running(company_id, day)
        if statement is None:
            raise StatementNotFoundError
        status = status_of(statement, self.payments.find(company_id, day), self.now())
        endorsement = self.endorsements.latest(company_id, day)
        if statement.lines > MAXIMUM_LINES:
            link = self._link(statement, Format.JSON, endorsement)
            return StatementReading(statement, status, [], link, endorsement)
        return StatementReading(statement, status, self.statements.lines(statement), endorsement=endorsement)

    def _running(self, company_id: str, day: date) -> StatementReading:
        """Sum the journal as the close will, in one pass; revision 0 is no revision. A day of many lines is told from
        the sums that were kept while it ran, and a few of its lines stand beside them."""
        sums = self.credit.sums(company_id, day)
        if sums.get("lines", 0) > MOST_SUMMED:
            statement = running_statement(company_id, day, sums, self.now(), self.due_days(company_id, day))
            some = self.journal.some_of(company_id, day, SHOWN_LINES)
            carried = [entry for entry in some if entry.statement_day == day]
            return StatementReading(statement, StatementStatus.OPEN, list(lines_of(carried)))
        first = _FirstLines()
        statement = draw_up(company_id, day, self.journal.of_statement(company_id, day), (first,), self.now())
        facts = {"revision": 0, "due_days": self.due_days(company_id, day)}
        return StatementReading(statement.model_copy(update=facts), StatementStatus.OPEN, first.lines)

    def link(self, company_id: str, day: date, sheet: Format) -> str:
        """Raises StatementNotFoundError."""
        statement = self.statements.latest(company_id, day)
        if statement is None:
            raise StatementNotFoundError
        return self._link(statement, sheet, self.endorsements.latest(company_id, day))

    def _link(self, statement: Statement, sheet: Format, endorsed: Endorsement | None) -> str:
        return self.statements.link(statement, sheet, None if endorsed is None else endorsed.number)


class _FirstLines:
    """A sheet that keeps what fits into an answer."""

    def __init__(self) -> None:
        self.lines: list[StatementLine] = []

    def write(self, line: StatementLine, /) -> None:
        if len(self.lines) < MAXIMUM_LINES:
            self.lines.append(line)

    def close(self) -> None:
        """The statement has the total."""
