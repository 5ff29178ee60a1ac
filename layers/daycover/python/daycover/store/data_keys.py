"""The wrapped data keys that sealed fields name."""

from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


class StoredDataKeys:
    """Implements `platform.security.DataKeys`. Periods are days (yyyymmdd) and years (yyyy) in +08:00.

    Nothing deletes one: every field sealed with it would be lost.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, key_id: str) -> str | None:
        """Access: GetItem (DATA_KEYS, KEY#id), strong. Cost: 1 read unit, once an hour, key and container."""
        item = self._table.get(keys.data_key(key_id), strong=True)
        return None if item is None else str(item["wrapped"])

    def add(self, key_id: str, wrapped: str) -> str:
        """Access: PutItem (DATA_KEYS, KEY#id). Condition: absent. Cost: 1 write unit."""
        try:
            self._table.put(
                Put(keys.data_key(key_id), {"wrapped": wrapped, "schema_version": SCHEMA_VERSION})
            )
        except ConditionFailedError as error:
            return str((error.item or {})["wrapped"])
        return wrapped
