"""How operations load a version of a table (费率、职业、日历) without a release: one person proposes, another approves.

A version is checked by the very model that reads it. Once approved it is never edited; until an hour before it begins
it may be withdrawn, and what held before goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, cast

from pydantic import AwareDatetime, BaseModel, ValidationError

from daycover.cover.known_tables import LoadedContents, TableEntry, TableIndex, digest, head_of, heads
from daycover.cover.versions import DatedTable, OverlappingVersionsError, Version, Versions
from daycover.errors import DaycoverError, ErrorKind

LEAD = timedelta(hours=1)
"""Twelve times what a container may be behind (`known_tables.REFRESHED`): nobody sells by one version what another
container sells by the next."""
FURTHEST = timedelta(days=400)
"""A year and the autumn before it. Further off it is a slip of the pen."""


class TableUnknownError(DaycoverError):
    """There is no dated table of that name.

    What to do: Use one of `plans`, `occupations` and `calendar`.
    含义:没有这个数据表。
    处理:使用 `plans`(费率)、`occupations`(职业)或 `calendar`(日历)。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有这个数据表", "No such table"


class TableVersionNotFoundError(DaycoverError):
    """The table has no loaded version of that name.

    What to do: Read the list of tables and take the name from it.
    含义:该表没有这个已提交的版本。
    处理:读取数据表列表,使用其中的版本名。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有这个版本", "No such version"


class TableVersionExistsError(DaycoverError):
    """A version bears that name: packaged, proposed, approved or withdrawn. None is ever changed.

    What to do: Give the version another name.
    含义:该版本名已被使用;已有版本不能修改,撤回的版本名也不能再用。
    处理:换一个版本名。
    """

    kind = ErrorKind.CONFLICT
    title = "版本名已被使用", "The name of the version is taken"
    detail = "已有版本不能修改,请换一个版本名。", "Versions are never changed: choose another name."


class TableVersionOverlapsError(DaycoverError):
    """The version must begin after every other of its table, and after the end that the one before it has.

    What to do: Let it begin later, or have the version that begins later withdrawn first.
    含义:新版本须在该表所有其他版本之后生效,且不得早于前一版本自己规定的截止时间。
    处理:推迟生效时间,或先撤回更晚生效的版本。
    """

    kind = ErrorKind.INVALID
    title = "与其他版本的有效期重叠", "It overlaps another version"
    detail = (
        "最后一个版本 {version} 自 {valid_from} 起生效。",
        "The last version, {version}, begins at {valid_from}.",
    )


class TableVersionTimeError(DaycoverError):
    """A version begins at least an hour, and at most 400 days, after it is proposed and approved.

    Only a calendar of a year of which no notice was known may have begun already.

    What to do: Give it a `valid_from` in that span, under another name if it was proposed already.
    含义:新版本须在提交和批准至少一小时之后、四百天之内生效;只有尚无放假通知的年度日历可以追溯。
    处理:在此范围内填写 `valid_from`;已提交的版本须以新的版本名重新提交。
    """

    kind = ErrorKind.INVALID
    title = "生效时间不成立", "It cannot begin then"
    detail = "须在 {earliest} 与 {latest} 之间生效。", "It must begin between {earliest} and {latest}."


class TableApprovedBySamePersonError(DaycoverError):
    """Whoever proposed a version cannot approve it.

    What to do: Have another person with the duty approve.
    含义:提交版本的人不能自己批准。
    处理:由另一位有职责的人批准。
    """

    kind = ErrorKind.CONFLICT
    title = "批准人不能是提交人", "The same person may not propose and approve"
    detail = "请由另一位有权限的人员批准。", "Another person with the duty must approve."


class TableVersionSettledError(DaycoverError):
    """The version is past that step: approved already, withdrawn, in force, or less than an hour before it begins.

    What to do: Read the list of tables; load another version where something must change.
    含义:该版本已批准、已撤回、已生效,或一小时内即将生效,不能再作此操作。
    处理:读取数据表列表;需要变更时提交新的版本。
    """

    kind = ErrorKind.CONFLICT
    title = "该版本已不能再变", "The version is settled"


class TableStatus(StrEnum):
    PACKAGED = "PACKAGED"
    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    WITHDRAWN = "WITHDRAWN"


class TableVersion(BaseModel, frozen=True, defer_build=True):
    """What became of a version. `settled_by` approved or withdrew it. Names are staff ids; packaged ones have none."""

    table: str
    version: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None
    sha256: str | None = None
    status: TableStatus
    proposed_by: str | None = None
    proposed_at: AwareDatetime | None = None
    settled_by: str | None = None
    settled_at: AwareDatetime | None = None

    @property
    def entry(self) -> TableEntry:
        return TableEntry.model_validate(self.model_dump(include={*TableEntry.model_fields}))

    def settled(self, status: TableStatus, by: str, at: datetime) -> "TableVersion":
        return self.model_copy(update={"status": status, "settled_by": by, "settled_at": at})


class TableVersions(LoadedContents, Protocol):
    """Where loaded versions are kept."""

    def index(self, *, strong: bool = False) -> TableIndex: ...

    def add(self, proposed: TableVersion, content: str) -> None:
        """Raises TableVersionExistsError."""
        ...

    def find(self, table: str, version: str) -> TableVersion | None: ...

    def list_of(self, table: str) -> Sequence[TableVersion]: ...

    def settle(self, before: TableVersion, after: TableVersion, index: TableIndex | None) -> None:
        """Store what became of a version, and the next revision of the index where it moves.

        Raises ConcurrentChangeError where either is not what was read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTables:
    """Propose, approve, withdraw, list."""

    now: Callable[[], datetime]
    tables: Mapping[str, DatedTable[Any]]
    stored: TableVersions

    def propose(self, table: str, version: Version, by: str) -> TableVersion:
        """Keep a version for another person to approve.

        Raises TableUnknownError, TableVersionExistsError, TableVersionOverlapsError, TableVersionTimeError.
        """
        known = self._table(table)
        name = version.version
        if known.packaged.get(name) is not None or self.stored.find(table, name) is not None:
            raise TableVersionExistsError
        content = version.model_dump_json()
        proposed = TableVersion(
            table=table,
            **dict(head_of(version)),
            sha256=digest(content),
            status=TableStatus.PROPOSED,
            proposed_by=by,
            proposed_at=self.now(),
        )
        self._check(known, version, self.stored.index(strong=True))
        self.stored.add(proposed, content)
        return proposed

    def approve(self, table: str, version: str, by: str) -> TableVersion:
        """Let a proposed version hold from its beginning on. By another person than proposed it.

        It is read back and checked once more, beside whatever was approved since. Raises TableUnknownError,
        TableVersionNotFoundError, TableVersionSettledError, TableApprovedBySamePersonError,
        TableVersionOverlapsError, TableVersionTimeError, ConcurrentChangeError.
        """
        known, proposed = self._table(table), self._get(table, version)
        if proposed.status is not TableStatus.PROPOSED:
            raise TableVersionSettledError
        if proposed.proposed_by == by:
            raise TableApprovedBySamePersonError
        index = self.stored.index(strong=True)
        self._check(known, self._content(known, version), index)
        approved = proposed.settled(TableStatus.APPROVED, by, self.now())
        entries = (*index.entries, approved.entry)
        self.stored.settle(proposed, approved, TableIndex(revision=index.revision + 1, entries=entries))
        return approved

    def withdraw(self, table: str, version: str, by: str) -> TableVersion:
        """Take a version back that does not hold yet; whoever proposed it may. What held before goes on.

        Raises TableUnknownError, TableVersionNotFoundError, TableVersionSettledError, ConcurrentChangeError.
        """
        self._table(table)
        before = self._get(table, version)
        index = None
        if before.status is TableStatus.APPROVED:
            if self.now() > before.valid_from - LEAD:
                raise TableVersionSettledError
            held = self.stored.index(strong=True)
            entries = tuple(e for e in held.entries if (e.table, e.version) != (table, version))
            index = TableIndex(revision=held.revision + 1, entries=entries)
        elif before.status is not TableStatus.PROPOSED:
            raise TableVersionSettledError
        withdrawn = before.settled(TableStatus.WITHDRAWN, by, self.now())
        self.stored.settle(before, withdrawn, index)
        return withdrawn

    def list_all(self) -> list[TableVersion]:
        """Give every version of every table, by table and beginning. One ends where the next begins."""
        index = self.stored.index(strong=True)
        found: list[TableVersion] = []
        for name, table in self.tables.items():
            held = self._heads(table, index)
            loaded = {one.version: one for one in self.stored.list_of(name)}
            packaged = [
                _packaged(name, version) for version in table.packaged if version.version not in loaded
            ]
            for one in sorted([*packaged, *loaded.values()], key=lambda one: one.valid_from):
                head = held.get(one.version)
                found.append(one if head is None else one.model_copy(update={"valid_to": head.valid_to}))
        return found

    def read(self, table: str, version: str) -> tuple[TableVersion, Version]:
        """Give a version with its content. Raises TableUnknownError, TableVersionNotFoundError."""
        known, found = self._table(table), self.stored.find(table, version)
        packaged = known.packaged.get(version)
        if found is not None:
            return found, self._content(known, version)
        if packaged is None:
            raise TableVersionNotFoundError
        return _packaged(table, packaged), packaged

    def _check(self, table: DatedTable[Any], version: Version, index: TableIndex) -> None:
        now, held = self.now(), self._heads(table, index)
        last = list(held)[-1]
        try:
            Versions(*held, head_of(version))
            overlaps = version.valid_from <= last.valid_from
        except OverlappingVersionsError:
            overlaps = True
        if overlaps:
            raise TableVersionOverlapsError(version=last.version, valid_from=last.valid_from)
        if now + LEAD <= version.valid_from <= now + FURTHEST:
            return
        head = held.at(version.valid_from)
        before = None
        if head is not None:
            before = table.packaged.get(head.version) or self._content(table, head.version)
        if version.valid_from > now + FURTHEST or not version.fills_what(before):
            raise TableVersionTimeError(earliest=now + LEAD, latest=now + FURTHEST)

    @staticmethod
    def _heads(table: DatedTable[Any], index: TableIndex) -> Versions[Version]:
        return heads(tuple(table.packaged), [entry for entry in index.entries if entry.table == table.name])

    def _table(self, name: str) -> DatedTable[Any]:
        if name not in self.tables:
            raise TableUnknownError
        return self.tables[name]

    def _content(self, table: DatedTable[Any], version: str) -> Version:
        """Raises TableVersionSettledError for one that a release since has no place for."""
        try:
            return cast(Version, table.model.model_validate_json(self.stored.content(table.name, version)))
        except ValidationError as error:
            raise TableVersionSettledError from error

    def _get(self, table: str, version: str) -> TableVersion:
        found = self.stored.find(table, version)
        if found is None:
            raise TableVersionNotFoundError
        return found


def _packaged(table: str, version: Version) -> TableVersion:
    return TableVersion(table=table, status=TableStatus.PACKAGED, **dict(head_of(version)))
