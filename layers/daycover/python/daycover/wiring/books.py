"""Premiums in the books: journal, credit, the day's statement, payments and figures."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.books.accounts import ListAccounts
    from daycover.books.credit import BookCover, WatchCredit
    from daycover.books.deposit import KeepDeposit
    from daycover.books.endorse import EndorseDay, ReadMasterPolicy
    from daycover.books.figures import ReadFigures
    from daycover.books.journal import KeepBooks
    from daycover.books.list_statements import ListStatements
    from daycover.books.pay_statement import DrawOnDeposit, RecordPayment
    from daycover.books.read_statement import ReadStatement
    from daycover.books.settlement import Settle
    from daycover.books.statement import IssueStatement
    from daycover.books.terms import ContractTerms


class BooksWiring(Wiring):
    @cached_property
    def keep_books(self) -> KeepBooks:
        from daycover.books.journal import KeepBooks

        return KeepBooks(
            journal=self._adapters.journal,
            now=self._adapters.now,
            commission_bps=self.contract_terms.commission_bps,
        )

    @property
    def contract_terms(self) -> ContractTerms:
        return self._adapters.contract_terms

    @cached_property
    def book_cover(self) -> BookCover:
        """The roster's lines with the journal behind them."""
        from daycover.books.credit import BookCover

        return BookCover(
            lines=self._adapters.cover_lines,
            books=self.keep_books,
            credit=self._adapters.credit,
            watch=self.watch_credit,
        )

    @cached_property
    def watch_credit(self) -> WatchCredit:
        from daycover.books.credit import WatchCredit

        return WatchCredit(
            credit=self._adapters.credit,
            deposits=self._adapters.deposits,
            companies=self._adapters.companies,
            projects=self._adapters.projects,
            now=self._adapters.now,
        )

    @cached_property
    def list_accounts(self) -> ListAccounts:
        from daycover.books.accounts import ListAccounts

        return ListAccounts(enrolments=self._adapters.enrolments, watch=self.watch_credit)

    @cached_property
    def draw_on_deposit(self) -> DrawOnDeposit:
        from daycover.books.pay_statement import DrawOnDeposit

        return DrawOnDeposit(
            now=self._adapters.now,
            statements=self._adapters.statements,
            payments=self._adapters.payments,
            deposits=self._adapters.deposits,
            credit=self._adapters.credit,
        )

    @cached_property
    def keep_deposit(self) -> KeepDeposit:
        from daycover.books.deposit import KeepDeposit

        return KeepDeposit(
            now=self._adapters.now,
            companies=self._adapters.companies,
            deposits=self._adapters.deposits,
            draw=self.draw_on_deposit,
            watch=self.watch_credit,
        )

    @cached_property
    def settle(self) -> Settle:
        from daycover.books.settlement import Settle

        return Settle(
            now=self._adapters.now,
            statements=self._adapters.statements,
            companies=self._adapters.companies,
            settlements=self._adapters.settlements,
        )

    @cached_property
    def issue_statement(self) -> IssueStatement:
        from daycover.books.claims_figures import ReadOutstanding
        from daycover.books.statement import IssueStatement

        return IssueStatement(
            now=self._adapters.now,
            journal=self._adapters.journal,
            statements=self._adapters.statements,
            payments=self._adapters.payments,
            projects_of=self._adapters.projects.list_of,
            accruals=self._adapters.credit,
            endorse=self.endorse_day,
            collect=self._collect,
            outstanding=ReadOutstanding(
                latest=self._adapters.statements.latest,
                ledger=self._adapters.journal,
                began=self.contract_terms.began,
            ),
            scratch=self._adapters.scratch,
            due_days=self.contract_terms.due_days,
        )

    def _collect(self, company_id: str) -> None:
        self.draw_on_deposit(company_id)
        self.watch_credit(company_id)

    @cached_property
    def endorse_day(self) -> EndorseDay:
        from daycover.books.endorse import EndorseDay
        from daycover.wiring.projects import ProjectsWiring

        return EndorseDay(
            endorsements=self._adapters.endorsements,
            master=self._adapters.wired(ProjectsWiring).draw_up_master_policy,
            lines=self._adapters.cover_lines,
            now=self._adapters.now,
        )

    @cached_property
    def read_master_policy(self) -> ReadMasterPolicy:
        from daycover.books.endorse import ReadMasterPolicy

        return ReadMasterPolicy(
            masters=self._adapters.master_policies, endorsements=self._adapters.endorsements
        )

    @cached_property
    def read_statement(self) -> ReadStatement:
        from daycover.books.read_statement import ReadStatement

        return ReadStatement(
            statements=self._adapters.statements,
            payments=self._adapters.payments,
            endorsements=self._adapters.endorsements,
            journal=self._adapters.journal,
            credit=self._adapters.credit,
            now=self._adapters.now,
            due_days=self.contract_terms.due_days,
        )

    @cached_property
    def list_statements(self) -> ListStatements:
        from daycover.books.list_statements import ListStatements

        return ListStatements(
            statements=self._adapters.statements,
            payments=self._adapters.payments,
            projects_of=self._adapters.projects.list_of,
            now=self._adapters.now,
        )

    @cached_property
    def record_payment(self) -> RecordPayment:
        from daycover.books.pay_statement import RecordPayment

        return RecordPayment(
            now=self._adapters.now,
            statements=self._adapters.statements,
            payments=self._adapters.payments,
            watch=self.watch_credit,
        )

    @cached_property
    def read_figures(self) -> ReadFigures:
        from daycover.books.figures import ReadFigures

        return ReadFigures(statements=self._adapters.statements)


def books() -> BooksWiring:
    """Give what this container's functions of the books can do."""
    return wired(BooksWiring)
