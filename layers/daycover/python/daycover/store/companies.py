"""Companies, the providers that may act for them, and the list that the day's close goes through."""

from daycover.errors import ConcurrentChangeError
from daycover.projects.company import (
    Authorisation,
    Company,
    CompanyNotAuthorisedError,
    ProviderClient,
)
from daycover.store import keys
from daycover.store.dynamodb import PRESENT, ConditionFailedError, Put, Table, Update

SCHEMA_VERSION = 1


class StoredCompanies:
    """Implements `projects.company.Companies`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, company_id: str) -> Company:
        """Access: GetItem (COMPANY#id, PROFILE). Cost: 0.5 read units."""
        item = self._table.get(keys.company(company_id))
        if item is None:
            raise CompanyNotAuthorisedError
        return Company.model_validate(item)

    def add(self, company: Company) -> None:
        """Access: transaction of two puts (profile, entry of the list for the day's close).

        Cost: 4 write units. Raises ConcurrentChangeError when the company exists.
        """
        item = company.model_dump() | {"schema_version": SCHEMA_VERSION}
        entry = {"company_id": company.company_id, "schema_version": SCHEMA_VERSION}
        try:
            self._table.write(
                Put(keys.company(company.company_id), item),
                Put(keys.company_entry(company.company_id), entry),
            )
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

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

    def find_client(self, provider_id: str) -> ProviderClient | None:
        """Access: GetItem (PROVIDER#id, CLIENT). Cost: 0.5 read units."""
        item = self._table.get(keys.provider_client(provider_id))
        return None if item is None else ProviderClient.model_validate(item)

    def register_client(self, client: ProviderClient) -> None:
        """Access: PutItem (PROVIDER#id, CLIENT), new or a replaced secret. Cost: 1 write unit."""
        item = client.model_dump() | {"schema_version": SCHEMA_VERSION}
        key = keys.provider_client(client.provider_id)
        self._table.put(Put(key, item, condition=f"attribute_not_exists(pk) OR {PRESENT}"))

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None:
        """Access: GetItem (PROVIDER#id, COMPANY#id), strongly consistent: a withdrawal works at once.

        Cost: 1 read unit.
        """
        item = self._table.get(keys.provider_company(provider_id, company_id), strong=True)
        return None if item is None else Authorisation.model_validate(item)

    def authorise(self, authorisation: Authorisation) -> None:
        """Access: PutItem (PROVIDER#id, COMPANY#id), granted anew or first. Cost: 1 write unit."""
        item = authorisation.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}
        key = keys.provider_company(authorisation.provider_id, authorisation.company_id)
        self._table.put(Put(key, item, condition=f"attribute_not_exists(pk) OR {PRESENT}"))

    def list_page(self, token: str | None, limit: int) -> tuple[list[str], str | None]:
        """Access: Query (COMPANIES, COMPANY#), one page. Cost: 0.5 read units per 4 KB (60 companies).

        Raises PageTokenError.
        """
        page = self._table.query(*keys.company_entries(), limit=limit, token=token)
        return [item["company_id"] for item in page.items], page.next_token
