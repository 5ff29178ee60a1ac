"""Projects and companies in the operations table."""

from typing import Any

from daycover.errors import ConcurrentChangeError
from daycover.projects.company import (
    Authorisation,
    Company,
    CompanyNotAuthorisedError,
    ProviderClient,
)
from daycover.projects.project import Project, ProjectNotFoundError
from daycover.store import keys
from daycover.store.dynamodb import PRESENT, ConditionFailedError, Put, Table, Update

SCHEMA_VERSION = 1


class StoredProjects:
    """Implements `projects.project.Projects`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, project_id: str, *, strong: bool = False) -> Project:
        """Access: GetItem (PROJECT#id, PROJECT). Cost: 0.5 read units, 1 when `strong`."""
        item = self._table.get(keys.project(project_id), strong=strong)
        if item is None:
            raise ProjectNotFoundError
        return Project.model_validate(item)

    def add(self, project: Project) -> None:
        """Access: transaction of two puts (project, list entry of its company). Cost: 4 write units."""
        entry = {"project_id": project.project_id, "schema_version": SCHEMA_VERSION}
        try:
            self._table.write(
                Put(keys.project(project.project_id), _item(project)),
                Put(keys.project_entry(project.company_id, project.project_id), entry),
            )
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def save(self, project: Project) -> None:
        """Access: PutItem. Condition: the stored version is the one before. Cost: 1 write unit."""
        try:
            self._table.put(
                Put(
                    keys.project(project.project_id),
                    _item(project),
                    condition="version = :before",
                    values={":before": project.version - 1},
                )
            )
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def set_credit_block(self, project_id: str, *, blocked: bool) -> None:
        """Access: UpdateItem (PROJECT#id, PROJECT). Condition: present. Cost: 1 write unit.

        The version goes up with it, so that no change of a project read before can take the flag back.
        """
        changes = {":blocked": blocked, ":one": 1}
        expression = "SET credit_blocked = :blocked, version = version + :one"
        self._table.update(Update(keys.project(project_id), expression, changes))

    def list_of(self, company_id: str) -> list[Project]:
        """Access: Query (COMPANY#id, PROJECT#), then BatchGetItem by 100. Cost: 0.5 read units a project."""
        ids = [item["project_id"] for item in self._table.query_all(*keys.project_entries(company_id))]
        projects: list[Project] = []
        for start in range(0, len(ids), 100):
            found = self._table.get_many(keys.project(project_id) for project_id in ids[start : start + 100])
            projects += [Project.model_validate(item) for item in found.values()]
        return sorted(projects, key=lambda project: project.project_id)


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

    def list_all(self) -> list[str]:
        """Access: Query (COMPANIES, COMPANY#), page by page. Cost: 0.5 read units per 4 KB (60 companies)."""
        return [item["company_id"] for item in self._table.query_all(*keys.company_entries())]


def _item(project: Project) -> dict[str, Any]:
    return project.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}
