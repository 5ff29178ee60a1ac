from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover.claims.adjudication import (
    FORMULA_VERSION,
    Assessment,
    ExpenseLine,
    Loss,
    Prior,
    assess,
    split_medical,
)
from daycover.claims.disability import DisabilityGradeError
from daycover.claims.documents import ClaimType
from daycover.cover.plan import PLAN_VERSIONS
from tests.support.builders import a_plan

pytestmark = pytest.mark.disable_socket

C = ClaimType
T1, T2, T4 = a_plan("T1"), a_plan("T2"), a_plan("T4")
DEATH_TYPES = (C.DISABILITY, C.DEATH, C.SUDDEN_DEATH)


def bill(fen: Any, accepted_fen: Any = None) -> Any:
    reason = None if accepted_fen is None else "OVER_SOCIAL_STANDARD"
    return ExpenseLine(item="西药费", amount_fen=fen, accepted_fen=accepted_fen, reason_code=reason)


def assessed(
    plan: Any, *claim_types: Any, prior: Any = None, nets_social_insurance: Any = False, **loss: Any
) -> Any:
    benefits = plan.benefits.model_copy(update={"nets_social_insurance": nets_social_insurance})
    return assess(benefits, plan.sum_insured_fen, Loss(claim_types=claim_types, **loss), prior or Prior())


def amounts(assessment: Any) -> Any:
    return {line.claim_type: line.amount_fen for line in assessment.lines}


def medical(plan: Any, fen: Any, **loss: Any) -> Any:
    return assessed(plan, C.MEDICAL, expenses=(bill(fen),), **loss)


fen = st.integers(0, 200_000_000)
day_counts = st.integers(0, 400)
bps = st.integers(0, 10_000)
plans = st.sampled_from([plan for version in PLAN_VERSIONS for plan in version.plans])


@st.composite
def bills(draw: Any) -> Any:
    amount = draw(fen)
    return bill(amount, draw(st.none() | st.integers(0, amount)))


losses = st.builds(
    Loss,
    claim_types=st.lists(st.sampled_from(C), unique=True).map(tuple),
    expenses=st.lists(bills(), max_size=4).map(tuple),
    social_insurance_paid_fen=fen,
    third_party_paid_fen=fen,
    other_policies_paid_fen=fen,
    certified_days=day_counts,
    inpatient_days=day_counts,
    ambulance_cost_fen=fen,
    disability_grades=st.lists(st.integers(1, 10), max_size=4).map(tuple),
    causation_bps=bps,
)
priors = st.builds(
    Prior,
    medical_fen=fen,
    hospital_days=day_counts,
    lost_income_days=day_counts,
    disability_fen=fen,
    death_fen=fen,
    ambulance_fen=fen,
)


# Medical.


@pytest.mark.parametrize(
    ("cost", "paid"),
    [
        (0, 0),
        (9_999, 0),
        (10_000, 0),
        (10_001, 1),  # 0.8 fen
        (10_002, 2),  # 1.6 fen
        (10_003, 2),  # 2.4 fen
        (3_760_000, 3_000_000),
        (3_759_999, 2_999_999),  # 2,999,999.2 fen
        (3_760_001, 3_000_000),
    ],
)
def test_medical_is_exact_when_at_deductible_rounding_or_limit(cost: Any, paid: Any) -> None:
    assert medical(T2, cost).total_fen == paid


def test_medical_rounds_half_up_when_half_a_fen_is_left() -> None:
    assert medical(T2, 10_001, causation_bps=6_250).total_fen == 1  # 0.5 fen
    assert medical(T2, 10_001, causation_bps=6_249).total_fen == 0


def test_medical_is_rounded_once_when_two_ratios_apply() -> None:
    # 1 fen * 80 % * 50 % = 0.4; rounded after each ratio it would be 1
    assert medical(T2, 10_001, causation_bps=5_000).total_fen == 0


def test_only_the_excess_is_cut_when_a_line_is_over_the_social_standard() -> None:
    expenses = (bill(100_000), bill(200_000, accepted_fen=120_000))
    assert assessed(T2, C.MEDICAL, expenses=expenses).total_fen == 168_000


def test_deductible_applies_once_when_the_bill_has_many_lines() -> None:
    assert assessed(T2, C.MEDICAL, expenses=(bill(8_000),) * 5).total_fen == 24_000


