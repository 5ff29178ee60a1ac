"""The keys of days: what positions are sealed with, and what forgetting them deletes."""

from daycover.store import keys
from daycover.store.dynamodb import PRESENT, ConditionFailedError, Delete, Put, Table

SCHEMA_VERSION = 1


class StoredDayKeys:
    """Implements `platform.security.DayKeys`. Days are yyyymmdd in +08:00."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, day: str) -> str | None:
        """Access: GetItem (DAY_KEYS, DAY#day), strong. Cost: 1 read unit, once an hour and container."""
        item = self._table.get(keys.day_key(day), strong=True)
        return None if item is None else str(item["wrapped"])

    def add(self, day: str, wrapped: str) -> str:
        """Access: PutItem (DAY_KEYS, DAY#day). Condition: absent. Cost: 1 write unit."""
        try:
            self._table.put(
                Put(keys.day_key(day), {"day": day, "wrapped": wrapped, "schema_version": SCHEMA_VERSION})
            )
        except ConditionFailedError as error:
            return str((error.item or {})["wrapped"])
        return wrapped

    def delete_before(self, day: str) -> list[str]:
        """Access: Query (DAY_KEYS, DAY#), strong, then a delete each. Condition: present.

        Cost: 1 read unit, 2 write units a day that is forgotten.
        """
        deleted = []
        for item in self._table.query_all(*keys.day_keys(), strong=True):
            if item["day"] < day:
                try:
                    self._table.write(Delete(keys.day_key(item["day"]), PRESENT))
                except ConditionFailedError:
                    continue  # another run was first
                deleted.append(str(item["day"]))
        return deleted
