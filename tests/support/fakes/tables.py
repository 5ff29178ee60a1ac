"""In-memory loaded tables, and tables as a test of rules wants them loaded."""

from collections.abc import Mapping, Sequence
from typing import Any

from daycover.cover.known_tables import TableIndex
from daycover.cover.load_tables import (
    TableStatus,
    TableVersion,
    TableVersionExistsError,
    TableVersionNotFoundError,
)
from daycover.cover.versions import DatedTable, Version, Versions
from daycover.errors import ConcurrentChangeError
from tests.support.fakes.port import FakePort, Steps


class FakeTables(FakePort):
    """`cover.load_tables.TableVersions`. While `down` neither the index nor a content can be read."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.versions: dict[tuple[str, str], TableVersion] = {}
        self.contents: dict[tuple[str, str], str] = {}
        self.stored_index = TableIndex()
        self.down = False

    def index(self, *, strong: bool = False) -> TableIndex:
        with self.call("index"):
            if self.down:
                raise ConnectionError
            return self.stored_index

    def content(self, table: str, version: str) -> str:
        with self.call("content"):
            if self.down:
                raise ConnectionError
            if (table, version) not in self.contents:
                raise TableVersionNotFoundError
            return self.contents[table, version]

    def add(self, proposed: TableVersion, content: str) -> None:
        with self.call("add"):
            place = proposed.table, proposed.version
            if place in self.versions:
                raise TableVersionExistsError
            self.versions[place], self.contents[place] = proposed, content

    def find(self, table: str, version: str) -> TableVersion | None:
        with self.call("find"):
            return self.versions.get((table, version))

    def list_of(self, table: str) -> Sequence[TableVersion]:
        with self.call("list_of"):
            return sorted(
                (one for one in self.versions.values() if one.table == table), key=lambda one: one.version
            )

    def settle(self, before: TableVersion, after: TableVersion, index: TableIndex | None) -> None:
        with self.call("settle"):
            stands = self.versions.get((before.table, before.version))
            by_proposer = (
                after.status is TableStatus.APPROVED
                and stands is not None
                and stands.proposed_by == after.settled_by
            )
            moved = index is not None and self.stored_index.revision != index.revision - 1
            if stands is None or stands.status is not before.status or by_proposer or moved:
                raise ConcurrentChangeError
            self.versions[after.table, after.version] = after
            if index is not None:
                self.stored_index = index


class LoadedBeside:
    """`loaded.Loaded`: these versions beside the packaged ones, with nothing to read."""

    def __init__(self, versions: Mapping[DatedTable[Any], Sequence[Version]]) -> None:
        self._versions = {table.name: Versions(*table.packaged, *added) for table, added in versions.items()}

    def at(self, table: DatedTable[Any], instant: Any) -> Any:
        return self._versions.get(table.name, table.packaged).at(instant)

    def get(self, table: DatedTable[Any], version: str) -> Any:
        return self._versions.get(table.name, table.packaged).get(version)