def test_third_party_and_other_policies_are_netted_when_they_paid() -> None:
    result = medical(T2, 320_000, third_party_paid_fen=100_000, other_policies_paid_fen=50_000)
    assert result.total_fen == 128_000


def test_medical_pays_what_is_left_of_the_limit_when_the_policy_paid_before() -> None:
    left = assessed(T2, C.MEDICAL, expenses=(bill(320_000),), prior=Prior(medical_fen=2_900_000))
    none = assessed(T2, C.MEDICAL, expenses=(bill(320_000),), prior=Prior(medical_fen=3_000_000))
    assert (left.total_fen, none.total_fen) == (100_000, 0)


def test_shares_are_the_cost_together_when_two_policies_owe_more_for_one_bill() -> None:
    alone = medical(T2, 320_000).total_fen
    assert split_medical(320_000, [alone, alone]) == (248_000, 72_000)


def test_each_policy_pays_in_full_when_the_cost_is_enough_for_both() -> None:
    assert split_medical(500_000, [248_000, 110_000]) == (248_000, 110_000)


def test_last_policies_pay_nothing_when_the_cost_is_used_up() -> None:
    assert split_medical(100, [60, 60, 60]) == (60, 40, 0)
    assert split_medical(0, [60]) == (0,)
    assert split_medical(100, []) == ()


# Daily allowances.


@pytest.mark.parametrize(
    ("inpatient", "paid_days"), [(0, 0), (3, 0), (4, 1), (92, 89), (93, 90), (94, 90), (200, 90)]
)
def test_hospital_days_start_after_three_and_stop_at_ninety_when_admitted(
    inpatient: Any, paid_days: Any
) -> None:
    result = assessed(T2, C.HOSPITAL, inpatient_days=inpatient)
    assert result.total_fen == paid_days * 10_000
    assert ("已到天数上限" in result.lines[0].explanation_zh) is (inpatient > 93)


@pytest.mark.parametrize(("before", "paid_days"), [(0, 90), (90, 90), (91, 89), (179, 1), (180, 0), (181, 0)])
def test_hospital_days_stop_at_one_hundred_and_eighty_when_the_policy_paid_before(
    before: Any, paid_days: Any
) -> None:
    result = assessed(T2, C.HOSPITAL, inpatient_days=200, prior=Prior(hospital_days=before))
    assert result.total_fen == paid_days * 10_000


@pytest.mark.parametrize(("before", "paid_days"), [(0, 90), (91, 89), (180, 0), (181, 0)])
def test_lost_income_days_stop_at_one_hundred_and_eighty_when_the_policy_paid_before(
    before: Any, paid_days: Any
) -> None:
    result = assessed(T2, C.LOST_INCOME, certified_days=200, prior=Prior(lost_income_days=before))
    assert result.total_fen == paid_days * 10_000


def test_day_is_paid_once_when_hospital_and_lost_income_are_claimed() -> None:
    result = assessed(T2, C.LOST_INCOME, C.HOSPITAL, certified_days=14, inpatient_days=10)
    assert amounts(result) == {C.HOSPITAL: 70_000, C.LOST_INCOME: 40_000}


def test_day_is_paid_once_when_the_hospital_days_were_claimed_before() -> None:
    result = assessed(T2, C.LOST_INCOME, certified_days=14, prior=Prior(hospital_days=7))
    assert result.total_fen == 40_000


def test_hospital_stay_counts_as_lost_income_when_no_hospital_allowance_is_claimed() -> None:
    result = assessed(T2, C.LOST_INCOME, certified_days=14, inpatient_days=10)
    assert result.total_fen == 110_000


def test_lost_income_says_why_it_is_nothing_when_the_plan_does_not_have_it() -> None:
    result = assessed(T1, C.LOST_INCOME, certified_days=14)
    assert result.total_fen == 0
    assert "不含误工津贴" in result.lines[0].explanation_zh


# Disability and death.


def test_death_takes_what_disability_left_when_both_are_in_one_claim() -> None:
    result = assessed(T4, C.DEATH, C.DISABILITY, disability_grades=(9, 9))
    assert amounts(result) == {C.DISABILITY: 24_000_000, C.DEATH: 56_000_000}


