"""The dated tables as one container knows them: the packaged versions, and what operations loaded since.

What is loaded is listed in one small item, which a container reads again every five minutes at the most, and only when
a table is asked for something. A version's content never changes: it is read once. Since nothing begins or is
withdrawn less than an hour ahead (`load_tables.LEAD`), every container knows a version long before it holds.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from pydantic import AwareDatetime, BaseModel

from daycover.cover.versions import DatedTable, OverlappingVersionsError, Version, Versions
from daycover.errors import DaycoverError, ErrorKind

REFRESHED = timedelta(minutes=5)
"""How old the list of what is loaded may be."""
RETRIED = timedelta(seconds=30)
"""After which time what could not be read is tried again."""
V = TypeVar("V", bound=Version)


class TableUnreadableError(DaycoverError):
    """A version of a table, or the list of what is loaded, can't be read at present.

    What to do: Wait `Retry-After` seconds, then repeat the same request.
    含义:暂时无法读取某个版本的费率、职业或日历表。
    处理:等待 `Retry-After` 秒后原样重试。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "数据表暂时无法读取", "A table cannot be read at present"
    detail = "请稍后重试。", "Try again shortly."
    retry_after = 30


class TableEntry(BaseModel, frozen=True, defer_build=True):
    """That a version of a table is approved. `sha256` is of its content."""

    table: str
    version: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None
    sha256: str


class TableIndex(BaseModel, frozen=True, defer_build=True):
    """All that is approved, of every table. Each change is a revision."""

    revision: int = 0
    entries: tuple[TableEntry, ...] = ()


class LoadedContents(Protocol):
    """What a container reads."""

    def index(self) -> TableIndex: ...

    def content(self, table: str, version: str) -> str:
        """Give the JSON of a version. Raises TableVersionNotFoundError."""
        ...


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def heads(packaged: Sequence[Version], entries: Sequence[TableEntry]) -> Versions[Version]:
    """Give when each version of a table holds. Raises OverlappingVersionsError.

    A loaded version of a packaged one's name is that version: what was sold is not changed by a release.
    """
    names = {entry.version for entry in entries}
    return Versions(
        *(head_of(version) for version in packaged if version.version not in names),
        *(head_of(entry) for entry in entries),
    )


def head_of(of: Version | TableEntry) -> Version:
    """Give its name and when it holds."""
    return Version(version=of.version, valid_from=of.valid_from, valid_to=of.valid_to)


class KnownTables:
    """Implements `loaded.Loaded`. Reading never fails a rule that asks what holds: the last good version serves.

    `unreadable` is told of each failure, with the table or `index`: an alarm stands on it.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        contents: LoadedContents,
        unreadable: Callable[[str, Exception], None],
    ) -> None:
        self._now = now
        self._contents = contents
        self._unreadable = unreadable
        self._index = TableIndex()
        self._asked_at: datetime | None = None
        self._failed = False
        self._heads: dict[str, Versions[Version]] = {}
        self._ended: dict[tuple[str, str], Version] = {}
        self._read: dict[TableEntry, Version] = {}
        self._broken: dict[TableEntry, datetime] = {}

    def at(self, table: DatedTable[V], instant: datetime) -> V | None:
        """Give what holds at an instant; where its content can't be read, the last version before it that can.

        A tariff that can't be read stops nobody at the gate: the worker is covered, by the price that they were shown.
        """
        begun = [head for head in self._known(table) if head.valid_from <= instant]
        for nth, head in enumerate(reversed(begun)):
            if nth == 0 and not head.holds(instant):
                return None
            version = self._version(table, head)
            if version is not None:
                return version
        return None

    def get(self, table: DatedTable[V], name: str) -> V | None:
        """Give the version of that name. Raises TableUnreadableError: what was issued is never read by another one."""
        head = self._known(table).get(name)
        if head is None:
            self._refresh(RETRIED)
            head = self._known(table).get(name)
        version = None if head is None else self._version(table, head)
        if version is None and (head is not None or self._failed):
            raise TableUnreadableError
        return version

    def _known(self, table: DatedTable[V]) -> Versions[Version]:
        self._refresh(RETRIED if self._failed else REFRESHED)
        if table.name not in self._heads:
            known = self._heads[table.name] = self._heads_of(table)
            for head in known:
                if head.valid_from > self._now():
                    self._version(table, head)  # read and found good, or told of, before it is needed
        return self._heads[table.name]

    def _heads_of(self, table: DatedTable[V]) -> Versions[Version]:
        packaged, entries = tuple(table.packaged), self._entries(table)
        try:
            return heads(packaged, entries)
        except OverlappingVersionsError as error:  # a release brought a version that runs into a loaded one
            self._unreadable(table.name, error)
            first = min(entry.valid_from for entry in entries)
            before = [version for version in packaged if version.valid_from < first]
            return heads([version.model_copy(update={"valid_to": None}) for version in before], entries)

    def _entries(self, table: DatedTable[V]) -> list[TableEntry]:
        return [entry for entry in self._index.entries if entry.table == table.name]

    def _refresh(self, age: timedelta) -> None:
        now = self._now()
        if self._asked_at is not None and now - self._asked_at < age:
            return
        self._asked_at = now
        try:
            index = self._contents.index()
        except Exception as error:  # whatever it is, what was known serves on
            self._failed = True
            self._unreadable("index", error)
            return
        self._failed = False
        if index.revision > self._index.revision:
            self._index = index
            self._heads.clear()
            self._ended.clear()

    def _version(self, table: DatedTable[V], head: Version) -> V | None:
        entry = next((one for one in self._entries(table) if one.version == head.version), None)
        if entry is None:
            found: V | None = table.packaged.get(head.version)
        else:
            found = self._content(table, entry)
        if found is None or found.valid_to == head.valid_to:
            return found
        ended = self._ended.get((table.name, head.version))
        if not isinstance(ended, table.model):  # made once: a table may keep what it has worked out
            ended = found.model_copy(update={"valid_to": head.valid_to})
            self._ended[table.name, head.version] = ended
        return ended

    def _content(self, table: DatedTable[V], entry: TableEntry) -> V | None:
        read = self._read.get(entry)
        if isinstance(read, table.model):
            return read
        broken_at = self._broken.get(entry)
        if broken_at is not None and self._now() - broken_at < RETRIED:
            return None
        try:
            content = self._contents.content(entry.table, entry.version)
            if digest(content) != entry.sha256:
                raise ValueError("the content is not what was approved")
            version = table.model.model_validate_json(content)
        except Exception as error:  # as above; the version before it serves on
            self._broken[entry] = self._now()
            self._unreadable(table.name, error)
            return None
        self._read[entry] = version
        return version
