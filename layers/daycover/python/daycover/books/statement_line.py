"""The lines of a day's statement: one to each policy that the day's entries are about."""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from itertools import groupby

from pydantic import BaseModel

from daycover.books.journal import Entry, Kind
from daycover.cover.period import Period
from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import CoverLine


class Change(StrEnum):
    """What a line changes in the list of insured (批单)."""

    ADDED = "ADDED"
    """Somebody is insured by this policy; on a correction, on an earlier day."""
    REMOVED = "REMOVED"
    """A policy of an earlier day was withdrawn and never insured anybody: its whole premium goes back."""


class StatementLine(BaseModel, frozen=True, defer_build=True):
    """One policy on a statement. `premium_fen` and `refund_fen` are what this statement charges and gives back;
    `correction` says that an earlier day's event stands here."""

    policy_no: str
    project_id: str
    day: date
    insured_name: str
    plan_id: str
    occupation_class: int
    period: Period
    sum_insured_fen: int
    status: PolicyStatus
    premium_fen: int
    refund_fen: int
    correction: bool
    change: Change | None = None

    @property
    def due_fen(self) -> int:
        return self.premium_fen - self.refund_fen

    @property
    def is_billed(self) -> bool:
        """Whether the policy was issued and kept: what a people-day is."""
        return self.premium_fen > 0 and self.due_fen > 0


def lines_of(entries: Iterable[Entry]) -> Iterator[StatementLine]:
    """Give a line per policy of entries that come ordered by source. Payouts and payments have none."""
    for _, group in groupby(entries, key=lambda entry: entry.source_id):
        posted = [entry for entry in group if entry.cover is not None]
        if posted:
            yield _line(posted)


def _line(posted: list[Entry]) -> StatementLine:
    issued = next((entry for entry in posted if entry.kind is Kind.POLICY_ISSUED), None)
    ended = next((entry for entry in posted if entry.kind is not Kind.POLICY_ISSUED), None)
    cover = (ended or posted[0]).cover
    assert cover is not None
    return StatementLine(
        **{name: value for name, value in cover if name in StatementLine.model_fields}
        | {
            "premium_fen": issued.receivable_fen if issued else 0,
            "refund_fen": -ended.receivable_fen if ended else 0,
            "correction": issued is None or issued.is_late,
            "change": _change(cover, is_issued=issued is not None),
        }
    )


def _change(cover: CoverLine, *, is_issued: bool) -> Change | None:
    """Cover whose whole premium goes back insured nobody: it was withdrawn before its start, or is void."""
    insures = cover.due_fen > 0
    if is_issued:
        return Change.ADDED if insures else None
    return None if insures else Change.REMOVED
