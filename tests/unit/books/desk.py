"""The day's money on fakes."""

import io
from datetime import date, datetime

from daycover.books.claims_figures import ReadOutstanding
from daycover.books.credit import BookCover, WatchCredit
from daycover.books.deposit import KeepDeposit
from daycover.books.endorse import EndorseDay
from daycover.books.journal import KeepBooks
from daycover.books.list_statements import ListStatements
from daycover.books.pay_statement import DrawOnDeposit, RecordPayment
from daycover.books.read_statement import ReadStatement
from daycover.books.settlement import Settle
from daycover.books.statement import (
    IssueStatement,
)
from daycover.china_time import china_day
from daycover.cover.master_policy import DrawUpMasterPolicy
from daycover.cover.roster import CoverLine
from daycover.projects.company import Company
from tests.support.builders import COMMISSION_BPS
from tests.support.enrolled import enrol
from tests.support.fakes.books import (
    FakeCredit,
    FakeDeposits,
    FakeEndorsements,
    FakeJournal,
    FakeMasterPolicies,
    FakePayments,
    FakeSettlements,
    FakeStatements,
)
from tests.support.fakes.cover import FakeCoverLines
from tests.support.fakes.port import Clock, Steps
from tests.support.fakes.projects import FakeCompanies, FakeProjects


class Desk:
    """Everything that the day's money needs, on fakes that share one clock and one counter of calls."""

    def __init__(self, now: datetime) -> None:
        self.now = Clock(now)
        self.steps = Steps()
        self.journal = FakeJournal(self.steps)
        self.credit = FakeCredit(self.steps)
        self.deposits = FakeDeposits(self.journal)
        self.payments = FakePayments(self.journal, self.credit, self.deposits)
        self.settlements = FakeSettlements(self.journal)
        self.statements = FakeStatements(self.steps)
        self.masters = FakeMasterPolicies(self.steps)
        self.endorsements = FakeEndorsements(self.steps)
        self.companies = FakeCompanies(self.steps)
        self.projects = FakeProjects(steps=self.steps)
        self.lines = FakeCoverLines(steps=self.steps)
        for company_id in ("C0", "C1", "C2"):
            enrol(self.companies, Company(company_id=company_id, name="浦江劳务", sub_mchid="1900000109"))
        self.began: date | None = china_day(now)
        """The first day of every company's contract."""
        self.steps.calm()
        self.restart()

    def restart(self) -> None:
        """A new process: what only the old one knew is gone."""
        self.watch = WatchCredit(
            credit=self.credit,
            deposits=self.deposits,
            companies=self.companies,
            projects=self.projects,
            now=self.now,
        )
        self.books = KeepBooks(
            journal=self.journal, now=self.now, commission_bps=lambda company_id, day: COMMISSION_BPS
        )
        self.book = BookCover(lines=self.lines, books=self.books, credit=self.credit, watch=self.watch)
        self.pay = RecordPayment(
            now=self.now,
            statements=self.statements,
            payments=self.payments,
            watch=self.watch,
        )
        self.draw = DrawOnDeposit(
            now=self.now,
            statements=self.statements,
            payments=self.payments,
            deposits=self.deposits,
            credit=self.credit,
        )
        self.deposit = KeepDeposit(
            now=self.now,
            companies=self.companies,
            deposits=self.deposits,
            draw=self.draw,
            watch=self.watch,
        )
        self.settle = Settle(
            now=self.now,
            statements=self.statements,
            companies=self.companies,
            settlements=self.settlements,
        )
        self.endorse = EndorseDay(
            endorsements=self.endorsements,
            master=DrawUpMasterPolicy(masters=self.masters, companies=self.companies, now=self.now),
            lines=self.lines,
            now=self.now,
        )
        self.close = self.closing()
        self.list = ListStatements(
            statements=self.statements,
            payments=self.payments,
            projects_of=self.projects.list_of,
            now=self.now,
        )
        self.read = ReadStatement(
            credit=self.credit,
            statements=self.statements,
            payments=self.payments,
            endorsements=self.endorsements,
            journal=self.journal,
            now=self.now,
            due_days=lambda company_id, day: 10,
        )

    def closing(self, due_days: int = 10) -> IssueStatement:
        return IssueStatement(
            now=self.now,
            journal=self.journal,
            statements=self.statements,
            payments=self.payments,
            projects_of=self.projects.list_of,
            accruals=self.credit,
            endorse=self.endorse,
            collect=self._collect,
            scratch=io.BytesIO,
            due_days=lambda company_id, day: due_days,
            outstanding=ReadOutstanding(
                latest=self.statements.latest, ledger=self.journal, began=lambda company_id: self.began
            ),
        )

    def _collect(self, company_id: str) -> None:
        self.draw(company_id)
        self.watch(company_id)

    def take_in(self, *lines: CoverLine) -> None:
        """One batch of the stream."""
        for line in lines:
            self.book.record(line)
        self.book.flush()