def test_same_site_is_paid_the_difference_when_it_is_graded_again() -> None:
    prior = Prior(disability_fen=24_000_000, disability_same_site_fen=16_000_000)
    result = assessed(T4, C.DISABILITY, disability_grades=(8,), prior=prior)
    assert result.total_fen == 8_000_000


def test_nothing_is_claimed_back_when_the_new_grade_is_lighter() -> None:
    prior = Prior(disability_fen=24_000_000, disability_same_site_fen=24_000_000)
    assert assessed(T4, C.DISABILITY, disability_grades=(10,), prior=prior).total_fen == 0


def test_disability_stops_at_the_sum_insured_when_most_of_it_was_paid() -> None:
    prior = Prior(disability_fen=70_000_000)
    assert assessed(T4, C.DISABILITY, disability_grades=(1,), prior=prior).total_fen == 10_000_000


def test_disability_is_left_open_when_no_grade_is_certified() -> None:
    line = assessed(T4, C.DISABILITY).lines[0]
    assert line.amount_fen == 0
    assert "grade" not in line.inputs
    assert "暂不计算" in line.explanation_zh


def test_disability_is_an_error_when_the_grade_does_not_exist() -> None:
    with pytest.raises(DisabilityGradeError):
        assessed(T4, C.DISABILITY, disability_grades=(11,))


def test_sudden_death_pays_its_sub_limit_when_the_sum_insured_allows() -> None:
    assert assessed(T4, C.SUDDEN_DEATH).total_fen == 30_000_000


def test_sudden_death_pays_what_is_left_when_disability_took_most_of_the_sum() -> None:
    prior = Prior(disability_fen=64_000_000)
    assert assessed(T4, C.SUDDEN_DEATH, prior=prior).total_fen == 16_000_000


def test_one_death_is_paid_once_when_claimed_as_accident_and_as_sudden() -> None:
    both = assessed(T4, C.DEATH, C.SUDDEN_DEATH)
    assert amounts(both) == {C.DEATH: 80_000_000, C.SUDDEN_DEATH: 0}
    half = assessed(T4, C.DEATH, C.SUDDEN_DEATH, causation_bps=5_000)
    assert amounts(half) == {C.DEATH: 40_000_000, C.SUDDEN_DEATH: 0}


def test_death_pays_the_rest_when_it_was_first_paid_as_sudden() -> None:
    assert assessed(T4, C.DEATH, prior=Prior(death_fen=30_000_000)).total_fen == 50_000_000


def test_sudden_death_pays_nothing_when_it_was_paid_before() -> None:
    assert assessed(T4, C.SUDDEN_DEATH, prior=Prior(death_fen=30_000_000)).total_fen == 0


# Ambulance, causation, and the record.


@pytest.mark.parametrize(("cost", "before", "paid"), [(60_000, 0, 60_000), (100_001, 0, 100_000),
                                                      (60_000, 70_000, 30_000), (1, 100_000, 0)])  # fmt: skip
def test_ambulance_pays_the_cost_to_the_limit_when_called(cost: Any, before: Any, paid: Any) -> None:
    result = assessed(T2, C.AMBULANCE, ambulance_cost_fen=cost, prior=Prior(ambulance_fen=before))
    assert result.total_fen == paid


def test_every_benefit_is_halved_when_half_of_the_cause_is_covered() -> None:
    result = assessed(
        T2, C.MEDICAL, C.HOSPITAL, C.LOST_INCOME, C.DISABILITY, C.AMBULANCE,
        expenses=(bill(320_000),), inpatient_days=4, certified_days=14, ambulance_cost_fen=60_000,
        disability_grades=(10,), causation_bps=5_000,
    )  # fmt: skip
    assert amounts(result) == {
        C.MEDICAL: 124_000,
        C.HOSPITAL: 5_000,
        C.LOST_INCOME: 50_000,
        C.DISABILITY: 1_500_000,
        C.AMBULANCE: 30_000,
    }


def test_death_stays_within_the_covered_share_when_disability_was_paid_by_share() -> None:
    result = assessed(T4, C.DISABILITY, C.DEATH, disability_grades=(8,), causation_bps=5_000)
    assert amounts(result) == {C.DISABILITY: 12_000_000, C.DEATH: 28_000_000}


