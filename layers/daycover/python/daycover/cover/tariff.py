"""What an operator reads before opening a project: occupations, and what each pays under each plan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.cover.occupation import (
    Acceptance,
    Occupation,
    OccupationTable,
    Question,
    Reason,
    table_at,
)
from daycover.cover.occupation_referral import OccupationReferrals, OwnOccupations, own_occupations
from daycover.cover.plan import PLAN_VERSIONS, PlanUnknownError, PlanVersion
from daycover.cover.spoken import search


class Priced(NamedTuple):
    """An occupation with the premium of 24 hours by plan, and the plans that it can't have: all where it is refused."""

    occupation: Occupation
    premium_fen_by_plan: dict[str, int]
    not_offered: list[str]


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
    referrals: OccupationReferrals

    def plans(self) -> PlanVersion:
        """Raises PlanUnknownError where nothing is on sale."""
        tariff = PLAN_VERSIONS.at(self.now())
        if tariff is None:
            raise PlanUnknownError
        return tariff

    def occupations(self, words: str, company_id: str | None = None) -> Found:
        """Search the table, and what underwriters answered this company beside it.

        Raises OccupationUnknownError, PlanUnknownError where nothing is on sale.
        """
        table, tariff = table_at(self.now()), self.plans()
        asked = [] if company_id is None else self.referrals.of_company(company_id)
        return find_occupations(table, tariff, words, own_occupations(table, asked))


def find_occupations(table: OccupationTable, tariff: PlanVersion, words: str, own: OwnOccupations) -> Found:
    """Search, price, and never answer with silence. `words`: any names, codes or aliases; none for all."""
    rows = search([*own.entries, *table.occupations], words, own.names)
    families = {row.family for row in rows}
    return Found(
        version=table.version,
        rows=[_priced(row, tariff) for row in rows],
        questions=[asked for asked in table.questions if families & set(asked.families)],
        unlisted=None if rows else table.unlisted,
    )


def _priced(row: Occupation, tariff: PlanVersion) -> Priced:
    refused = row.acceptance is Acceptance.REFUSE
    premiums = {
        plan.plan_id: plan.premium_fen(row.occupation_class)
        for plan in tariff.plans
        if row.occupation_class in plan.premium_fen_by_class and not refused
    }
    return Priced(row, premiums, [plan.plan_id for plan in tariff.plans if plan.plan_id not in premiums])
