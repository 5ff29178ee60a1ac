"""The daily premium statement (日结账单) of a labour company: a line per policy, to the fen.

It is a pure function of the journal: the entries that carry its day. A refund or a late premium of an earlier
day therefore stands visibly on the next statement, and closing a day again gives the same bytes. A statement is
written once; only a day that was closed before its cut-off can get a later revision, beside the earlier one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import IO, Protocol

from pydantic import BaseModel

from daycover.books.claims_figures import ClaimsTally, ClaimsTotal, FundTotal, Outstanding, ReadOutstanding
from daycover.books.collected import Collected
from daycover.books.credit import Credit
from daycover.books.journal import Entry, Journal, closing_time, is_closed
from daycover.books.payment import Payment, Payments
from daycover.books.sheets import CsvSheet, Sheet, XlsxSheet
from daycover.books.statement_line import Change, StatementLine, lines_of
from daycover.books.statement_sheets import JsonSheet, columns_of, title_of
from daycover.china_time import china_day
from daycover.cover.master_policy import People
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.project import Project

DUE_DAYS = 10
"""What a statement without a term of its own is due after: those issued before the term was a parameter."""


class StatementNotFoundError(DaycoverError):
    """The day has no statement yet (issued at 00:30 on the next day).

    What to do: Read it on the next day.
    含义:当日账单尚未生成(次日 00:30 出具)。
    处理:次日再读取。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该日账单", "No statement for that day"


class StatementOpenError(DaycoverError):
    """The day is not over and its statement may still grow.

    What to do: Record the payment after `closes_at`.
    含义:该日还没有结束,账单仍会变动。
    处理:在 `closes_at` 之后再登记付款。
    """

    kind = ErrorKind.CONFLICT
    title = "账单尚未结出", "The statement is still open"
    detail = (
        "该日账单将于 {closes_at} 结出,此前不能登记付款。",
        "The day's statement is final at {closes_at}; a payment can be recorded after that.",
    )


class StatementStatus(StrEnum):
    """Derived from the clock and the payment, never stored. OPEN: the day has not been closed for good."""

    OPEN = "OPEN"
    ISSUED = "ISSUED"
    PAID = "PAID"
    OVERDUE = "OVERDUE"


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class CorrectedList(BaseModel, frozen=True, defer_build=True):
    """How many policies a statement adds to, and takes off, the list of an earlier day."""

    day: date
    added: int
    removed: int


class ProjectTotal(BaseModel, frozen=True, defer_build=True):
    project_id: str
    policies: int
    premium_fen: int


class ClassTotal(BaseModel, frozen=True, defer_build=True):
    """What an occupation class brought on a plan; `premium_fen` as billed."""

    occupation_class: int
    plan_id: str
    policies: int
    premium_fen: int


class Statement(BaseModel, frozen=True, defer_build=True):
    """What a company owes for one +08:00 day. `policies` counts those issued and billed by this statement.

    `premium_fen` is the total due; `corrections_fen` is its part that belongs to events of earlier days.
    `sha256` is that of the JSON sheet. `due_days` is the term that stood when it was issued. `insured` counts the day's
    own list: policies issued on it that were not withdrawn before anybody was insured; `fewer_than_three` says that
    they are of one or two people (`cover/master_policy.py`). `payable_fen` is the insurer's part of `premium_fen`,
    after commission. `collected_fen` is what was paid on this day for statements of any day, `remittable_fen` the
    insurer's part of that. `outstanding_fen` is what is reserved for the company's claims at the end of the day, None
    where that is unknown; `funds_paid` says which account paid claims.
    """

    company_id: str
    company_name: str = ""
    """When it was issued; empty for a company without projects."""
    day: date
    revision: int
    policies: int
    lines: int = 0
    premium_fen: int
    corrections: int = 0
    corrections_fen: int = 0
    payable_fen: int = 0
    claims_paid_fen: int = 0
    collected_fen: int = 0
    remittable_fen: int = 0
    claims: tuple[ClaimsTotal, ...] = ()
    outstanding_fen: int | None = None
    funds_paid: tuple[FundTotal, ...] = ()
    projects: tuple[ProjectTotal, ...]
    classes: tuple[ClassTotal, ...] = ()
    insured: int = 0
    fewer_than_three: bool = False
    corrected: tuple[CorrectedList, ...] = ()
    issued_at: datetime
    due_days: int = DUE_DAYS
    sha256: str = ""

    @property
    def due_on(self) -> date:
        return self.day + timedelta(days=self.due_days)


