"""The plans (保障计划): sums insured, benefits, and the premium of one day by occupation class.

The tariff is data, `tables/plans.<version>.json`: what is sold is priced by the version of the instant, what
was issued is read by the version it was issued under. All amounts are integer fen (1 yuan = 100 fen).
Limits of the scheme: premium 30-200 fen a policy, sum insured at most 80,000,000 fen.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, model_validator

from daycover.cover.terms import PUBLISHED
from daycover.cover.versions import Version, read_versions
from daycover.errors import DaycoverError, ErrorKind

MINIMUM_PREMIUM_FEN = 30
MAXIMUM_PREMIUM_FEN = 200
MAXIMUM_SUM_INSURED_FEN = 80_000_000
OccupationClass = Annotated[int, Field(ge=1, le=6)]
PremiumFen = Annotated[int, Field(ge=MINIMUM_PREMIUM_FEN, le=MAXIMUM_PREMIUM_FEN)]


class PlanUnknownError(DaycoverError):
    """There is no such plan.

    There is no such plan, in that version or at that time.

    What to do: Use a plan of the current tariff.
    含义:没有这个保障计划。
    处理:使用现行计划代码。
    """

    kind = ErrorKind.INVALID
    title = "未知保障计划", "Unknown plan"
    detail = "保障计划 {plan_id} 不存在。", "There is no plan {plan_id}."


class PlanNotOfferedError(DaycoverError):
    """The plan is not offered to this occupation class.

    What to do: Choose a lower plan.
    含义:该职业类别不能选择此计划。
    处理:选择较低的计划。
    """

    kind = ErrorKind.INVALID
    title = "该职业类别不能选择此计划", "The plan is not offered to this occupation class"
    detail = (
        "职业类别 {occupation_class} 不能投保计划 {plan_id}。",
        "Class {occupation_class} cannot take plan {plan_id}.",
    )


class Benefits(BaseModel, frozen=True, defer_build=True):
    """What a plan pays (保险责任). Amounts in fen, ratios in basis points, days as the certificate counts."""

    medical_limit_fen: int
    medical_deductible_fen: int = 10_000
    medical_ratio_bps: int = 8_000
    hospital_daily_fen: int
    lost_income_daily_fen: int
    """0 where the plan has no lost-income benefit."""
    waiting_days: int = 3
    days_per_accident: int = 90
    sudden_death_fen: int
    ambulance_limit_fen: int
    nets_social_insurance: bool = False
    """Only a plan priced for it may net off social insurance (Interpretation III, art. 18)."""


class Plan(BaseModel, frozen=True, defer_build=True):
    """One tier of one tariff version."""

    plan_id: str
    version: str
    terms: str
    """Version of the insurance terms that it is sold under (`cover/terms.py`)."""
    sum_insured_fen: Annotated[int, Field(gt=0, le=MAXIMUM_SUM_INSURED_FEN)]
    premium_fen_by_class: Annotated[Mapping[OccupationClass, PremiumFen], AfterValidator(MappingProxyType)]
    benefits: Benefits

    def premium_fen(self, occupation_class: int) -> int:
        """Give the premium of 24 hours in fen. Raises PlanNotOfferedError."""
        premium = self.premium_fen_by_class.get(occupation_class)
        if premium is None:
            raise PlanNotOfferedError(plan_id=self.plan_id, occupation_class=occupation_class)
        return premium


class PlanVersion(Version, frozen=True):
    """The whole tariff of one stretch of time. A premium never falls as the class or the tier rises."""

    terms: str
    plans: tuple[Plan, ...]

    @model_validator(mode="before")
    @classmethod
    def _every_plan_knows_its_version(cls, read: Any) -> Any:
        known = {name: read[name] for name in ("version", "terms") if name in read}
        return {**read, "plans": [{**plan, **known} for plan in read["plans"]]}

    @model_validator(mode="after")
    def _terms_are_published(self) -> "PlanVersion":
        if self.terms not in PUBLISHED:
            raise ValueError(f"there are no terms {self.terms}")
        return self

    @model_validator(mode="after")
    def _premiums_rise(self) -> "PlanVersion":
        for plan in self.plans:
            by_class = [fen for _, fen in sorted(plan.premium_fen_by_class.items())]
            if by_class != sorted(by_class):
                raise ValueError(f"{plan.plan_id}: a premium falls as the class rises")
        for lower, higher in pairwise(self.plans):
            shared = lower.premium_fen_by_class.keys() & higher.premium_fen_by_class.keys()
            if any(lower.premium_fen(number) > higher.premium_fen(number) for number in shared):
                raise ValueError(f"{higher.plan_id}: a premium falls as the tier rises")
        return self

    def find(self, plan_id: str) -> Plan | None:
        return next((plan for plan in self.plans if plan.plan_id == plan_id), None)


PLAN_VERSIONS = read_versions("plans", PlanVersion)


def plan(plan_id: str, version: str) -> Plan:
    """Give the plan that something was issued under, however long ago. Raises PlanUnknownError."""
    tariff = PLAN_VERSIONS.get(version)
    return _of(plan_id, None if tariff is None else tariff.find(plan_id))


def plan_on_sale(plan_id: str, now: datetime) -> Plan:
    """Give the plan as it is sold at `now`. Raises PlanUnknownError."""
    tariff = PLAN_VERSIONS.at(now)
    return _of(plan_id, None if tariff is None else tariff.find(plan_id))


def _of(plan_id: str, found: Plan | None) -> Plan:
    if found is None:
        raise PlanUnknownError(plan_id=plan_id)
    return found
