"""The plans (保障计划): sums insured, benefits, and the premium of one day by occupation class.

The tariff is data, packaged as `tables/plans.<version>.json` or loaded by operations: what is sold is priced by the
version of the instant, what was issued is read by the version it was issued under. All amounts are integer fen
(1 yuan = 100 fen).
Limits of the scheme: premium 30-200 fen a policy, sum insured at most 80,000,000 fen.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, PlainSerializer, StringConstraints, model_validator

from daycover.cover.terms import PUBLISHED
from daycover.cover.versions import DatedTable, Version
from daycover.errors import DaycoverError, ErrorKind

MINIMUM_PREMIUM_FEN = 30
MAXIMUM_PREMIUM_FEN = 200
MAXIMUM_SUM_INSURED_FEN = 80_000_000
OccupationClass = Annotated[int, Field(ge=1, le=6)]
BenefitFen = Annotated[int, Field(ge=0, le=MAXIMUM_SUM_INSURED_FEN)]
PremiumFen = Annotated[int, Field(ge=MINIMUM_PREMIUM_FEN, le=MAXIMUM_PREMIUM_FEN)]


class PlanUnknownError(DaycoverError):
    """The tariff has no such plan, in that version or at that time; a project's may be sold no more.

    What to do: Use a plan of the current tariff; at the gate: do not start work, ask the foreman.
    含义:没有这个保障计划,或项目的计划已停售。
    处理:使用现行计划代码;在现场扫码时遇到,请勿开工并联系现场负责人。
    """

    kind = ErrorKind.INVALID
    title = "未知保障计划", "Unknown plan"
    detail = (
        "现行费率中没有这个保障计划。企业请选用现行计划;劳动者目前没有保障,请勿开工,并联系现场负责人。",
        "The current tariff has no such plan: choose one that it has. Workers of a project that is sold it have no "
        "cover: do not start, ask the foreman.",
    )


class PlanNotOfferedError(DaycoverError):
    """The plan is not offered to this occupation class, or no more.

    What to do: Choose a lower plan; at the gate: do not start work, ask the foreman.
    含义:该职业类别不能选择此计划,或不能再选。
    处理:选择较低的计划;在现场扫码时遇到,请勿开工并联系现场负责人。
    """

    kind = ErrorKind.INVALID
    title = "该职业类别不能选择此计划", "The plan is not offered to this occupation class"
    detail = (
        "职业类别 {occupation_class} 不能投保计划 {plan_id}。企业请选择较低的计划;劳动者目前没有保障,请勿开工,并联系"
        "现场负责人。",
        "Class {occupation_class} cannot take plan {plan_id}: choose a lower one. Workers of a project that is sold it "
        "have no cover: do not start, ask the foreman.",
    )


class Benefits(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """What a plan pays (保险责任). Amounts in fen, ratios in basis points, days as the certificate counts."""

    medical_limit_fen: BenefitFen
    medical_deductible_fen: BenefitFen = 10_000
    medical_ratio_bps: Annotated[int, Field(ge=0, le=10_000)] = 8_000
    hospital_daily_fen: BenefitFen
    lost_income_daily_fen: BenefitFen
    """0 where the plan has no lost-income benefit."""
    waiting_days: Annotated[int, Field(ge=0, le=365)] = 3
    days_per_accident: Annotated[int, Field(ge=0, le=365)] = 90
    sudden_death_fen: BenefitFen
    ambulance_limit_fen: BenefitFen
    nets_social_insurance: bool = False
    """Only a plan priced for it may net off social insurance (Interpretation III, art. 18)."""


class Plan(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One tier of one tariff version."""

    plan_id: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
    version: str = ""
    """Its tariff's, which says it for all its plans."""
    terms: str = ""
    """Version of the insurance terms that it is sold under (`cover/terms.py`); its tariff's as well."""
    sum_insured_fen: Annotated[int, Field(gt=0, le=MAXIMUM_SUM_INSURED_FEN)]
    premium_fen_by_class: Annotated[
        Mapping[OccupationClass, PremiumFen],
        Field(min_length=1),
        AfterValidator(MappingProxyType),
        PlainSerializer(dict),
    ]
    benefits: Benefits

    @model_validator(mode="after")
    def _sub_limits_are_within_the_sum(self) -> "Plan":
        if max(self.benefits.sudden_death_fen, self.benefits.medical_limit_fen) > self.sum_insured_fen:
            raise ValueError("分项限额不得高于保险金额", "a sub-limit is higher than the sum insured")
        return self

    def premium_fen(self, occupation_class: int) -> int:
        """Give the premium of 24 hours in fen. Raises PlanNotOfferedError."""
        premium = self.premium_fen_by_class.get(occupation_class)
        if premium is None:
            raise PlanNotOfferedError(plan_id=self.plan_id, occupation_class=occupation_class)
        return premium


