"""How often somebody asked to act on a claim in a day: two counters, which TTL takes in time."""

from datetime import date, timedelta

from daycover.store import keys
from daycover.store.dynamodb import Table, add_to, ttl_after
from daycover.store.keys import Key

KEPT = timedelta(days=2)


class StoredAsked:
    """Implements `claims.represent.Asked`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def by_account(self, worker_id: str, day: date) -> int:
        """Access: UpdateItem (WORKER#id, ASKED#day). Condition: a bound nobody reaches. Cost: 1 write unit."""
        return self._add(keys.asked_by(worker_id, day.isoformat()), day)

    def of_claim(self, claim_no: str, day: date) -> int:
        """Access: UpdateItem (CLAIM#no, ASKED#day), whether there is such a claim or not. Condition and cost: the
        same.
        """
        return self._add(keys.asked_of(claim_no, day.isoformat()), day)

    def _add(self, key: Key, day: date) -> int:
        return int(self._table.update(add_to(key, "asked", ttl_after(day, KEPT)))["asked"])
