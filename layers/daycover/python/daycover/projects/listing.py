"""The companies of the product, an execution of CloseDay at a time."""

from dataclasses import dataclass

from daycover.projects.company import Companies

COMPANIES_PER_EXECUTION = 250
"""At worst 47 events each, when every retry is used up: half of the 25,000 that an execution's history may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCompanies:
    companies: Companies

    def __call__(self, page_token: str | None) -> tuple[list[str], str | None]:
        """Give the company ids of one execution. Raises PageTokenError."""
        return self.companies.list_page(page_token or None, COMPANIES_PER_EXECUTION)