Sheets = Mapping[Format, IO[bytes]]


class IssuedStatements(Protocol):
    """What a reconciliation reads of the statements."""

    def latest(self, company_id: str, day: date) -> Statement | None: ...

    def lines(self, statement: Statement) -> list[StatementLine]:
        """The lines as they were when the revision was issued."""
        ...

    def each_line(self, statement: Statement) -> Iterator[StatementLine]:
        """The same one by one: memory stays flat."""
        ...


class Statements(IssuedStatements, Protocol):
    def add(self, statement: Statement, sheets: Sheets) -> None:
        """Store a revision with its sheets. Raises ConcurrentChangeError when the revision exists."""
        ...

    def link(self, statement: Statement, sheet: Format, endorsement: int | None = None) -> str:
        """A signed link to a sheet, good for minutes; the number of its endorsement is in the file's name."""
        ...

    def of_month(self, company_id: str, month: str) -> list[Statement]:
        """The latest revision of each closed day of a month (yyyy-mm), in order."""
        ...

    def of_day(self, day: date) -> Iterator[Statement]:
        """The latest statement of every company that has one for the day."""
        ...


class _Totals:
    """Sums lines as they pass; grows with projects and classes, never with lines."""

    def __init__(self) -> None:
        self.lines = self.policies = self.premium_fen = self.corrections = self.corrections_fen = 0
        self._projects: dict[str, list[int]] = {}
        self._classes: dict[tuple[int, str], list[int]] = {}
        self._insured, self._people = 0, People()
        self._corrected: dict[date, dict[Change, int]] = {}

    def add(self, line: StatementLine) -> None:
        self.lines += 1
        self.policies += line.is_billed
        self.premium_fen += line.due_fen
        if line.correction:
            self.corrections += 1
            self.corrections_fen += line.due_fen
        if line.change is not None and line.correction:
            changed = self._corrected.setdefault(line.day, dict.fromkeys(Change, 0))
            changed[line.change] += 1
        elif line.change is Change.ADDED:
            self._insured += 1
            self._people.add(line.policy_no)
        project = self._projects.setdefault(line.project_id, [0, 0])
        of_class = self._classes.setdefault((line.occupation_class, line.plan_id), [0, 0])
        for total in (project, of_class):
            total[0] += line.is_billed
            total[1] += line.due_fen

    def statement(self, company_id: str, day: date, issued_at: datetime) -> Statement:
        return Statement(
            company_id=company_id,
            day=day,
            revision=1,
            policies=self.policies,
            lines=self.lines,
            premium_fen=self.premium_fen,
            corrections=self.corrections,
            corrections_fen=self.corrections_fen,
            projects=tuple(
                ProjectTotal(project_id=project_id, policies=count, premium_fen=fen)
                for project_id, (count, fen) in sorted(self._projects.items())
            ),
            classes=tuple(
                ClassTotal(occupation_class=number, plan_id=plan_id, policies=count, premium_fen=fen)
                for (number, plan_id), (count, fen) in sorted(self._classes.items())
            ),
            insured=self._insured,
            fewer_than_three=self._people.are_too_few,
            corrected=tuple(
                CorrectedList(day=on, added=changed[Change.ADDED], removed=changed[Change.REMOVED])
                for on, changed in sorted(self._corrected.items())
            ),
            issued_at=issued_at,
        )


