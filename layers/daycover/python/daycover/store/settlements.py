"""PositionTransfers between us and the insurer, by day and position."""

from datetime import date

from daycover.books.journal import Entry
from daycover.books.settlement import Position, PositionTransfers
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Table, put_after
from daycover.store.journal import entry_writes

SCHEMA_VERSION = 1


class StoredSettlements:
    """Implements `books.settlement.Settlements`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, day: date, position: Position) -> PositionTransfers:
        """Access: GetItem (SETTLEMENT#day, position), strong. Cost: 1 read unit per 4 KB (about 30 transfers)."""
        item = self._table.get(keys.settlement(day.isoformat(), position), strong=True)
        return (
            PositionTransfers(day=day, position=position)
            if item is None
            else PositionTransfers.model_validate(item)
        )

    def record(self, settled: PositionTransfers, entry: Entry) -> None:
        """Access: transaction of two puts (the position, the entry). Condition: the version before; the entry is
        absent. Cost: 4 write units, 2 more per KB of transfers.
        """
        item = settled.model_dump(mode="json") | {
            "version": settled.version,
            "schema_version": SCHEMA_VERSION,
        }
        key = keys.settlement(settled.day.isoformat(), settled.position)
        try:
            self._table.write(put_after(settled.version - 1, key, item), *entry_writes(entry))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error
