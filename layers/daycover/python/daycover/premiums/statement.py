"""The daily premium statement (日结账单) of a labour company: a line per policy, to the fen.

A statement is written once. When a day is closed again and has lines that the last revision lacks, a
new revision is written beside it; nothing is ever changed in place.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.cover.roster import CoverLine, CoverLines
from daycover.errors import DaycoverError


class StatementNotFoundError(DaycoverError):
    """The company has no statement for that day."""


class StatementStatus(StrEnum):
    ISSUED = "ISSUED"
    PAID = "PAID"
    OVERDUE = "OVERDUE"


class ProjectTotal(BaseModel, frozen=True):
    project_id: str
    policies: int
    premium_fen: int


class Statement(BaseModel, frozen=True):
    """All policies that a company's workers were issued on one +08:00 day."""

    company_id: str
    day: date
    revision: int
    status: StatementStatus
    policies: int
    premium_fen: int
    projects: tuple[ProjectTotal, ...]
    issued_at: datetime


class Statements(Protocol):
    def latest(self, company_id: str, day: date) -> Statement | None: ...

    def add(self, statement: Statement, lines: Sequence[CoverLine]) -> None:
        """Store a revision with its lines. Raises ConcurrentChangeError when the revision exists."""
        ...

    def lines(self, statement: Statement) -> list[CoverLine]:
        """The lines as they were when the revision was issued."""
        ...


def draw_up(
    company_id: str, day: date, lines: Iterable[CoverLine], revision: int, now: datetime
) -> Statement:
    """Sum the lines of a day in one pass: totals per project, and of all."""
    totals: dict[str, tuple[int, int]] = {}
    for line in lines:
        count, fen = totals.get(line.project_id, (0, 0))
        totals[line.project_id] = (count + 1, fen + line.premium_fen)
    return Statement(
        company_id=company_id,
        day=day,
        revision=revision,
        status=StatementStatus.ISSUED,
        policies=sum(count for count, _ in totals.values()),
        premium_fen=sum(fen for _, fen in totals.values()),
        projects=tuple(
            ProjectTotal(project_id=project_id, policies=count, premium_fen=fen)
            for project_id, (count, fen) in sorted(totals.items())
        ),
        issued_at=now,
    )


def day_to_close(scheduled_at: datetime) -> date:
    """The +08:00 day that a close scheduled at 00:30 is for: the one that has just ended."""
    return china_day(scheduled_at) - timedelta(days=1)


class IssueStatement:
    """Close one company's day. Running it again gives the same statement."""

    def __init__(self, *, now: Callable[[], datetime], lines: CoverLines, statements: Statements) -> None:
        self._now = now
        self._lines = lines
        self._statements = statements

    def __call__(self, company_id: str, day: date) -> Statement:
        latest = self._statements.latest(company_id, day)
        revision = 1 if latest is None else latest.revision + 1
        lines = list(self._lines.of_day(company_id, day))
        statement = draw_up(company_id, day, lines, revision, self._now())
        if latest is not None and _same(latest, statement):
            return latest
        self._statements.add(statement, lines)
        return statement


class ReadStatement:
    """The latest revision of a company's day, with its lines."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def __call__(self, company_id: str, day: date) -> tuple[Statement, list[CoverLine]]:
        """Raises StatementNotFoundError."""
        statement = self._statements.latest(company_id, day)
        if statement is None:
            raise StatementNotFoundError
        return statement, self._statements.lines(statement)


def _same(earlier: Statement, later: Statement) -> bool:
    ignored = {"revision", "issued_at", "status"}
    return earlier.model_dump(exclude=ignored) == later.model_dump(exclude=ignored)
