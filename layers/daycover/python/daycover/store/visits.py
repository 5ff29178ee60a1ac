"""Who was seen on a project of late, insured or not. TTL takes it after a few days."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from daycover.china_time import china_day
from daycover.cover.presence import Visit
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Delete, Item, Table, Update, sortable
from daycover.wire import Cipher

SCHEMA_VERSION = 1
VISITS_KEPT = timedelta(days=3)
TTL_LATE_DAYS = 2
"""DynamoDB takes what has expired within two days."""
WHO = ("name_sealed", "phone_sealed", "insured_name", "consented")
"""What a note says of who somebody is, or lets be looked up."""


class StoredVisits:
    """Implements `cover.presence.Visits`."""

    def __init__(self, table: Table, cipher: Callable[[], Cipher]) -> None:
        """`cipher`: one whose keys are few, since a list is opened at once; asked for where there is a name."""
        self._table = table
        self._cipher = cipher

    def record(self, visit: Visit) -> None:
        """Access: UpdateItem (VISITS#project#day, WORKER#id). Cost: 1 write unit.

        Condition: absent, or seen no later. An unknown name leaves the one that stands. What they typed is sealed.
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
        if visit.consented:
            expression += ", consented = :consented"
            values[":consented"] = True
        for what, typed in (("name", visit.name), ("phone", visit.phone)):
            if typed is not None:
                expression += f", {what}_sealed = :{what}_sealed"
                values[f":{what}_sealed"] = self._cipher().seal(
                    typed, _gate(visit.project_id, visit.worker_id)
                )
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
        for day in sorted({china_day(until), china_day(until - timedelta(hours=1))}):
            delete = Delete(
                keys.visit(project_id, day.isoformat(), worker_id),
                condition="seen_at <= :until",
                values={":until": sortable(until)},
            )
            with suppress(ConditionFailedError):  # nothing stands there, or they were seen again since
                self._table.delete(delete)

    def unname(self, worker_id: str, project_ids: Iterable[str], today: date) -> None:
        """Access: BatchGetItem of the days that TTL may have left, then UpdateItem of each that stands.

        Condition: present. Cost: 0.5 read units a project and day, 1 write unit a note.
        """
        days = [today - timedelta(days=ago) for ago in range(VISITS_KEPT.days + TTL_LATE_DAYS)]
        wanted = [keys.visit(project, day.isoformat(), worker_id) for project in project_ids for day in days]
        for key in sorted(self._table.get_many(wanted)):
            taken = "REMOVE " + ", ".join(WHO)
            with suppress(ConditionFailedError):  # TTL took it meanwhile
                self._table.update(Update(key, taken, {}, condition="attribute_exists(pk)"))

    def of_project(
        self, project_id: str, days: Iterable[date], limit: int | None = None, *, in_clear: bool = False
    ) -> list[Visit]:
        """Access: Query (VISITS#project#day), one a day. Cost: 0.5 read units a 4 KB (about 12 visits)."""
        return [
            self._visit(item, in_clear=in_clear)
            for day in days
            for item in islice(self._table.query_all(*keys.visits(project_id, day.isoformat())), limit)
        ]

    def _visit(self, item: Item, *, in_clear: bool) -> Visit:
        gate = _gate(item["project_id"], item["worker_id"])
        typed = {
            what: self._cipher().open(item[f"{what}_sealed"], gate)
            for what in ("name", "phone")
            if in_clear and f"{what}_sealed" in item
        }
        return Visit.model_validate(item | typed)


def _gate(project_id: str, worker_id: str) -> str:
    """What a sealed name is bound to: opened for another company's project it is nothing."""
    return f"{project_id}#{worker_id}"
