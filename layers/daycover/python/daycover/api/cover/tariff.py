"""Answers about occupations and plans, in both languages: an operator reads them to their workers."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from daycover.cover.occupation import Acceptance, Question
from daycover.cover.plan import Benefits, PlanVersion
from daycover.cover.tariff import Found, Priced
from daycover.platform.http import View
from daycover.projects.project import Exclusion

OccupationQuery = Annotated[str, Field(max_length=40)]
CompanyQuery = Annotated[str, Field(max_length=64)]


class PricedPlan(View):
    plan_id: str
    premium_fen: int


class OccupationView(View):
    """`acceptance` REFER has the premiums that an underwriter's approval would open; REFUSE has none.

    `not_offered` are the plans that this class can't have.
    """

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
    exclusions: tuple[Exclusion, ...]
    plans: list[PricedPlan]
    not_offered: list[str]

    @classmethod
    def of(cls, priced: Priced) -> "OccupationView":
        facts = {name: value for name, value in priced.occupation if name in cls.model_fields}
        plans = [
            PricedPlan(plan_id=name, premium_fen=fen) for name, fen in priced.premium_fen_by_plan.items()
        ]
        return cls(**facts, plans=plans, not_offered=priced.not_offered)


class ChoiceView(View):
    code: str
    name_zh: str
    name_en: str


class QuestionView(View):
    """The answer is the code of a choice, or where there are none a number from 0 to `at_most` in the unit."""

    families: tuple[str, ...]
    code: str
    text_zh: str
    text_en: str
    choices: list[ChoiceView]
    unit_zh: str
    unit_en: str
    at_most: float | None

    @classmethod
    def of(cls, asked: Question) -> "QuestionView":
        choices = [ChoiceView(**dict(choice)) for choice in asked.choices]
        return cls(**dict(asked) | {"choices": choices})


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
            questions=[QuestionView.of(asked) for asked in found.questions],
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
