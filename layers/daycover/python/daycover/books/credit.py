"""Credit exposure (授信敞口) of a company: what it owes, and the block of new check-ins above its allowance.

The allowance is the credit limit or, where the contract says that premiums are prepaid, what is left of the deposit.

What a company owes is the unpaid total of each closed day, exact, and the running figure of each open one,
which the stream's consumer raises once per batch. A crash between journal and figure can lose a batch, a lost
reply can count one twice; either error ends when its day is closed and the journal's sum takes its place.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from pydantic import BaseModel

from daycover.books.journal import Entry, KeepBooks
from daycover.books.payment import Deposit, Deposits
from daycover.books.sums import sums_of
from daycover.china_time import china_day
from daycover.cover.roster import CoverLine, LineRecorder
from daycover.errors import ConcurrentChangeError
from daycover.projects.company import Companies, Company, CompanyNotAuthorisedError
from daycover.projects.contract import Billing
from daycover.projects.project import Project, Projects, ProjectStatus

WARNING_PERCENT = 80
LOOKS = 5
"""After its own writes, before it leaves the company to those that come in between."""


class CreditLevel(StrEnum):
    OK = "OK"
    WARNING = "WARNING"
    BLOCKED = "BLOCKED"


class CreditDay(BaseModel, frozen=True, defer_build=True):
    """What a company owes for one day. `billed_fen` is the statement's total once the day is closed."""

    day: date
    running_fen: int = 0
    billed_fen: int | None = None

    @property
    def owed_fen(self) -> int:
        return self.running_fen if self.billed_fen is None else self.billed_fen


class CompanyAccount(BaseModel, frozen=True, defer_build=True):
    """`allowance_fen` is what the company may owe: its limit, or its deposit; None for no limit. `overshoot_fen` is
    what lies above it."""

    company_id: str
    name: str
    billing: Billing
    limit_fen: int | None
    deposit_fen: int
    allowance_fen: int | None
    exposure_fen: int
    level: CreditLevel
    overshoot_fen: int
    days: tuple[CreditDay, ...]


class Exposure(CompanyAccount, frozen=True, defer_build=True):
    """`bound_fen` is what new cover could still add before a block holds: everybody planned on the open projects,
    checked in already but not yet proved."""

    bound_fen: int


