"""Who looked at a claim's health data, under the claim."""

from pydantic import BaseModel

from daycover.claims.looks import Look
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


def keep_look(table: Table, key: keys.Key, look: BaseModel) -> None:
    """Access: PutItem. Condition: absent; the same request's look, repeated, changes nothing. Cost: 1 write unit."""
    item = look.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
    try:
        table.put(Put(key, item))
    except ConditionFailedError:
        return


def part_of(what: str, document_id: str | None) -> str:
    """Name in a key what of a thing was looked at."""
    return f"{what}-{document_id}" if document_id else what


class StoredLooks:
    """Implements `claims.looks.Looks`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, look: Look) -> None:
        """Access: PutItem (CLAIM#number, LOOK#request#what). Condition: absent. Cost: 1 write unit."""
        part = part_of(look.what.value, look.document_id)
        keep_look(self._table, keys.claim_look(look.number, look.request_id, part), look)

    def list_of(self, number: str) -> list[Look]:
        """Access: Query (CLAIM#number, LOOK#), strong. Cost: 1 read unit per 4 KB, about 15 looks."""
        items = self._table.query_all(*keys.claim_looks(number), strong=True)
        return sorted((Look.model_validate(item) for item in items), key=lambda look: look.at, reverse=True)
