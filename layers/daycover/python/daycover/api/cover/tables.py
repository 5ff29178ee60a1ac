"""Dated tables as operations load them: a version's body is the very model that rules read, so a wrong row is named."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError, model_validator

from daycover.claims.calendar import Calendar
from daycover.cover.load_tables import TableStatus, TableVersion
from daycover.cover.occupation import OccupationTable
from daycover.cover.plan import PlanVersion
from daycover.cover.spoken import said
from daycover.cover.versions import Version
from daycover.platform.http import View
from daycover.text import TextFaultError, printable

MAX_TABLE_BYTES = 256 * 1024
"""Several times the largest table, and compressed still one item of DynamoDB."""


class PrintedTexts(BaseModel, defer_build=True):
    """Every text of a table will be read by people: names, questions, clauses, reasons, sources."""

    @model_validator(mode="before")
    @classmethod
    def _can_be_printed(cls, read: Any) -> Any:
        faults = list(_faults(read))
        if faults:
            raise ValidationError.from_exception_data(
                cls.__name__,
                [
                    {"type": "value_error", "loc": place, "input": None, "ctx": {"error": fault}}
                    for place, fault in faults
                ],
                hide_input=True,
            )
        return read


def _faults(
    read: Any, place: tuple[int | str, ...] = ()
) -> Iterator[tuple[tuple[int | str, ...], TextFaultError]]:
    """Give what is wrong with texts, and where. Nothing is repaired: what two people approved is what holds."""
    if isinstance(read, str) and read:
        try:
            kept = printable(read)
        except TextFaultError as fault:
            yield place, fault
            return
        if kept != read:
            yield (
                place,
                TextFaultError(
                    "前后有空白,或含有看不见的字符", "has blanks around it, or signs that nobody sees"
                ),
            )
    elif isinstance(read, dict):
        for name, part in read.items():
            yield from _faults(part, (*place, name))
    elif isinstance(read, (list, tuple)):
        for number, part in enumerate(read):
            yield from _faults(part, (*place, number))


class PlansBody(PrintedTexts, PlanVersion, frozen=True, hide_input_in_errors=True):
    """A version of the tariff, as `tables/plans.<version>.json` has it."""


class OccupationsBody(PrintedTexts, OccupationTable, frozen=True, hide_input_in_errors=True):
    """A version of the occupations, as `tables/occupations.<version>.json` has it."""

    @model_validator(mode="after")
    def _names_are_one_occupation_s(self) -> "OccupationsBody":
        """Here and not where containers read it: what people say is folded, thousands of names."""
        owners: dict[str, str] = {}
        for place, row in enumerate(self.occupations, 1):
            owner = row.family or row.code
            if any(owners.setdefault(said(name), owner) != owner for name in row.names):
                raise ValueError(
                    f"第 {place} 个工种:有名称或别名是前面另一个工种的",
                    f"occupation number {place}: one before it has one of its names",
                )
        return self


class CalendarBody(PrintedTexts, Calendar, frozen=True, hide_input_in_errors=True):
    """A year's notice, as `tables/calendar.<year>.json` has it."""


class TableVersionView(View):
    table: str
    version: str
    valid_from: datetime
    valid_to: datetime | None
    sha256: str | None
    status: TableStatus
    proposed_by: str | None
    proposed_at: datetime | None
    settled_by: str | None
    settled_at: datetime | None

    @classmethod
    def of(cls, version: TableVersion) -> "TableVersionView":
        return cls(**dict(version))


class TablesView(View):
    versions: list[TableVersionView]

    @classmethod
    def of(cls, versions: list[TableVersion]) -> "TablesView":
        return cls(versions=[TableVersionView.of(version) for version in versions])


class TableContentView(View):
    """What the approver looks at. `content` is the version in the form of its body."""

    version: TableVersionView
    content: dict[str, Any]

    @classmethod
    def of(cls, version: TableVersion, content: Version) -> "TableContentView":
        return cls(version=TableVersionView.of(version), content=content.model_dump(mode="json"))
