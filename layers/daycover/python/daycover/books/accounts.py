"""The accounts of all companies, a page at a time: what finance looks over every day."""

from dataclasses import dataclass

from daycover.books.credit import CompanyAccount, WatchCredit
from daycover.projects.enrol import Enrolments

ACCOUNTS_A_PAGE = 25
"""So that a page is 102 reads one after another at most (of companies with up to 100 projects): half a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAccounts:
    enrolments: Enrolments
    watch: WatchCredit

    def __call__(self, token: str | None) -> tuple[list[CompanyAccount], str | None]:
        """Give a page of accounts by company id, and the token of the next. Raises PageTokenError.

        A page costs a query of ids and a batch of their profiles; a company that vanished in between is left out. Each
        company costs two reads more, a query of its unpaid days and its deposit; one that is prepaid and in order two
        more, a query of its projects and a batch of each 100, for whether the deposit lasts for another day.
        """
        companies, following = self.enrolments.list_companies(token, ACCOUNTS_A_PAGE)
        return [self.watch.account(company) for company in companies], following
