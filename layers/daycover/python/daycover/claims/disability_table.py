"""The items (伤残条目) of JR/T 0083-2013 《人身保险伤残评定标准及代码》, as data: `tables/disability.<edition>.json`.

The edition is the one that the terms of the cover name, not the one of a day. The file says where its texts come
from, how many of the standard's 281 items it has, and where a blurred source was read by its neighbours. An item
that could not be verified is not there: an appraisal of it is entered with its part and grade alone.
The standard's own codes (annex A, after the ICF) could not be verified and are not there either. A `code` here is
the clause as 《人身保险伤残评定标准(行业标准)》 numbers it (JR/T 0083-2013 puts a `4.` before it), and the item's
place in that clause: `7.5-16`.
"""

from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from daycover.cover.versions import Version
from daycover.errors import DaycoverError, ErrorKind

EDITION = "2013"
TABLES = Path(__file__).parent / "tables"
Grade = Annotated[int, Field(ge=1, le=10)]
"""1 is the worst, 10 the lightest."""
ItemCode = Annotated[str, StringConstraints(pattern=r"^[1-8]\.[1-9]-[0-9]{2}$")]
PartCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]{1,39}$")]


class DisabilityItemUnknownError(DaycoverError):
    """The code is not one of the items of JR/T 0083-2013 that are on file.

    What to do: Search with `GET /v1/staff/disability-items`. Where the appraisal's item is not on file, leave
    `item` out and give its part and grade.
    含义:伤残条目表中没有这个代码。
    处理:用 `GET /v1/staff/disability-items` 查找;表中没有鉴定所用条目时,不填 `item`,只填部位和等级。
    """

    kind = ErrorKind.INVALID
    title = "未知伤残条目", "Unknown disability item"
    detail = (
        "表中没有这个伤残条目。请重新查找;查不到时只填部位和等级。",
        "The table has no such item. Search again; if it is not there, give part and grade alone.",
    )


class DisabilityPartUnknownError(DaycoverError):
    """The code is not one of the body parts (部位) under which injuries are compared.

    What to do: Use a part of the table; every found item names those it may have.
    含义:部位表中没有这个代码。
    处理:使用部位表中的代码;查到的每个条目都列有可用部位。
    """

    kind = ErrorKind.INVALID
    title = "未知部位", "Unknown body part"
    detail = "表中没有这个部位。", "The table has no such part."


class Extent(StrEnum):
    """Of a part that there is twice, what an item speaks of."""

    ONE = "ONE"
    BOTH = "BOTH"


class BodyPart(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """Injuries of one part are of one part and nature (同一部位和性质, clause 3.4).

    `sided`: there is a left and a right one, which are different parts. `covers`: the parts that are within it.
    """

    code: PartCode
    name_zh: str
    name_en: str
    sided: bool = False
    covers: tuple[PartCode, ...] = ()


class DisabilityItem(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One item (条目). `parts`: those that it may be stated of, mostly one; `extent` where they are sided."""

    code: ItemCode
    grade: Grade
    text_zh: str
    parts: tuple[PartCode, ...] = Field(min_length=1)
    extent: Extent | None = None

    @property
    def clause(self) -> str:
        return self.code.partition("-")[0]

    @property
    def chapter(self) -> int:
        return int(self.code[0])


class Chapter(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One of the eight groups of functions and structures (大类)."""

    number: int = Field(ge=1, le=8)
    name_zh: str


class Clause(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """A body structure or function, and its items."""

    number: str
    name_zh: str


class Reading(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """Where the source was blurred or had a gap, and why the text is as it is."""

    items: tuple[ItemCode, ...]
    note_zh: str


class DisabilityTable(Version, frozen=True):
    """One edition of the standard."""

    standard: str
    items_of_the_standard: int
    """How many it has by its own words; `items` may be fewer."""
    sources: tuple[str, ...]
    readings: tuple[Reading, ...]
    chapters: tuple[Chapter, ...]
    clauses: tuple[Clause, ...]
    parts: tuple[BodyPart, ...]
    items: tuple[DisabilityItem, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> "DisabilityTable":
        parts = {part.code: part for part in self.parts}
        clauses = {clause.number for clause in self.clauses}
        if len({item.code for item in self.items}) < len(self.items) or len(parts) < len(self.parts):
            raise ValueError("two items or two parts of one code")
        if len(self.items) > self.items_of_the_standard:
            raise ValueError("more items than the standard has")
        if {within for part in self.parts for within in part.covers} - set(parts):
            raise ValueError("a part covers one that is not in the table")
        if {item.clause for item in self.items} != clauses:
            raise ValueError("items and clauses do not match")
        if {item.chapter for item in self.items} != {chapter.number for chapter in self.chapters}:
            raise ValueError("items and chapters do not match")
        for item in self.items:
            if {parts[code].sided for code in item.parts if code in parts} != {item.extent is not None}:
                raise ValueError(f"{item.code}: its parts are unknown, or sides are missing")
        return self

    def item(self, code: str) -> DisabilityItem:
        """Raises DisabilityItemUnknownError."""
        try:
            return self._items[code]
        except KeyError:
            raise DisabilityItemUnknownError from None

    def part(self, code: str) -> BodyPart:
        """Raises DisabilityPartUnknownError."""
        try:
            return self._parts[code]
        except KeyError:
            raise DisabilityPartUnknownError from None

    def clause_name(self, item: DisabilityItem) -> str:
        return self._clause_names[item.clause]

    def chapter_name(self, item: DisabilityItem) -> str:
        return self._chapter_names[item.chapter]

    def within(self, code: str) -> frozenset[str]:
        """Give a part with all that it covers. Raises DisabilityPartUnknownError."""
        return frozenset({code}).union(*(self.within(inner) for inner in self.part(code).covers))

    @cached_property
    def _items(self) -> dict[str, DisabilityItem]:
        return {item.code: item for item in self.items}

    @cached_property
    def _parts(self) -> dict[str, BodyPart]:
        return {part.code: part for part in self.parts}

    @cached_property
    def _clause_names(self) -> dict[str, str]:
        return {clause.number: clause.name_zh for clause in self.clauses}

    @cached_property
    def _chapter_names(self) -> dict[int, str]:
        return {chapter.number: chapter.name_zh for chapter in self.chapters}


@cache
def disability_table() -> DisabilityTable:
    """Read the edition that our terms name, once: some milliseconds, so never while a module is imported."""
    path = TABLES / f"disability.{EDITION}.json"
    return DisabilityTable.model_validate_json(path.read_text(encoding="utf-8"))
