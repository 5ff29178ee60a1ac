"""The tariff of 2026-11 against the scheme's limits and the table of reference section 4.2."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from pydantic import ValidationError

from daycover.cover.plan import (
    PLAN_VERSIONS,
    PlanNotOfferedError,
    PlanUnknownError,
    PlanVersion,
    plan,
    plan_on_sale,
)
from tests.support.builders import NOW, a_plan

REFERENCE = {
    # class: T1, T2, T3, T4 in fen; None is not offered
    1: (30, 40, 50, 70),
    2: (30, 50, 70, 90),
    3: (40, 70, 90, 130),
    4: (60, 100, 140, 200),
    5: (100, 160, 200, None),
    6: (150, None, None, None),
}
TIERS = ("T1", "T2", "T3", "T4")
CELLS = [
    (number, tier, fen) for number, row in REFERENCE.items() for tier, fen in zip(TIERS, row, strict=True)
]
BENEFITS = {
    # sum, medical, hospital/day, lost income/day, sudden death, ambulance
    "T1": (10_000_000, 1_000_000, 10_000, 0, 5_000_000, 100_000),
    "T2": (30_000_000, 3_000_000, 10_000, 10_000, 10_000_000, 100_000),
    "T3": (50_000_000, 5_000_000, 10_000, 10_000, 20_000_000, 200_000),
    "T4": (80_000_000, 8_000_000, 15_000, 15_000, 30_000_000, 500_000),
}


def test_plans_are_those_of_the_reference_when_listed() -> None:
    (tariff,) = PLAN_VERSIONS
    assert tuple(plan.plan_id for plan in tariff.plans) == TIERS


@pytest.mark.parametrize(("number", "tier", "fen"), CELLS)
def test_premium_is_the_reference_cell_when_asked_by_class(number: int, tier: str, fen: int | None) -> None:
    if fen is None:
        with pytest.raises(PlanNotOfferedError) as refusal:
            a_plan(tier).premium_fen(number)
        assert refusal.value.facts == {"plan_id": tier, "occupation_class": number}
    else:
        assert a_plan(tier).premium_fen(number) == fen


@pytest.mark.parametrize("tier", TIERS)
def test_premium_is_within_30_to_200_fen_when_offered(tier: str) -> None:
    premiums = a_plan(tier).premium_fen_by_class
    assert premiums
    assert all(type(fen) is int and 30 <= fen <= 200 for fen in premiums.values())
    assert a_plan(tier).sum_insured_fen <= 80_000_000


@pytest.mark.parametrize("tier", TIERS)
def test_premium_never_falls_when_the_class_rises(tier: str) -> None:
    ordered = [fen for _, fen in sorted(a_plan(tier).premium_fen_by_class.items())]
    assert all(low <= high for low, high in pairwise(ordered))


@pytest.mark.parametrize("number", REFERENCE)
def test_premium_and_sum_never_fall_when_the_tier_rises(number: int) -> None:
    offered = [p for p in map(a_plan, TIERS) if number in p.premium_fen_by_class]
    assert all(low.premium_fen(number) <= high.premium_fen(number) for low, high in pairwise(offered))
    assert all(low.sum_insured_fen < high.sum_insured_fen for low, high in pairwise(offered))


@pytest.mark.parametrize("tier", TIERS)
def test_benefits_are_those_of_the_reference_when_read_from_the_plan(tier: str) -> None:
    chosen = a_plan(tier)
    benefits = chosen.benefits
    assert BENEFITS[tier] == (
        chosen.sum_insured_fen,
        benefits.medical_limit_fen,
        benefits.hospital_daily_fen,
        benefits.lost_income_daily_fen,
        benefits.sudden_death_fen,
        benefits.ambulance_limit_fen,
    )
    assert (benefits.medical_deductible_fen, benefits.medical_ratio_bps) == (10_000, 8_000)
    assert (benefits.waiting_days, benefits.days_per_accident) == (3, 90)
    assert benefits.nets_social_insurance is False


def test_plan_is_unknown_when_the_code_is_not_in_the_tariff() -> None:
    with pytest.raises(PlanUnknownError):
        plan("T5", "2026-11")
    with pytest.raises(PlanUnknownError):
        plan("T1", "2026-10")
    with pytest.raises(PlanUnknownError):
        plan_on_sale("T5", NOW)
    with pytest.raises(PlanUnknownError):
        plan_on_sale("T1", datetime(2022, 2, 28, 15, 59, 59, tzinfo=UTC))


def changed(place: int, **changes: object) -> dict[str, object]:
    plans = [dict(one) for one in next(iter(PLAN_VERSIONS)).model_dump()["plans"]]
    plans[place] |= changes
    return next(iter(PLAN_VERSIONS)).model_dump() | {"version": "next", "plans": plans}


@pytest.mark.parametrize(
    "tariff",
    [
        changed(0, premium_fen_by_class={}),
        changed(0, sum_insured_fen=30_000_001),
        changed(3, sum_insured_fen=40_000_000),
        changed(0, benefits=a_plan("T1").benefits.model_dump() | {"sudden_death_fen": 10_000_001}),
        changed(0, benefits=a_plan("T1").benefits.model_dump() | {"medical_limit_fen": 10_000_001}),
    ],
)
def test_tariff_is_refused_at_load_when_a_tier_is_for_nobody_or_pays_out_of_order(
    tariff: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        PlanVersion.model_validate(tariff)
