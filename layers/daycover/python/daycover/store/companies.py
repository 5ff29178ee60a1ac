"""Companies as everything reads them, and the list that the day's close goes through; `enrolments.py` makes them."""

from typing import TYPE_CHECKING

from daycover.projects.company import Authorisation, Company, CompanyNotAuthorisedError
from daycover.store import keys
from daycover.store.dynamodb import Table, Update

if TYPE_CHECKING:
    from daycover.projects.provider import Provider


class StoredCompanies:
    """Implements `projects.company.Companies`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, company_id: str, *, strong: bool = False) -> Company:
        """Access: GetItem (COMPANY#id, PROFILE). Cost: 0.5 read units, 1 when `strong`."""
        item = self._table.get(keys.company(company_id), strong=strong)
        if item is None:
            raise CompanyNotAuthorisedError
        return Company.model_validate(item)

    def set_credit_limit(self, company_id: str, limit_fen: int | None) -> None:
        """Access: UpdateItem (COMPANY#id, PROFILE). Condition: present. Cost: 1 write unit."""
        key = keys.company(company_id)
        if limit_fen is None:
            self._table.update(Update(key, "REMOVE credit_limit_fen", {}))
        else:
            self._table.update(Update(key, "SET credit_limit_fen = :limit", {":limit": limit_fen}))

    def set_credit_block(self, company_id: str, *, blocked: bool) -> None:
        """Access: UpdateItem (COMPANY#id, PROFILE). Condition: present. Cost: 1 write unit."""
        key = keys.company(company_id)
        self._table.update(Update(key, "SET credit_blocked = :blocked", {":blocked": blocked}))

    def find_provider(self, provider_id: str) -> "Provider | None":
        """Access: GetItem (PROVIDER#id, PROVIDER), strongly consistent: a revoked secret is out at once.

        Cost: 1 read unit.
        """
        item = self._table.get(keys.provider(provider_id), strong=True)
        if item is None:
            return None
        # only signing in and enrolment need it
        from daycover.projects.provider import Provider  # noqa: PLC0415

        return Provider.model_validate(item)

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None:
        """Access: GetItem (PROVIDER#id, COMPANY#id), strongly consistent: a withdrawal works at once.

        Cost: 1 read unit.
        """
        item = self._table.get(keys.provider_company(provider_id, company_id), strong=True)
        return None if item is None else Authorisation.model_validate(item)

    def list_page(self, token: str | None, limit: int) -> tuple[list[str], str | None]:
        """Access: Query (COMPANIES, COMPANY#), one page. Cost: 0.5 read units per 4 KB (60 companies).

        Raises PageTokenError.
        """
        page = self._table.query(*keys.company_entries(), limit=limit, token=token)
        return [item["company_id"] for item in page.items], page.next_token
