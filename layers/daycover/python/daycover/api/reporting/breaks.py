"""Break items of the reconciliation as finance and auditors see them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import StringConstraints

from daycover.platform.http import Body, View
from daycover.reporting.breaks import Break, BreakKind, BreakOwner, BreakStatus, Resolution

StatusName = BreakStatus
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9#/_.-]{3,80}$")]
"""A record's id, never free text: no personal data can get into it."""


class ResolutionBody(Body):
    resolution: Resolution
    reference: Reference


class BreakView(View):
    """`age_hours`: how long it has stood open, or stood open until it was resolved."""

    break_id: str
    kind: BreakKind
    owner: BreakOwner
    status: BreakStatus
    day: date
    company_id: str | None
    subject: str
    expected_fen: int | None
    found_fen: int | None
    detail: str | None
    found_at: datetime
    age_hours: int
    resolution: Resolution | None
    reference: str | None
    resolved_by: str | None
    resolved_at: datetime | None

    @classmethod
    def of(cls, found: Break, now: datetime) -> "BreakView":
        outer = found.model_dump(exclude={"difference"})
        age_hours = int(found.age(now).total_seconds()) // 3600
        return cls(**outer, **dict(found.difference), age_hours=age_hours)


class BreakListView(View):
    breaks: list[BreakView]
    next_page: str | None

    @classmethod
    def of(cls, found: Sequence[Break], next_page: str | None, now: datetime) -> "BreakListView":
        return cls(breaks=[BreakView.of(each, now) for each in found], next_page=next_page)
