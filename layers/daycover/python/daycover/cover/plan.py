"""The plans (保障计划): sums insured, benefits, and the premium of one day by occupation class.

The table is the product's tariff of version 2026-11. A changed tariff is a new version, never an edit.
All amounts are integer fen (1 yuan = 100 fen). Limits of the scheme: premium 30-200 fen a policy, sum
insured at most 80,000,000 fen.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from daycover.errors import DaycoverError

PLAN_VERSION = "2026-11"
MINIMUM_PREMIUM_FEN = 30
MAXIMUM_PREMIUM_FEN = 200
MAXIMUM_SUM_INSURED_FEN = 80_000_000


class PlanUnknownError(DaycoverError):
    """There is no such plan."""


class PlanNotOfferedError(DaycoverError):
    """The plan has no premium for this occupation class."""


class Benefits(BaseModel, frozen=True):
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


class Plan(BaseModel, frozen=True):
    """One tier of one tariff version."""

    plan_id: str
    version: str
    sum_insured_fen: int
    premium_fen_by_class: Mapping[int, int]
    benefits: Benefits

    def premium_fen(self, occupation_class: int) -> int:
        """Give the premium of 24 hours in fen. Raises PlanNotOfferedError."""
        premium = self.premium_fen_by_class.get(occupation_class)
        if premium is None:
            raise PlanNotOfferedError(plan_id=self.plan_id, occupation_class=occupation_class)
        return premium


def _plan(plan_id: str, sum_insured_fen: int, premiums: tuple[int | None, ...], benefits: Benefits) -> Plan:
    by_class = {number: fen for number, fen in enumerate(premiums, start=1) if fen is not None}
    return Plan(
        plan_id=plan_id,
        version=PLAN_VERSION,
        sum_insured_fen=sum_insured_fen,
        premium_fen_by_class=MappingProxyType(by_class),
        benefits=benefits,
    )


PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        plan.plan_id: plan
        for plan in (
            #                          class   1    2    3    4    5     6
            _plan("T1", 10_000_000, (30, 30, 40, 60, 100, 150), Benefits(
                medical_limit_fen=1_000_000, hospital_daily_fen=10_000, lost_income_daily_fen=0,
                sudden_death_fen=5_000_000, ambulance_limit_fen=100_000)),
            _plan("T2", 30_000_000, (40, 50, 70, 100, 160, None), Benefits(
                medical_limit_fen=3_000_000, hospital_daily_fen=10_000, lost_income_daily_fen=10_000,
                sudden_death_fen=10_000_000, ambulance_limit_fen=100_000)),
            _plan("T3", 50_000_000, (50, 70, 90, 140, 200, None), Benefits(
                medical_limit_fen=5_000_000, hospital_daily_fen=10_000, lost_income_daily_fen=10_000,
                sudden_death_fen=20_000_000, ambulance_limit_fen=200_000)),
            _plan("T4", 80_000_000, (70, 90, 130, 200, None, None), Benefits(
                medical_limit_fen=8_000_000, hospital_daily_fen=15_000, lost_income_daily_fen=15_000,
                sudden_death_fen=30_000_000, ambulance_limit_fen=500_000)),
        )
    }
)  # fmt: skip


def plan(plan_id: str) -> Plan:
    """Give the plan of the current version. Raises PlanUnknownError."""
    try:
        return PLANS[plan_id]
    except KeyError:
        raise PlanUnknownError(plan_id=plan_id) from None
