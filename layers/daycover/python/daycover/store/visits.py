"""Who was seen on a project of late, insured or not. TTL takes it after a few days."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from daycover.china_time import china_day
from daycover.cover.presence import Visit
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Delete, Table, Update, sortable

SCHEMA_VERSION = 1
VISITS_KEPT = timedelta(days=3)


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
        values: dict[str, Any] = {
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
        if visit.distance_m is not None:
            expression += ", distance_m = :distance"
            values[":distance"] = visit.distance_m
        expression += ", schema_version = :schema"
        if visit.distance_m is None:
            expression += " REMOVE distance_m"  # it was that of another refusal
        try:
            self._table.update(
                Update(
                    keys.visit(visit.project_id, visit.day.isoformat(), visit.worker_id),
                    expression,
                    values,
                    condition="attribute_not_exists(pk) OR seen_at <= :at",
                    names={"#ttl": "ttl"},
                )
            )
        except ConditionFailedError:
            pass  # seen again since

    def forget(self, project_id: str, worker_id: str, until: datetime) -> None:
        """Access: DeleteItem (VISITS#project#day, WORKER#id), also of the day before within its first hour.

        Condition: seen no later. Cost: 1 write unit each.
        """
        for day in {china_day(until), china_day(until - timedelta(hours=1))}:
            delete = Delete(
                keys.visit(project_id, day.isoformat(), worker_id),
                condition="seen_at <= :until",
                values={":until": sortable(until)},
            )
            with suppress(ConditionFailedError):  # nothing stands there, or they were seen again since
                self._table.delete(delete)

    def of_project(self, project_id: str, days: Iterable[date], limit: int | None = None) -> list[Visit]:
        """Access: Query (VISITS#project#day), one a day. Cost: 0.5 read units a 4 KB (about 16 visits)."""
        return [
            Visit.model_validate(item)
            for day in days
            for item in islice(self._table.query_all(*keys.visits(project_id, day.isoformat())), limit)
        ]
