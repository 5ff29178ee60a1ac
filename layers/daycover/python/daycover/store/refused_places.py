"""How many workers were refused where, as counts that name nobody. TTL takes them after two days."""

from datetime import date, timedelta

from daycover.cover.site_offer import Spot
from daycover.projects.place import Point
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table, add_to, ttl_after

SCHEMA_VERSION = 1
KEPT = timedelta(days=3)
"""From the day's beginning: two days after its end."""
MOST_SPOTS = 100


class StoredRefusedPlaces:
    """Implements `cover.site_offer.RefusedPlaces`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def count(self, project_id: str, day: date, worker_id: str, spot: Point) -> None:
        """Access: PutItem (REFUSED#project#day, WORKER#id), then UpdateItem (same, SPOT#place).

        Condition: absent; a bound nobody reaches. Cost: 2 write units the first time, 1 after that. A crash between
        the two loses a worker from the count and never adds one.
        """
        ttl = ttl_after(day, KEPT)
        mark = Put(
            keys.refused_worker(project_id, day.isoformat(), worker_id),
            {"ttl": ttl, "schema_version": SCHEMA_VERSION},
        )
        try:
            self._table.put(mark)
        except ConditionFailedError:
            return  # counted before
        place = keys.refused_spot(project_id, day.isoformat(), *spot)
        self._table.update(add_to(place, "workers", ttl, beside=spot._asdict()))

    def spots(self, project_id: str, day: date) -> list[Spot]:
        """Access: Query (REFUSED#project#day, SPOT#), at most 100. Cost: 0.5 read units a 4 KB (about 30 spots)."""
        page = self._table.query(*keys.refused_spots(project_id, day.isoformat()), limit=MOST_SPOTS)
        return [Spot(item["latitude"], item["longitude"], int(item["workers"])) for item in page.items]
