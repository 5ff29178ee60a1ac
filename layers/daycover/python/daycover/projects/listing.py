"""The companies of the product, an execution of CloseDay at a time."""

from dataclasses import dataclass
from typing import Protocol

COMPANIES_PER_EXECUTION = 1_000
"""About 8 events each: a third of the 25,000 that an execution's history may have."""


class CompanyPages(Protocol):
    def list_page(self, token: str | None, limit: int) -> tuple[list[str], str | None]:
        """Company ids of one page, and the token of the next. Raises PageTokenError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCompanies:
    companies: CompanyPages

    def __call__(self, page_token: str | None) -> tuple[list[str], str | None]:
        """Give the company ids of one execution. Raises PageTokenError."""
        return self.companies.list_page(page_token or None, COMPANIES_PER_EXECUTION)