def test_unclaimed_benefits_are_not_paid_when_the_loss_shows_them() -> None:
    result = assessed(T2, C.AMBULANCE, expenses=(bill(320_000),), certified_days=14, disability_grades=(1,))
    assert amounts(result) == {C.AMBULANCE: 0}
    assert assessed(T2).lines == ()


def test_benefit_is_paid_once_when_it_is_claimed_twice() -> None:
    assert medical(T2, 320_000).total_fen == 248_000
    assert assessed(T2, C.MEDICAL, C.MEDICAL, expenses=(bill(320_000),)).total_fen == 248_000


def test_explanation_writes_out_the_sum_when_medical_is_paid() -> None:
    result = assessed(
        T2, C.MEDICAL, expenses=(bill(1_860_000), bill(100_000, accepted_fen=0)),
        social_insurance_paid_fen=742_000, nets_social_insurance=True,
    )  # fmt: skip
    assert result.lines[0].explanation_zh == (
        "医疗费票据合计19,600.00元，其中认可18,600.00元，减去其他方已付的7,420.00元，"
        "减去免赔额（自己承担的部分）100.00元，剩余11,080.00元，按80%赔付，算得8,864.00元。本项赔付8,864.00元。"
    )


def test_explanation_names_the_limit_when_the_limit_decides() -> None:
    assert "超过剩余限额，最多赔付30,000.00元。" in medical(T2, 5_000_000).lines[0].explanation_zh


def test_explanation_names_the_share_when_the_cause_is_partly_covered() -> None:
    text = medical(T2, 320_000, causation_bps=3_333).lines[0].explanation_zh
    assert "再按事故所占原因的33.33%计算" in text


def test_explanation_names_the_disability_paid_when_death_is_net_of_it() -> None:
    result = assessed(T4, C.DEATH, prior=Prior(disability_fen=24_000_000))
    assert result.lines[0].explanation_zh == (
        "意外身故按保险金额800,000.00元赔付，减去已赔付的伤残金240,000.00元。本项赔付560,000.00元。"
    )


@pytest.mark.parametrize("accepted", [-1, 101])
def test_expense_is_refused_when_the_accepted_part_is_not_a_part(accepted: Any) -> None:
    with pytest.raises(ValidationError):
        ExpenseLine(item="西药费", amount_fen=100, accepted_fen=accepted, reason_code="X")


def test_expense_is_refused_when_it_is_cut_without_a_reason() -> None:
    with pytest.raises(ValidationError):
        ExpenseLine(item="西药费", amount_fen=100, accepted_fen=99)


@pytest.mark.parametrize(
    "field", [name for name in Loss.model_fields if name.endswith(("_fen", "_days", "_bps"))]
)
def test_loss_is_refused_when_a_number_is_negative(field: Any) -> None:
    with pytest.raises(ValidationError):
        Loss(**{field: -1})


def test_loss_is_refused_when_more_than_the_whole_cause_is_covered() -> None:
    with pytest.raises(ValidationError):
        Loss(causation_bps=10_001)


def test_prior_is_refused_when_the_same_site_exceeds_all_disability() -> None:
    with pytest.raises(ValidationError):
        Prior(disability_fen=1, disability_same_site_fen=2)


@given(plans, losses, priors)
def test_assessment_computes_the_same_again_when_read_from_its_record(
    plan: Any, loss: Any, prior: Any
) -> None:
    stored = assess(plan.benefits, plan.sum_insured_fen, loss, prior).model_dump_json()
    read = Assessment.model_validate_json(stored)
    assert assess(read.benefits, read.sum_insured_fen, read.loss, read.prior) == read
    assert read.formula_version == FORMULA_VERSION


# Properties.


@given(plans, losses, priors)
def test_no_benefit_is_negative_or_above_its_limit_when_anything_is_claimed(
    plan: Any, loss: Any, prior: Any
) -> None:
    result = assess(plan.benefits, plan.sum_insured_fen, loss, prior)
    benefits = plan.benefits
    limits = {
        C.MEDICAL: max(0, benefits.medical_limit_fen - prior.medical_fen),
        C.HOSPITAL: benefits.hospital_daily_fen * min(90, max(0, 180 - prior.hospital_days)),
        C.LOST_INCOME: benefits.lost_income_daily_fen * min(90, max(0, 180 - prior.lost_income_days)),
        C.DISABILITY: plan.sum_insured_fen,
        C.DEATH: plan.sum_insured_fen,
        C.SUDDEN_DEATH: benefits.sudden_death_fen,
        C.AMBULANCE: min(loss.ambulance_cost_fen, max(0, benefits.ambulance_limit_fen - prior.ambulance_fen)),
    }
    for claim_type, amount in amounts(result).items():
        assert 0 <= amount <= limits[claim_type]
    assert result.total_fen == sum(amounts(result).values())
    assert set(amounts(result)) == set(loss.claim_types)


