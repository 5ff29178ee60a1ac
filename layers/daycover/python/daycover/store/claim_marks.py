"""The marks that claims leave with company, project, clinic and phone. TTL takes them after their 90 days."""

from datetime import UTC, date, datetime, timedelta

from daycover.claims.frequency import PERIOD, Dimension
from daycover.cover.policy import Policy
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1
KEPT = PERIOD + timedelta(days=2)


class StoredClaimMarks:
    """Implements `claims.frequency.ClaimMarks`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def mark(self, dimension: Dimension, id_: str, day: date, claim_no: str) -> None:
        """Access: PutItem (CLAIMED#dimension#id, day#claim). Condition: absent. Cost: 1 write unit."""
        ends = datetime(day.year, day.month, day.day, tzinfo=UTC) + KEPT
        item = {"claim_no": claim_no, "ttl": int(ends.timestamp()), "schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(keys.claim_mark(dimension.value, id_, day.isoformat(), claim_no), item))
        except ConditionFailedError:
            return  # marked before

    def count(self, dimension: Dimension, id_: str, since: date, most: int) -> int:
        """Access: Query (CLAIMED#dimension#id) from a day on, strong, `most` items. Cost: 1 unit per 4 KB (30)."""
        pk = keys.claim_mark(dimension.value, id_, "", "").pk
        return len(self._table.query(pk, after=since.isoformat(), limit=most, strong=True).items)


class StoredPhones:
    """Implements `claims.frequency.Phones` on the stored check-ins; nothing sealed is opened."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, policy: Policy) -> str | None:
        """Access: GetItem (WORKER#id, CHECKIN#id). Cost: 0.5 read units."""
        item = self._table.get(keys.check_in(policy.worker_id, policy.check_in_id))
        return None if item is None else str(item["device"]["id"])
