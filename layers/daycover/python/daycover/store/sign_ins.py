"""What signing in leaves behind for a while: failures by place, and the id tokens that are spent."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table, add_to
from daycover.store.keys import Key

SCHEMA_VERSION = 1
KEPT = timedelta(hours=1)
"""Longer than any window of failures, and than any id token is taken."""


class StoredFailures:
    """Implements `identity.door.Failures`. `hidden` makes ids of names: addresses are not stored."""

    def __init__(self, table: Table, hidden: Callable[[str], str]) -> None:
        self._table = table
        self._hidden = hidden

    def counted(self, names: Sequence[str], window: datetime) -> Sequence[int]:
        """Access: BatchGetItem (FAILURES#id, WINDOW#start). Cost: 0.5 read units a name."""
        wanted = [self._key(name, window) for name in names]
        found = self._table.get_many(wanted)
        return [int(found[key]["failures"]) if key in found else 0 for key in wanted]

    def count(self, names: Sequence[str], window: datetime) -> None:
        """Access: UpdateItem on each. Condition: a bound nobody reaches. Cost: 1 write unit a name."""
        for name in names:
            self._table.update(add_to(self._key(name, window), "failures", int((window + KEPT).timestamp())))

    def _key(self, name: str, window: datetime) -> Key:
        return keys.failures(self._hidden(name), int(window.timestamp()))


class StoredSpentTokens:
    """Implements `identity.sign_in.SpentTokens`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def spend(self, token_id: str, at: datetime) -> bool:
        """Access: PutItem (ID_TOKEN#id, SPENT). Condition: no such item. Cost: 1 write unit, also when it is spent.

        TTL takes the item when the token has long been too old.
        """
        item = {"ttl": int((at + KEPT).timestamp()), "schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(keys.spent_id_token(token_id), item))
        except ConditionFailedError:
            return False
        return True
