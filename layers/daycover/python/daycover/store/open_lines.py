"""Lines of claims' histories from which nothing has followed yet, by the time that they were written."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from daycover.reporting.follow import OpenLine
from daycover.store import keys
from daycover.store.aws import StoreUnavailableError
from daycover.store.dynamodb import Table, sortable


class StoredOpenLines:
    """Implements `reporting.follow.OpenLines`. `store/claims.py` opens a line in the transaction that writes it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def until(self, at: datetime) -> Iterator[OpenLine]:
        """Access: Query (STAFF#FOLLOW), in order of time, strong. Cost: 1 read unit per 4 KB, about 30 lines."""
        stamp = sortable(at)
        for item in self._table.query_all(keys.open_lines(), strong=True):
            if item["due"] > stamp:
                return
            yield OpenLine(item["claim_no"], int(item["version"]), datetime.fromisoformat(item["due"]))

    def image(self, line: OpenLine) -> Mapping[str, Any]:
        """Access: GetItem (CLAIM#no, HISTORY#version), strong; its sealed reason stays sealed. Cost: 1 read unit."""
        item = self._table.get(keys.claim_history(line.claim_no, line.version), strong=True)
        if item is None:
            raise StoreUnavailableError  # written in one transaction with its entry, so it must be there
        return item

    def close(self, line: OpenLine) -> None:
        """Access: DeleteItem (STAFF#FOLLOW, time#claim#version). Condition: none, again changes nothing.

        Cost: 1 write unit.
        """
        self._table.remove(keys.open_line(line.claim_no, line.version, sortable(line.at)))