class Credit(Protocol):
    def run(
        self, company_id: str, day: date, fen: int, sums: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """Raise the running figure of a day that is not billed yet, and the sums beside it (`books/sums.py`)."""
        ...

    def sums(self, company_id: str, day: date) -> Mapping[str, int]:
        """What the sums of a day have come to."""
        ...

    def bill(self, company_id: str, day: date, fen: int) -> None:
        """Put a statement's total in the place of the running figure."""
        ...

    def settle(self, company_id: str, day: date) -> None:
        """Forget a day that is paid; again changes nothing."""
        ...

    def unpaid(self, company_id: str) -> list[CreditDay]:
        """Every day that is not paid, oldest first. Strongly consistent."""
        ...


def allowance_fen(billing: Billing, limit_fen: int | None, deposit_fen: int) -> int | None:
    """What a company may owe before new cover is blocked; None for no limit.

    A deposit that is left from an earlier contract counts beside the limit: it pays the next statements.
    """
    if billing is Billing.PREPAID:
        return deposit_fen
    return None if limit_fen is None else limit_fen + deposit_fen


def level_of(exposure_fen: int, allowance: int | None, day_fen: int = 0) -> CreditLevel:
    """BLOCKED at the allowance, WARNING from 80 % of it, or where less than `day_fen` is left; without an allowance a
    company is never blocked."""
    if allowance is None:
        return CreditLevel.OK
    if exposure_fen >= allowance:
        return CreditLevel.BLOCKED
    is_low = exposure_fen * 100 >= allowance * WARNING_PERCENT or allowance - exposure_fen < day_fen
    return CreditLevel.WARNING if is_low else CreditLevel.OK


def overshoot_bound_fen(projects: Iterable[Project]) -> int:
    """The most that check-ins under way can add after the block: each planned person once."""
    return sum(p.headcount * p.premium_fen for p in projects if p.status is ProjectStatus.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchCredit:
    """Compare a company's exposure with its limit and let its projects say so. May be repeated or cut off."""

    credit: Credit
    deposits: Deposits
    companies: Companies
    projects: Projects
    now: Callable[[], datetime]

    def read(self, company_id: str) -> Exposure:
        """Raises CompanyNotAuthorisedError for an unknown company."""
        company = self.companies.get(company_id)
        bound_fen = overshoot_bound_fen(self.projects.list_of(company_id))
        return Exposure(**dict(self._account(company, lambda: bound_fen)), bound_fen=bound_fen)

    def account(self, company: Company) -> CompanyAccount:
        """Read what a company that is at hand owes: its unpaid days and its deposit, and its projects only where the
        level hangs on them, which is that of a prepaid company that is neither blocked nor near its deposit's end."""
        return self._account(company, lambda: overshoot_bound_fen(self.projects.list_of(company.company_id)))

    def limit(self, company_id: str, limit_fen: int | None) -> Exposure:
        """Set the limit. Raises CompanyNotAuthorisedError for an unknown company."""
        self.companies.get(company_id)
        self.companies.set_credit_limit(company_id, limit_fen)
        self(company_id)
        return self.read(company_id)

    def __call__(self, company_id: str) -> CreditLevel:
        """Raise or lift the block, and look again until there is nothing left to write.

        Two runs that saw the company at different moments may write in any order. Whoever wrote looks once more,
        so that the last of them leaves what is true then. Raises ConcurrentChangeError when others keep coming.
        """
        level, changed = self._follow(company_id)
        for _ in range(LOOKS):
            if not changed:
                return level
            level, changed = self._follow(company_id, after_writing=True)
        raise ConcurrentChangeError

    def _follow(self, company_id: str, *, after_writing: bool = False) -> tuple[CreditLevel, bool]:
        """Give the level, and whether a flag was otherwise and had to be written.

        The company's own flag is written first when raised (a project that is opened meanwhile copies it) and
        last when lifted, so that a run that was cut off is completed by the next.
        """
        try:
            company = self.companies.get(company_id, strong=True)
        except CompanyNotAuthorisedError:
            return CreditLevel.OK, False
        billing, changed = self._billing(company), False
        is_unlimited = billing is Billing.CREDIT and company.credit_limit_fen is None
        if is_unlimited and not company.credit_blocked and not after_writing:
            return CreditLevel.OK, False
        # what is owed first: of a payment in between, the smaller deposit is seen and never both sides of it
        owed_fen, deposit = self._owed(self.credit.unpaid(company_id)), self.deposits.get(company_id)
        allowance = allowance_fen(billing, company.credit_limit_fen, deposit.balance_fen)
        level = level_of(owed_fen, allowance)
        blocked = level is CreditLevel.BLOCKED
        if blocked and not company.credit_blocked:
            self.companies.set_credit_block(company_id, blocked=True)
            changed = True
        if blocked or company.credit_blocked or after_writing:
            for project in self.projects.list_of(company_id, strong=True):
                if project.credit_blocked is not blocked:
                    self.projects.set_credit_block(project.project_id, blocked=blocked)
                    changed = True
        if company.credit_blocked and not blocked:
            self.companies.set_credit_block(company_id, blocked=False)
            changed = True
        return level, changed

    def left_of(self, deposit: Deposit) -> int:
        """What a company has paid in beyond all that it owes, cover of days that still run included. May be < 0."""
        return deposit.balance_fen - self._owed(self.credit.unpaid(deposit.company_id))

    def _billing(self, company: Company) -> Billing:
        return company.billing_on(china_day(self.now()))

    def _account(self, company: Company, day_fen: Callable[[], int]) -> CompanyAccount:
        days = self.credit.unpaid(company.company_id)
        deposit_fen = self.deposits.get(company.company_id).balance_fen
        owed, limit, billing = self._owed(days), company.credit_limit_fen, self._billing(company)
        allowance = allowance_fen(billing, limit, deposit_fen)
        level = level_of(owed, allowance)
        if billing is Billing.PREPAID and level is CreditLevel.OK:
            level = level_of(owed, allowance, day_fen())
        return CompanyAccount(
            company_id=company.company_id,
            name=company.name,
            billing=billing,
            limit_fen=limit,
            deposit_fen=deposit_fen,
            allowance_fen=allowance,
            exposure_fen=owed,
            level=level,
            overshoot_fen=0 if allowance is None else max(0, owed - allowance),
            days=tuple(days),
        )

    @staticmethod
    def _owed(days: Iterable[CreditDay]) -> int:
        return sum(day.owed_fen for day in days)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookCover:
    """Take in policies of the stream: the roster's line, the journal, and at the batch's end the exposure."""

    lines: LineRecorder
    books: KeepBooks
    credit: Credit
    watch: WatchCredit
    _pending: dict[tuple[str, date], list[Entry]] = field(
        default_factory=lambda: defaultdict(list), init=False
    )

    def record(self, line: CoverLine) -> bool:
        """Record a line and post what follows from it; False when all of that stood already.

        The journal goes first: what the roster shows has been booked.
        """
        entries = self.books.cover(line)
        self._note(entries)
        return self.lines.record(line) or bool(entries)

    def missing(self, lines: Sequence[CoverLine]) -> list[CoverLine]:
        """Those that are not recorded; what is recorded has been booked."""
        return self.lines.missing(lines)

    def flush(self) -> dict[str, CreditLevel]:
        """Raise the running figures by what is new since the last flush, once per company and day, and give
        where each company stands. What a failure leaves over goes with the next flush of this process."""
        levels = {}
        while self._pending:
            (company_id, day), entries = next(iter(self._pending.items()))
            self.credit.run(company_id, day, sum(entry.receivable_fen for entry in entries), sums_of(entries))
            del self._pending[company_id, day]
            levels[company_id] = CreditLevel.OK
        return {company_id: self.watch(company_id) for company_id in levels}

    def _note(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._pending[entry.company_id, entry.statement_day].append(entry)
