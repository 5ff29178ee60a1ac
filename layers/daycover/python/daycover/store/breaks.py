"""Break items of the reconciliation, and their list by status."""

from collections.abc import Sequence

from daycover.errors import ConcurrentChangeError
from daycover.reporting.breaks import Break, BreakNotFoundError, BreakStatus
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Delete, Put, Table

SCHEMA_VERSION = 1
PAGE = 100


class StoredBreaks:
    """Implements `reporting.breaks.Breaks`. Breaks are few: one list a status serves."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, found: Break) -> bool:
        """Access: transaction of two puts (break, list entry). Condition: no such break. Cost: 4 units."""
        try:
            self._table.write(Put(keys.break_item(found.break_id), _item(found)), _entry(found))
        except ConditionFailedError:
            return False  # found before
        return True

    def get(self, break_id: str) -> Break:
        """Access: GetItem (BREAK#id, BREAK), strong. Cost: 1 read unit."""
        item = self._table.get(keys.break_item(break_id), strong=True)
        if item is None:
            raise BreakNotFoundError
        return Break.model_validate(item)

    def resolve(self, resolved: Break) -> None:
        """Access: transaction of break and both lists. Condition: it stands OPEN. Cost: 6 write units."""
        opened = resolved.model_copy(update={"status": BreakStatus.OPEN})
        put = Put(
            keys.break_item(resolved.break_id),
            _item(resolved),
            condition="#status = :open",
            values={":open": BreakStatus.OPEN.value},
            names={"#status": "status"},
        )
        try:
            self._table.write(put, Delete(_entry(opened).key), _entry(resolved))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def list_by(self, status: BreakStatus, token: str | None = None) -> tuple[Sequence[Break], str | None]:
        """Access: Query (BREAKS#status), 100 by time found, then BatchGetItem. Cost: 0.5 read units each."""
        page = self._table.query(*keys.breaks(status.value), limit=PAGE, token=token)
        wanted = [keys.break_item(item["break_id"]) for item in page.items]
        found = self._table.get_many(wanted)
        return [Break.model_validate(found[key]) for key in wanted if key in found], page.next_token


def _item(found: Break) -> dict[str, object]:
    return found.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}


def _entry(found: Break) -> Put:
    key = keys.break_entry(found.status.value, found.found_at.isoformat(), found.break_id)
    return Put(key, {"break_id": found.break_id, "schema_version": SCHEMA_VERSION})