def draw_up(
    company_id: str,
    day: date,
    entries: Iterable[Entry],
    sheets: Iterable[Sheet[StatementLine]],
    issued_at: datetime,
    *,
    opening: Outstanding | None = None,
) -> Statement:
    """Write every line to the sheets and sum them, in one pass whose memory does not grow with the lines.

    `opening` is what was outstanding for claims before the day; None where that is unknown.
    """
    totals, claims, collected, sheets = _Totals(), ClaimsTally(), Collected(), tuple(sheets)
    for line in lines_of(collected.watch(claims.watch(entries))):
        totals.add(line)
        for sheet in sheets:
            sheet.write(line)
    for sheet in sheets:
        sheet.close()
    statement = totals.statement(company_id, day, issued_at)
    outstanding = None if opening is None else sum(claims.closing(opening).values())
    return statement.model_copy(
        update=collected.facts()
        | {
            "claims_paid_fen": claims.paid_fen,
            "claims": claims.totals(opening),
            "outstanding_fen": outstanding,
            "funds_paid": claims.funds_paid,
        }
    )


def status_of(statement: Statement, payment: Payment | None, now: datetime) -> StatementStatus:
    if payment is not None:
        return StatementStatus.PAID
    if not is_closed(statement.day, now):
        return StatementStatus.OPEN
    overdue = china_day(now) > statement.due_on and statement.premium_fen > 0
    return StatementStatus.OVERDUE if overdue else StatementStatus.ISSUED


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStatement:
    """Close one company's day. Running it again gives the same statement."""

    now: Callable[[], datetime]
    journal: Journal
    statements: Statements
    payments: Payments
    projects_of: Callable[[str], Iterable[Project]]
    """A company's, of whose names the sheets are made: once for all lines."""
    accruals: Credit
    endorse: Callable[[Statement], object]
    """Gives the statement its endorsement, once."""
    collect: Callable[[str], object]
    """Pays what is billed from the company's deposit, and says what that means for its new cover."""
    outstanding: ReadOutstanding
    scratch: Callable[[], IO[bytes]]
    due_days: Callable[[str, date], int]
    """Of a company on a day."""

    def __call__(self, company_id: str, day: date) -> Statement:
        """Raises ConcurrentChangeError, StoreUnavailableError; both may be repeated.

        Whatever a crash leaves behind is written again, the same.
        """
        latest = self.statements.latest(company_id, day)
        now = self.now()
        closed = is_closed(day, now)
        issued_at = closing_time(day) if closed else now
        with ExitStack() as files:
            sheets = {kind: files.enter_context(self.scratch()) for kind in Format}
            projects = list(self.projects_of(company_id))
            columns = columns_of(projects)
            spreadsheet = XlsxSheet(sheets[Format.XLSX], columns, title_of(day))
            files.callback(spreadsheet.release)  # before its file goes, also when the journal is out of reach
            writers = (JsonSheet(sheets[Format.JSON]), CsvSheet(sheets[Format.CSV], columns), spreadsheet)
            entries = self.journal.of_statement(company_id, day)
            opening = self.outstanding(company_id, day)
            statement = draw_up(company_id, day, entries, writers, issued_at, opening=opening)
            facts = {
                "company_name": projects[0].company_name if projects else "",
                "sha256": _sha256(sheets[Format.JSON]),
                "due_days": self.due_days(company_id, day),
            }
            statement = statement.model_copy(update=facts)
            if latest is not None and _same(latest, statement):
                statement = latest
            else:
                revision = 1 if latest is None else latest.revision + 1
                statement = statement.model_copy(update={"revision": revision})
                self.statements.add(statement, sheets)
        if closed:
            self._bill(statement)
        self.endorse(statement)
        if closed:
            self.collect(company_id)
        return statement

    def _bill(self, statement: Statement) -> None:
        """Put the total in the place of the running figure, unless it is paid or comes to nothing.

        Asked after the billing: of a payment and a billing that run at once, one sees the other.
        """
        company_id, day = statement.company_id, statement.day
        self.accruals.bill(company_id, day, statement.premium_fen)
        if statement.premium_fen == 0 or self.payments.find(company_id, day) is not None:
            self.accruals.settle(company_id, day)


def _sha256(sheet: IO[bytes]) -> str:
    sheet.seek(0)
    digest = sha256()
    while chunk := sheet.read(1 << 16):
        digest.update(chunk)
    sheet.seek(0)
    return digest.hexdigest()


def _same(earlier: Statement, later: Statement) -> bool:
    ignored = {"company_name", "revision", "issued_at", "due_days"}
    return earlier.model_dump(exclude=ignored) == later.model_dump(exclude=ignored)
