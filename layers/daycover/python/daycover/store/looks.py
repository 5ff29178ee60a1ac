"""Who looked at a claim's health data, under the claim."""

from daycover.claims.looks import Look
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


class StoredLooks:
    """Implements `claims.looks.Looks`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, look: Look) -> None:
        """Access: PutItem (CLAIM#number, LOOK#request#what). Condition: absent. Cost: 1 write unit."""
        item = look.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
        what = f"{look.what}-{look.document_id}" if look.document_id else look.what.value
        try:
            self._table.put(Put(keys.claim_look(look.number, look.request_id, what), item))
        except ConditionFailedError:
            return  # the same request, repeated

    def list_of(self, number: str) -> list[Look]:
        """Access: Query (CLAIM#number, LOOK#), strong. Cost: 1 read unit per 4 KB, about 15 looks."""
        items = self._table.query_all(*keys.claim_looks(number), strong=True)
        return sorted((Look.model_validate(item) for item in items), key=lambda look: look.at, reverse=True)
