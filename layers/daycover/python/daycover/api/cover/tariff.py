"""Answers about occupations and plans, in both languages: an operator reads them to their workers."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from daycover.cover.occupation import Acceptance
from daycover.cover.plan import Benefits, PlanVersion
from daycover.cover.tariff import Found, Priced
from daycover.platform.http import View

OccupationQuery = Annotated[str, Field(max_length=40)]


class PricedPlan(View):
    plan_id: str
    premium_fen: int


class OccupationView(View):
    """`acceptance` REFER has the premiums that an underwriter's approval would open; REFUSE has none."""

    code: str
    name_zh: str
    name_en: str
    occupation_class: int
    acceptance: Acceptance
    reason_zh: str
    reason_en: str
    family: str | None
    when_zh: str
    when_en: str
    plans: list[PricedPlan]

    @classmethod
    def of(cls, priced: Priced) -> "OccupationView":
        facts = {name: value for name, value in priced.occupation if name in cls.model_fields}
        plans = [
            PricedPlan(plan_id=name, premium_fen=fen) for name, fen in priced.premium_fen_by_plan.items()
        ]
        return cls(**facts, plans=plans)


class QuestionView(View):
    family: str
    code: str
    text_zh: str
    text_en: str


class ReasonView(View):
    reason_zh: str
    reason_en: str


class OccupationsView(View):
    """`unlisted` says what to do where nothing was found, and is None otherwise."""

    version: str
    occupations: list[OccupationView]
    questions: list[QuestionView]
    unlisted: ReasonView | None

    @classmethod
    def of(cls, found: Found) -> "OccupationsView":
        return cls(
            version=found.version,
            occupations=[OccupationView.of(priced) for priced in found.rows],
            questions=[QuestionView(**dict(asked)) for asked in found.questions],
            unlisted=None if found.unlisted is None else ReasonView(**dict(found.unlisted)),
        )


class OfferedPlan(View):
    plan_id: str
    sum_insured_fen: int
    premium_fen_by_class: dict[int, int]
    benefits: Benefits


class PlansView(View):
    version: str
    valid_from: datetime
    valid_to: datetime | None
    plans: list[OfferedPlan]

    @classmethod
    def of(cls, tariff: PlanVersion) -> "PlansView":
        return cls(
            version=tariff.version,
            valid_from=tariff.valid_from,
            valid_to=tariff.valid_to,
            plans=[
                OfferedPlan(
                    plan_id=plan.plan_id,
                    sum_insured_fen=plan.sum_insured_fen,
                    premium_fen_by_class=dict(plan.premium_fen_by_class),
                    benefits=plan.benefits,
                )
                for plan in tariff.plans
            ],
        )
