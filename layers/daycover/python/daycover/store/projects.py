"""Projects in the operations table."""

from typing import Any

from daycover.errors import ConcurrentChangeError
from daycover.projects.project import Project, ProjectNotFoundError
from daycover.store import keys
from daycover.store.dynamodb import ConditionCheck, ConditionFailedError, Put, Table, Update

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
        """Access: transaction of two puts (project, list entry of its company) and a check of its company, whose block
        it copies: one that is lifted or raised meanwhile would pass it by. Cost: 6 write units."""
        entry = {"project_id": project.project_id, "schema_version": SCHEMA_VERSION}
        try:
            self._table.write(
                ConditionCheck(
                    keys.company(project.company_id),
                    "attribute_not_exists(pk) OR credit_blocked = :blocked",
                    {":blocked": project.credit_blocked},
                ),
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

    def list_of(self, company_id: str, *, strong: bool = False) -> list[Project]:
        """Access: Query (COMPANY#id, PROJECT#), then BatchGetItem by 100. Cost: 0.5 read units a project, 1 when
        `strong`."""
        entries = self._table.query_all(*keys.project_entries(company_id), strong=strong)
        wanted = (keys.project(entry["project_id"]) for entry in entries)
        found = self._table.get_many(wanted, strong=strong)
        projects = map(Project.model_validate, found.values())
        return sorted(projects, key=lambda project: project.project_id)


def _item(project: Project) -> dict[str, Any]:
    return project.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}
