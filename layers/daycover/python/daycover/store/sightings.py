"""Who was seen with which phone or code, and which check-ins somebody should look at. TTL takes it all."""

from datetime import timedelta
from typing import Any

from daycover.cover.evidence import Trace
from daycover.cover.signals import KEPT, PAGE, Flagged, FlaggedPage, Via
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table, sortable

SCHEMA_VERSION = 1
REMEMBERED = {Via.DEVICE: timedelta(days=30), Via.CODE: timedelta(days=1)}
MOST = 100


class StoredSightings:
    """Implements `cover.signals.Sightings`. Devices and codes are hashes, workers are ids."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, via: Via, id_: str, trace: Trace) -> None:
        """Access: PutItem (DEVICE#id or CODE#id, WORKER#id). Cost: 1 write unit.

        Condition: absent or older.
        """
        item = {
            "id": trace.id,
            "worker_id": trace.worker_id,
            "at": sortable(trace.at),
            "ttl": int((trace.at + REMEMBERED[via]).timestamp()),
            "schema_version": SCHEMA_VERSION,
        }
        put = Put(
            keys.sighting(via, id_, trace.worker_id),
            item,
            condition="attribute_not_exists(pk) OR #at < :at",
            values={":at": item["at"]},
            names={"#at": "at"},
        )
        try:
            self._table.put(put)
        except ConditionFailedError:
            pass  # the same message again, or an older one that came late

    def of(self, via: Via, id_: str) -> list[Trace]:
        """Access: Query (DEVICE#id or CODE#id), at most 100. Cost: 0.5 read units a 4 KB (25 workers)."""
        page = self._table.query(*keys.sightings(via, id_), limit=MOST)
        return [Trace.model_validate(item) for item in page.items]


class StoredFlaggedCheckIns:
    """Implements `cover.signals.FlaggedCheckIns`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, line: Flagged) -> None:
        """Access: PutItem (SIGNALS#project, check-in#worker). Condition: absent, or not of a higher score.

        Cost: 1 write unit.
        """
        item: dict[str, Any] = line.model_dump(mode="json") | {
            "ttl": int((line.at + KEPT).timestamp()),
            "schema_version": SCHEMA_VERSION,
        }
        put = Put(
            keys.flagged_check_in(line.project_id, line.check_in_id, line.worker_id),
            item,
            condition="attribute_not_exists(pk) OR score <= :score",
            values={":score": line.score},
        )
        try:
            self._table.put(put)
        except ConditionFailedError:
            pass  # weighed before with more at hand

    def list_of(self, project_id: str, token: str | None) -> FlaggedPage:
        """Access: Query (SIGNALS#project), newest first, 50 a page. Cost: 0.5 read units a 4 KB (8 lines)."""
        page = self._table.query(
            *keys.flagged_check_ins(project_id), limit=PAGE, newest_first=True, token=token
        )
        return FlaggedPage([Flagged.model_validate(item) for item in page.items], page.next_token)
