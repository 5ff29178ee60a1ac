"""The trail of what people ask for in a company's name."""

from daycover.projects.deed import Deed
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


class StoredDeeds:
    """Implements `projects.operators.Deeds`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, deed: Deed) -> None:
        """Access: PutItem (COMPANY#id#DEEDS, at#request). Condition: absent. Cost: 1 write unit."""
        item = deed.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(keys.deed(deed.company_id, item["at"], deed.request_id), item))
        except ConditionFailedError:
            return  # the same request, repeated

    def list_page(self, company_id: str, token: str | None, limit: int) -> tuple[list[Deed], str | None]:
        """Access: Query (COMPANY#id#DEEDS), newest first. Cost: 0.5 read units per 4 KB, about 12 deeds."""
        page = self._table.query(keys.deeds(company_id), limit=limit, token=token, newest_first=True)
        return [Deed.model_validate(item) for item in page.items], page.next_token
