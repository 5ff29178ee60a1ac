"""Versions of dated tables that operations loaded: what became of each, its content, and an index of the approved ones.

All stand in one partition. A content is compressed: 230 occupations are 92 KB of JSON and 26 KB as stored, so
that DynamoDB holds it as one item (400 KB at the most), and a function needs neither a bucket nor botocore for it.
"""

import base64
import gzip
from collections.abc import Sequence

from daycover.cover.known_tables import TableIndex
from daycover.cover.load_tables import (
    TableStatus,
    TableVersion,
    TableVersionExistsError,
    TableVersionNotFoundError,
)
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import ABSENT, ConditionFailedError, Put, Table, Write

SCHEMA_VERSION = 1


class StoredTables:
    """Implements `cover.load_tables.TableVersions` and `cover.known_tables.LoadedContents`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def index(self, *, strong: bool = False) -> TableIndex:
        """Access: GetItem (TABLES, INDEX). Cost: 0.5 read units up to about 25 versions, once in five minutes and
        container; 1 when `strong`.
        """
        item = self._table.get(keys.tables_index(), strong=strong)
        return TableIndex() if item is None else TableIndex.model_validate(item)

    def content(self, table: str, version: str) -> str:
        """Access: GetItem (TABLES, CONTENT#table#version). Cost: 0.5 read units per 4 KB (0.5 a tariff, 3.5 the
        occupations), once a container.
        """
        item = self._table.get(keys.table_content(table, version))
        if item is None:
            raise TableVersionNotFoundError
        return gzip.decompress(base64.b64decode(item["content"])).decode()

    def add(self, proposed: TableVersion, content: str) -> None:
        """Access: transaction of two puts. Condition: neither stands there. Cost: 2 write units per KB."""
        packed = base64.b64encode(gzip.compress(content.encode(), mtime=0)).decode()
        try:
            self._table.write(
                _version_put(proposed),
                Put(
                    keys.table_content(proposed.table, proposed.version),
                    {"content": packed, "schema_version": SCHEMA_VERSION},
                ),
            )
        except ConditionFailedError as error:
            raise TableVersionExistsError from error

    def find(self, table: str, version: str) -> TableVersion | None:
        """Access: GetItem (TABLES, VERSION#table#version), strong. Cost: 1 read unit."""
        item = self._table.get(keys.table_version(table, version), strong=True)
        return None if item is None else TableVersion.model_validate(item)

    def list_of(self, table: str) -> Sequence[TableVersion]:
        """Access: Query (TABLES, VERSION#table#), strong. Cost: 1 read unit per 4 KB, about 12 versions."""
        items = self._table.query_all(*keys.table_version(table, ""), strong=True)
        return [TableVersion.model_validate(item) for item in items]

    def settle(self, before: TableVersion, after: TableVersion, index: TableIndex | None) -> None:
        """Access: transaction of the version, and of the index where it moves.

        Condition: the status that was read; for an approval, somebody else proposed it; the index's revision before.
        Cost: 2 write units each, 2 more per KB of the index.
        """
        writes: list[Write] = [_version_put(after, before)]
        if index is not None:
            first = index.revision == 1
            writes.append(
                Put(
                    keys.tables_index(),
                    {**index.model_dump(mode="json"), "schema_version": SCHEMA_VERSION},
                    condition=ABSENT if first else "revision = :before",
                    values=None if first else {":before": index.revision - 1},
                )
            )
        try:
            self._table.write(*writes)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error


def _version_put(version: TableVersion, before: TableVersion | None = None) -> Put:
    key = keys.table_version(version.table, version.version)
    item = {**version.model_dump(mode="json"), "schema_version": SCHEMA_VERSION}
    if before is None:
        return Put(key, item)
    condition, values = "#status = :before", {":before": before.status.value}
    if version.status is TableStatus.APPROVED:
        condition += " AND proposed_by <> :by"
        values[":by"] = version.settled_by or ""
    return Put(key, item, condition=condition, values=values, names={"#status": "status"})
