"""What an operator reads before opening a project: occupations, and what each pays under each plan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.cover.occupation import (
    OCCUPATION_TABLES,
    Acceptance,
    Occupation,
    OccupationTable,
    OccupationUnknownError,
    Question,
    Reason,
)
from daycover.cover.plan import PLAN_VERSIONS, PlanUnknownError, PlanVersion


class Priced(NamedTuple):
    """An occupation with the premium of 24 hours by plan; none where it is refused."""

    occupation: Occupation
    premium_fen_by_plan: dict[str, int]


class Found(NamedTuple):
    """What a search gives: rows, what to ask to choose among them, and a word where there is no row."""

    version: str
    rows: list[Priced]
    questions: list[Question]
    unlisted: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTariff:
    """GET /v1/occupations and GET /v1/plans: what is sold now."""

    now: Callable[[], datetime]

    def plans(self) -> PlanVersion:
        """Raises PlanUnknownError where nothing is on sale."""
        tariff = PLAN_VERSIONS.at(self.now())
        if tariff is None:
            raise PlanUnknownError
        return tariff

    def occupations(self, words: str) -> Found:
        """Raises OccupationUnknownError, PlanUnknownError where nothing is on sale."""
        table = OCCUPATION_TABLES.at(self.now())
        if table is None:
            raise OccupationUnknownError
        return find_occupations(table, self.plans(), words)


def find_occupations(table: OccupationTable, tariff: PlanVersion, words: str) -> Found:
    """Search, price, and never answer with silence. `words`: any names, codes or aliases; none for all."""
    rows = table.search(words)
    families = {row.family for row in rows}
    return Found(
        version=table.version,
        rows=[Priced(row, _premiums(row, tariff)) for row in rows],
        questions=[asked for asked in table.questions if asked.family in families],
        unlisted=None if rows else table.unlisted,
    )


def _premiums(row: Occupation, tariff: PlanVersion) -> dict[str, int]:
    if row.acceptance is Acceptance.REFUSE:
        return {}
    return {
        plan.plan_id: plan.premium_fen(row.occupation_class)
        for plan in tariff.plans
        if row.occupation_class in plan.premium_fen_by_class
    }