@given(plans, st.lists(losses, min_size=1, max_size=4))
def test_policy_never_pays_more_than_its_sum_insured_when_claims_follow_each_other(
    plan: Any, claims: Any
) -> None:
    prior = Prior()
    for loss in claims:
        paid = amounts(assess(plan.benefits, plan.sum_insured_fen, loss, prior))
        death = paid.get(C.DEATH, 0) + paid.get(C.SUDDEN_DEATH, 0)
        prior = Prior(
            disability_fen=prior.disability_fen + paid.get(C.DISABILITY, 0),
            death_fen=prior.death_fen + death,
        )
    assert prior.disability_fen + prior.death_fen <= plan.sum_insured_fen


@given(plans, losses, st.sampled_from([*DEATH_TYPES]), fen, fen)
def test_sum_insured_holds_when_part_of_it_was_paid_before(
    plan: Any, loss: Any, claim_type: Any, disability: Any, death: Any
) -> None:
    assume(disability + death <= plan.sum_insured_fen)
    prior = Prior(disability_fen=disability, death_fen=death)
    claimed = loss.model_copy(update={"claim_types": DEATH_TYPES[DEATH_TYPES.index(claim_type) :]})
    paid = assess(plan.benefits, plan.sum_insured_fen, claimed, prior).total_fen
    assert disability + death + paid <= plan.sum_insured_fen


@given(plans, losses, priors, st.data())
def test_total_never_falls_when_more_of_a_bill_is_accepted(
    plan: Any, loss: Any, prior: Any, data: Any
) -> None:
    amount = data.draw(fen)
    less = data.draw(st.integers(0, amount))
    more = data.draw(st.integers(less, amount))
    totals = [
        assess(
            plan.benefits,
            plan.sum_insured_fen,
            loss.model_copy(update={"expenses": (*loss.expenses, bill(amount, accepted))}),
            prior,
        ).total_fen
        for accepted in (less, more)
    ]
    assert totals[0] <= totals[1]


@given(plans, losses, st.booleans())
def test_all_payers_together_never_exceed_the_cost_when_medical_is_claimed(
    plan: Any, loss: Any, nets: Any
) -> None:
    benefits = plan.benefits.model_copy(update={"nets_social_insurance": nets, "medical_deductible_fen": 0})
    benefits = benefits.model_copy(update={"medical_ratio_bps": 10_000})  # the plan that pays most
    cost = sum(line.eligible_fen for line in loss.expenses)
    others = loss.third_party_paid_fen + loss.other_policies_paid_fen
    others += loss.social_insurance_paid_fen if nets else 0
    claimed = loss.model_copy(update={"claim_types": (C.MEDICAL,)})
    paid = assess(benefits, plan.sum_insured_fen, claimed).total_fen
    assert paid <= max(0, cost - others)


@given(plans, losses, priors)
def test_fixed_benefits_are_the_same_when_others_paid(plan: Any, loss: Any, prior: Any) -> None:
    fixed = tuple(set(C) - {C.MEDICAL})
    paid_by_others = {
        "social_insurance_paid_fen": 0,
        "third_party_paid_fen": 0,
        "other_policies_paid_fen": 0,
    }
    totals = [
        assess(plan.benefits, plan.sum_insured_fen, loss.model_copy(update=update), prior).total_fen
        for update in ({"claim_types": fixed}, {"claim_types": fixed, **paid_by_others})
    ]
    assert totals[0] == totals[1]


@given(fen, st.lists(fen, max_size=6))
def test_shares_never_exceed_cost_or_entitlement_when_policies_share_a_bill(
    cost: Any, entitlements: Any
) -> None:
    shares = split_medical(cost, entitlements)
    assert len(shares) == len(entitlements)
    assert all(0 <= share <= owed for share, owed in zip(shares, entitlements, strict=True))
    assert sum(shares) == min(cost, sum(entitlements))
