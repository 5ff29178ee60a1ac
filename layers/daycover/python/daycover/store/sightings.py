"""Who was seen with which phone or code, and which check-ins somebody should look at. TTL takes it all."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from daycover.cover.evidence import Trace
from daycover.cover.presence import Visit
from daycover.cover.signals import KEPT, PAGE, Flagged, FlaggedPage, Via
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table, Update

SCHEMA_VERSION = 1
REMEMBERED = {Via.DEVICE: timedelta(days=30), Via.CODE: timedelta(days=1)}
MOST = 100
VISITS_KEPT = timedelta(days=3)


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


class StoredVisits:
    """Implements `cover.presence.Visits`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, visit: Visit) -> None:
        """Access: UpdateItem (VISITS#project#day, WORKER#id). Cost: 1 write unit.

        Condition: absent, or seen no later. An unknown name leaves the one that stands.
        """
        seen_at = sortable(visit.seen_at)
        expression = "SET project_id = :project, worker_id = :worker, seen_at = :at, why = :why, #ttl = :ttl"
        values = {
            ":project": visit.project_id,
            ":worker": visit.worker_id,
            ":at": seen_at,
            ":why": visit.why,
            ":ttl": int((visit.seen_at + VISITS_KEPT).timestamp()),
            ":schema": SCHEMA_VERSION,
        }
        if visit.insured_name is not None:
            expression += ", insured_name = :name"
            values[":name"] = visit.insured_name
        try:
            self._table.update(
                Update(
                    keys.visit(visit.project_id, visit.day.isoformat(), visit.worker_id),
                    expression + ", schema_version = :schema",
                    values,
                    condition="attribute_not_exists(pk) OR seen_at <= :at",
                    names={"#ttl": "ttl"},
                )
            )
        except ConditionFailedError:
            pass  # seen again since

    def of_project(self, project_id: str, days: Iterable[date]) -> list[Visit]:
        """Access: Query (VISITS#project#day), one a day. Cost: 0.5 read units a 4 KB (about 16 visits)."""
        return [
            Visit.model_validate(item)
            for day in days
            for item in self._table.query_all(*keys.visits(project_id, day.isoformat()))
        ]


def sortable(instant: datetime) -> str:
    """An instant whose text sorts as it does: always with microseconds."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