class PlanVersion(Version, frozen=True):
    """The whole tariff of one stretch of time. A premium never falls as the class or the tier rises."""

    terms: str
    plans: Annotated[tuple[Plan, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="before")
    @classmethod
    def _every_plan_knows_its_version(cls, read: Any) -> Any:
        if not isinstance(read, dict) or not isinstance(read.get("plans"), (list, tuple)):
            return read
        # what is missing or no text is said once, above
        named = {name: str(read.get(name)) for name in ("version", "terms")}
        return {
            **read,
            "plans": [{**plan, **named} if isinstance(plan, dict) else plan for plan in read["plans"]],
        }

    @model_validator(mode="after")
    def _terms_are_published(self) -> "PlanVersion":
        if self.terms not in PUBLISHED:
            raise ValueError("没有发布过这个版本的条款", "there are no published terms of that version")
        return self

    @model_validator(mode="after")
    def _premiums_rise(self) -> "PlanVersion":
        if len({plan.plan_id for plan in self.plans}) < len(self.plans):
            raise ValueError("两个计划的代码相同", "two plans have one id")
        for place, plan in enumerate(self.plans, 1):
            by_class = [fen for _, fen in sorted(plan.premium_fen_by_class.items())]
            if by_class != sorted(by_class):
                raise ValueError(
                    f"第 {place} 个计划:职业类别升高时保费不得降低",
                    f"plan number {place}: a premium falls as the class rises",
                )
        for place, (lower, higher) in enumerate(pairwise(self.plans), 2):
            if lower.sum_insured_fen > higher.sum_insured_fen:
                raise ValueError(
                    f"第 {place} 个计划:保险金额不得低于前一个计划",
                    f"plan number {place}: the sum insured falls as the tier rises",
                )
            shared = lower.premium_fen_by_class.keys() & higher.premium_fen_by_class.keys()
            if any(lower.premium_fen(number) > higher.premium_fen(number) for number in shared):
                raise ValueError(
                    f"第 {place} 个计划:保费不得低于前一个计划",
                    f"plan number {place}: a premium falls as the tier rises",
                )
        return self

    def find(self, plan_id: str) -> Plan | None:
        return next((plan for plan in self.plans if plan.plan_id == plan_id), None)


PLAN_VERSIONS = DatedTable("plans", PlanVersion)


def plan(plan_id: str, version: str) -> Plan:
    """Give the plan that something was issued under, however long ago.

    Raises PlanUnknownError, TableUnreadableError.
    """
    tariff = PLAN_VERSIONS.get(version)
    return _known(None if tariff is None else tariff.find(plan_id))


def plan_on_sale(plan_id: str, now: datetime) -> Plan:
    """Give the plan as it is sold at `now`. Raises PlanUnknownError."""
    tariff = PLAN_VERSIONS.at(now)
    return _known(None if tariff is None else tariff.find(plan_id))


def _known(found: Plan | None) -> Plan:
    if found is None:
        raise PlanUnknownError
    return found
