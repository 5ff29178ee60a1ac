"""Answers about the disability scale: items that were searched for, and the parts that a site may be of."""

from typing import Annotated

from pydantic import Field

from daycover.claims.disability import percentage_bps
from daycover.claims.disability_search import find_items
from daycover.claims.disability_table import (
    BodyPart,
    DisabilityItem,
    DisabilityTable,
    Extent,
    Grade,
    PartCode,
    disability_table,
)
from daycover.platform.http import View

ItemQuery = Annotated[str, Field(max_length=40)]
AskedGrade = Grade | None
AskedPart = PartCode | None


class DisabilityItemView(View):
    """`parts`: codes of those that a site of this item may have; `extent` ONE asks for LEFT or RIGHT."""

    code: str
    grade: int
    percentage_bps: int
    text_zh: str
    clause_zh: str
    chapter_zh: str
    parts: list[str]
    extent: Extent | None

    @classmethod
    def of(cls, item: DisabilityItem, table: DisabilityTable) -> "DisabilityItemView":
        return cls(
            code=item.code,
            grade=item.grade,
            percentage_bps=percentage_bps(item.grade),
            text_zh=item.text_zh,
            clause_zh=table.clause_name(item),
            chapter_zh=table.chapter_name(item),
            parts=list(item.parts),
            extent=item.extent,
        )


class BodyPartView(View):
    """`sided`: a site of it says LEFT, RIGHT or BOTH."""

    code: str
    name_zh: str
    name_en: str
    sided: bool

    @classmethod
    def of(cls, part: BodyPart) -> "BodyPartView":
        return cls(code=part.code, name_zh=part.name_zh, name_en=part.name_en, sided=part.sided)


class DisabilityItemsView(View):
    """At most twenty items, the best first. `parts` has every part, for appraisals that name no item.

    `items_on_file` of the `items_of_the_standard` are in the table.
    """

    standard: str
    items_on_file: int
    items_of_the_standard: int
    items: list[DisabilityItemView]
    parts: list[BodyPartView]

    @classmethod
    def of(cls, query: str, grade: int | None, part: str | None) -> "DisabilityItemsView":
        """Raises DisabilityPartUnknownError."""
        table = disability_table()
        found = find_items(query, grade=grade, part=part)
        return cls(
            standard=table.standard,
            items_on_file=len(table.items),
            items_of_the_standard=table.items_of_the_standard,
            items=[DisabilityItemView.of(item, table) for item in found],
            parts=[BodyPartView.of(one) for one in table.parts],
        )
