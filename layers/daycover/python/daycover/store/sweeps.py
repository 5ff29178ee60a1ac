"""How far the sweeper of the archive has come, a segment of the hot table at a time."""

from daycover.cover.sweep import Sweep
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


class StoredSweeps:
    """Implements `cover.sweep.Sweeps` in the operations table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, segment: int, segments: int) -> Sweep | None:
        """Access: GetItem (SWEEP#ARCHIVE, SEGMENT#n/of), strong. Cost: 1 read unit."""
        item = self._table.get(keys.sweep(segment, segments), strong=True)
        return None if item is None else Sweep.model_validate(item)

    def save(self, sweep: Sweep) -> None:
        """Access: PutItem. Condition: it follows the stored version. Cost: 1 write unit."""
        put = Put(
            keys.sweep(sweep.segment, sweep.segments),
            sweep.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION},
            condition="attribute_not_exists(pk) OR version = :before",
            values={":before": sweep.version - 1},
        )
        try:
            self._table.put(put)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error
