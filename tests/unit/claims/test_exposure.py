"""The exposure of a policy: what is left of its limits, how a decision falls on them, what goes back. Fen exactly."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.claims.adjudication import DAYS_PER_POLICY
from daycover.claims.documents import ClaimType
from daycover.claims.exposure import (
    BILLED,
    DAILY,
    FALLS_ON,
    LUMP_SUMS,
    NOTHING_HELD,
    Held,
    Holding,
    PolicyExposure,
    Room,
    fall,
    given_back,
    holding_of,
    in_proportion,
    prior_of,
    room_of,
)
from daycover.cover.plan import PLAN_VERSIONS, Plan
from daycover.errors import ConcurrentChangeError
from tests.support.builders import a_plan

C = ClaimType
T1, T2, T4 = a_plan("T1"), a_plan("T2"), a_plan("T4")
PLANS = [plan for version in PLAN_VERSIONS for plan in version.plans]


def held(bills: Mapping[str, int] | None = None, **benefits: int | tuple[int, int]) -> Holding:
    """A holding by benefit, in fen or (fen, days)."""
    parts = {
        ClaimType(name): Held(fen=of) if isinstance(of, int) else Held(fen=of[0], days=of[1])
        for name, of in benefits.items()
    }
    return Holding(benefits=parts, bills=dict(bills or {}))


def room(plan: Plan, others: Holding = NOTHING_HELD) -> Room:
    return room_of(plan.benefits, plan.sum_insured_fen, others)


amounts = st.integers(1, 90_000_000)
parts_of_claims = st.dictionaries(st.sampled_from(C), amounts, max_size=len(C))
bill_names = st.builds("{}:{}".format, st.sampled_from(BILLED), st.sampled_from("ABCD"))
bills_of_claims = st.dictionaries(bill_names, st.integers(0, 9_000_000), max_size=6)
plans = st.sampled_from(PLANS)


@st.composite
def holdings(draw: st.DrawFn) -> Holding:
    """What rounds hold: decided parts, on whatever bills, under any plan."""
    return holding_of(draw(parts_of_claims), draw(plans).benefits, draw(bills_of_claims))


# What is left.


@pytest.mark.parametrize(
    ("plan", "others", "benefit", "left_fen"),
    [
        (T2, held(), C.MEDICAL, 3_000_000),
        (T2, held(MEDICAL=1_000_000), C.MEDICAL, 2_000_000),
        (T2, held(MEDICAL=3_000_000), C.MEDICAL, 0),
        (T2, held(MEDICAL=3_500_000), C.MEDICAL, 0),
        (T2, held(AMBULANCE=30_000), C.AMBULANCE, 70_000),
        (T2, held(AMBULANCE=30_000), C.MEDICAL, 3_000_000),
        (T2, held(HOSPITAL=(230_000, 23)), C.HOSPITAL, (180 - 23) * 10_000),
        (T2, held(HOSPITAL=(230_000, 23)), C.LOST_INCOME, 180 * 10_000),
        (T2, held(LOST_INCOME=(1, 180)), C.LOST_INCOME, 0),
        (T2, held(LOST_INCOME=(1, 181)), C.LOST_INCOME, 0),
        (T1, held(), C.LOST_INCOME, 0),
        (T4, held(DISABILITY=24_000_000), C.DEATH, 56_000_000),
        (T4, held(DISABILITY=24_000_000), C.DISABILITY, 56_000_000),
        (T4, held(DISABILITY=24_000_000), C.SUDDEN_DEATH, 30_000_000),
        (T4, held(DISABILITY=60_000_000), C.SUDDEN_DEATH, 20_000_000),
        (T4, held(SUDDEN_DEATH=10_000_000), C.SUDDEN_DEATH, 20_000_000),
        (T4, held(DEATH=30_000_000), C.SUDDEN_DEATH, 0),
        (T4, held(DEATH=80_000_000), C.DISABILITY, 0),
        (T4, held(DEATH=80_000_000), C.MEDICAL, 8_000_000),
        (T4, held(DEATH=50_000_000, DISABILITY=40_000_000), C.DEATH, 0),
    ],
    ids=str,
)
def test_room_is_the_limit_less_what_others_hold(
    plan: Plan, others: Holding, benefit: ClaimType, left_fen: int
) -> None:
    assert room(plan, others).benefits[benefit] == left_fen


@pytest.mark.parametrize(
    ("plan", "others", "total_fen"),
    [
        (T1, held(), 10_000_000 + 1_000_000 + 100_000 + 180 * 10_000),
        (T2, held(), 30_000_000 + 3_000_000 + 100_000 + 180 * 20_000),
        (T4, held(), 80_000_000 + 8_000_000 + 500_000 + 180 * 30_000),
        (T4, held(DISABILITY=24_000_000), 56_000_000 + 8_000_000 + 500_000 + 180 * 30_000),
        (T4, held(DEATH=80_000_000, MEDICAL=8_000_000), 500_000 + 180 * 30_000),
    ],
)
def test_lump_sums_count_once_in_the_total(plan: Plan, others: Holding, total_fen: int) -> None:
    assert room(plan, others).total_fen(tuple(C)) == total_fen


@given(plans, holdings(), holdings())
def test_room_never_grows_and_never_falls_below_nothing_when_more_is_held(
    plan: Plan, some: Holding, more: Holding
) -> None:
    wide, narrow = room(plan, some), room(plan, some.plus(more))
    assert set(narrow.benefits) == set(C)
    assert all(0 <= narrow.benefits[t] <= wide.benefits[t] for t in C)
    assert 0 <= narrow.sum_fen <= wide.sum_fen <= plan.sum_insured_fen
    assert 0 <= narrow.total_fen(tuple(C)) <= wide.total_fen(tuple(C))
    assert all(narrow.benefits[t] <= narrow.sum_fen for t in LUMP_SUMS)


def test_formulas_read_deaths_together_and_days_apart() -> None:
    prior = prior_of(
        held(
            MEDICAL=1, AMBULANCE=2, HOSPITAL=(30_000, 3), LOST_INCOME=(40_000, 4), DISABILITY=5,
            DEATH=6, SUDDEN_DEATH=7,
        )
    )  # fmt: skip
    assert (prior.medical_fen, prior.ambulance_fen) == (1, 2)
    assert (prior.hospital_days, prior.lost_income_days) == (3, 4)
    assert (prior.disability_fen, prior.death_fen) == (5, 13)


# How a decision falls.


@pytest.mark.parametrize(
    ("amount_fen", "weights", "shares"),
    [
        (358_000, {C.MEDICAL: 248_000, C.LOST_INCOME: 110_000}, [248_000, 110_000]),
        (179_000, {C.MEDICAL: 248_000, C.LOST_INCOME: 110_000}, [124_000, 55_000]),
        (100, {C.MEDICAL: 1, C.HOSPITAL: 1, C.LOST_INCOME: 1}, [34, 33, 33]),
        (2, {C.MEDICAL: 1, C.HOSPITAL: 1, C.LOST_INCOME: 1}, [1, 1, 0]),
        (1, {C.MEDICAL: 1, C.HOSPITAL: 2}, [0, 1]),
        (0, {C.MEDICAL: 1}, [0]),
        (7, {C.MEDICAL: 0, C.HOSPITAL: 3}, [0, 7]),
    ],
)
def test_remainder_of_a_share_goes_to_the_largest_and_the_earlier(
    amount_fen: int, weights: dict[ClaimType, int], shares: list[int]
) -> None:
    assert list(in_proportion(amount_fen, weights).values()) == shares


@given(parts_of_claims.filter(bool), st.data())
def test_shares_add_up_to_the_fen_and_lie_within_one_of_the_proportion(
    weights: dict[ClaimType, int], data: st.DataObject
) -> None:
    whole = sum(weights.values())
    amount = data.draw(st.integers(0, whole))
    shares = in_proportion(amount, weights)
    assert sum(shares.values()) == amount
    for claim_type, weight in weights.items():
        assert 0 <= shares[claim_type] <= weight
        assert abs(shares[claim_type] * whole - amount * weight) < whole


TOE_PARTS = {C.MEDICAL: 248_000, C.LOST_INCOME: 110_000}


@pytest.mark.parametrize(
    ("amount_fen", "proposed", "granted", "parts"),
    [
        (0, TOE_PARTS, None, {}),
        (358_000, TOE_PARTS, None, TOE_PARTS),
        (179_000, TOE_PARTS, None, {C.MEDICAL: 124_000, C.LOST_INCOME: 55_000}),
        # more than was proposed: a claimed lump sum first, then the claimed bills and days, and no other
        (400_000, TOE_PARTS, None, {C.MEDICAL: 290_000, C.LOST_INCOME: 110_000}),
        (4_800_000, TOE_PARTS, None, {C.MEDICAL: 3_000_000, C.LOST_INCOME: 1_800_000}),
        (4_800_001, TOE_PARTS, None, None),
        (9_000, {C.DISABILITY: 0}, None, {C.DISABILITY: 9_000}),
        (9_000, {C.DISABILITY: 0, C.MEDICAL: 4_000}, None, {C.MEDICAL: 4_000, C.DISABILITY: 5_000}),
        (9_000, {C.SUDDEN_DEATH: 0}, None, {C.SUDDEN_DEATH: 9_000}),
        (10_000_001, {C.SUDDEN_DEATH: 0}, None, None),
        (9_000, {}, None, None),
        # as a person said
        (9_000, TOE_PARTS, {C.MEDICAL: 1_000, C.AMBULANCE: 8_000}, {C.MEDICAL: 1_000, C.AMBULANCE: 8_000}),
        (9_000, TOE_PARTS, {C.MEDICAL: 9_000, C.DEATH: 0}, {C.MEDICAL: 9_000}),
        (9_000, TOE_PARTS, {C.MEDICAL: 8_999}, None),
        (9_000, TOE_PARTS, {C.MEDICAL: 9_001, C.DEATH: -1}, None),
        (3_000_001, TOE_PARTS, {C.MEDICAL: 3_000_001}, None),
        (30_000_001, {}, {C.DEATH: 30_000_000, C.DISABILITY: 1}, None),
        (30_000_000, {}, {C.DEATH: 29_999_999, C.DISABILITY: 1}, {C.DEATH: 29_999_999, C.DISABILITY: 1}),
        (9_000, TOE_PARTS, {}, None),
    ],
    ids=str,
)
def test_amount_falls_as_it_was_said_or_else_as_it_was_proposed(
    amount_fen: int,
    proposed: dict[ClaimType, int],
    granted: dict[ClaimType, int] | None,
    parts: dict[ClaimType, int] | None,
) -> None:
    assert fall(amount_fen, proposed, room(T2), granted) == parts


def assert_fits(parts: Mapping[ClaimType, int], left: Room) -> None:
    assert all(0 < fen <= left.benefits[t] for t, fen in parts.items())
    assert sum(fen for t, fen in parts.items() if t in LUMP_SUMS) <= left.sum_fen


@given(plans, holdings(), st.sets(st.sampled_from(C)), st.data())
def test_amount_falls_whole_within_the_room_exactly_when_the_policy_has_it(
    plan: Plan, others: Holding, claimed: set[ClaimType], data: st.DataObject
) -> None:
    """`proposed` is what an assessment gives: within the room, the lump sums together as well."""
    left = room(plan, others)
    proposed, sum_fen = {}, left.sum_fen
    for claim_type in sorted(claimed, key=list(C).index):
        most = min(left.benefits[claim_type], sum_fen if claim_type in LUMP_SUMS else 10**9)
        proposed[claim_type] = data.draw(st.integers(0, most))
        sum_fen -= proposed[claim_type] if claim_type in LUMP_SUMS else 0
    most = left.total_fen(claimed)
    amount = data.draw(st.integers(0, most + 3) | st.just(most) | st.just(0))
    parts = fall(amount, proposed, left)
    assert (parts is None) == (amount > most)
    if parts is not None:
        assert sum(parts.values()) == amount
        assert_fits(parts, left)
        if amount >= sum(proposed.values()):
            assert all(parts.get(t, 0) >= fen for t, fen in proposed.items())
        assert set(parts) <= claimed


@given(plans, holdings(), st.dictionaries(st.sampled_from(C), st.integers(-1, 90_000_000)), amounts)
def test_what_a_person_says_is_taken_as_it_is_or_not_at_all(
    plan: Plan, others: Holding, granted: dict[ClaimType, int], amount: int
) -> None:
    left = room(plan, others)
    for amount_fen in (amount, max(0, sum(granted.values()))):
        parts = fall(amount_fen, {}, left, granted)
        if parts is not None:
            assert parts == {t: fen for t, fen in granted.items() if fen}
            assert sum(parts.values()) == amount_fen
            assert_fits(parts, left)


def test_every_benefit_has_its_place_in_the_order() -> None:
    assert sorted(FALLS_ON) == sorted(C)


# What a round holds of it.


@pytest.mark.parametrize(
    ("plan", "fen", "days"),
    [
        (T2, 1, 1),
        (T2, 9_999, 1),
        (T2, 10_000, 1),
        (T2, 10_001, 2),
        (T2, 200_000, 20),
        (T4, 15_000, 1),
        (T4, 15_001, 2),
    ],
)
@pytest.mark.parametrize("benefit", DAILY)
def test_part_of_a_day_is_a_day(benefit: ClaimType, plan: Plan, fen: int, days: int) -> None:
    assert holding_of({benefit: fen}, plan.benefits, {}).of(benefit) == Held(fen=fen, days=days)


def test_no_day_is_held_of_a_benefit_that_the_plan_lacks() -> None:
    assert holding_of({C.LOST_INCOME: 5}, T1.benefits, {}).of(C.LOST_INCOME) == Held(fen=5)


@pytest.mark.parametrize(
    ("parts", "refundable", "bills"),
    [
        ({C.MEDICAL: 792_000}, {"MEDICAL:A": 1_000_000}, {"MEDICAL:A": 792_000}),
        ({C.MEDICAL: 792_000}, {"MEDICAL:A": 208_000}, {"MEDICAL:A": 208_000}),
        ({C.MEDICAL: 300}, {"MEDICAL:A": 400, "MEDICAL:B": 200}, {"MEDICAL:A": 200, "MEDICAL:B": 100}),
        ({C.MEDICAL: 1}, {"MEDICAL:A": 400, "MEDICAL:B": 200}, {"MEDICAL:A": 1}),
        ({C.MEDICAL: 300}, {"MEDICAL:A": 0, "MEDICAL:B": 200}, {"MEDICAL:B": 200}),
        ({C.MEDICAL: 300, C.AMBULANCE: 40}, {"MEDICAL:A": 500, "AMBULANCE:A": 50},
         {"MEDICAL:A": 300, "AMBULANCE:A": 40}),
        ({C.AMBULANCE: 40}, {"MEDICAL:A": 500}, {}),
        ({C.LOST_INCOME: 40}, {"MEDICAL:A": 500}, {}),
        ({C.MEDICAL: 300}, {}, {}),
    ],
    ids=str,
)  # fmt: skip
def test_billed_part_falls_on_its_bills_and_never_above_what_is_refundable(
    parts: dict[ClaimType, int], refundable: dict[str, int], bills: dict[str, int]
) -> None:
    assert holding_of(parts, T2.benefits, refundable).bills == bills


@given(plans, parts_of_claims, bills_of_claims)
def test_round_holds_its_parts_to_the_fen_and_no_bill_above_its_cost(
    plan: Plan, parts: dict[ClaimType, int], refundable: dict[str, int]
) -> None:
    holding = holding_of(parts, plan.benefits, refundable)
    assert {t: of.fen for t, of in holding.benefits.items()} == parts
    assert holding.fen == sum(parts.values())
    daily = {C.HOSPITAL: plan.benefits.hospital_daily_fen, C.LOST_INCOME: plan.benefits.lost_income_daily_fen}
    for claim_type, of in holding.benefits.items():
        fen = daily.get(claim_type, 0)
        assert (of.days - 1) * fen < of.fen <= of.days * fen if fen else of.days == 0
    assert all(0 < fen <= refundable[bill] for bill, fen in holding.bills.items())
    for billed in BILLED:
        own = [bill for bill in refundable if bill.startswith(f"{billed}:")]
        on_bills = sum(holding.bills.get(bill, 0) for bill in own)
        assert on_bills == min(parts.get(billed, 0), sum(refundable[bill] for bill in own))


# What goes back.


@pytest.mark.parametrize(
    ("left_fen", "left"),
    [
        (358_000, held({"MEDICAL:A": 248_000}, MEDICAL=248_000, LOST_INCOME=(110_000, 11))),
        (179_000, held({"MEDICAL:A": 124_000}, MEDICAL=124_000, LOST_INCOME=(55_000, 6))),
        (1, held({"MEDICAL:A": 1}, MEDICAL=1)),
        (0, NOTHING_HELD),
    ],
)
def test_round_keeps_its_proportions_and_a_begun_day_when_it_gives_back(left_fen: int, left: Holding) -> None:
    toe = held({"MEDICAL:A": 248_000}, MEDICAL=248_000, LOST_INCOME=(110_000, 11))
    assert given_back(toe, left_fen) == left


@given(holdings(), st.data())
def test_round_holds_what_is_left_and_no_more_of_anything_when_it_gives_back(
    holding: Holding, data: st.DataObject
) -> None:
    left_fen = data.draw(st.integers(0, holding.fen))
    left = given_back(holding, left_fen)
    assert left.fen == left_fen
    for claim_type, of in left.benefits.items():
        before = holding.of(claim_type)
        assert 0 < of.fen <= before.fen
        assert (of.days > 0) == (before.days > 0)
        assert of.days <= before.days
    assert all(0 < fen <= holding.bills[bill] for bill, fen in left.bills.items())
    for billed in BILLED:
        on_bills = sum(fen for bill, fen in left.bills.items() if bill.startswith(f"{billed}:"))
        assert on_bills <= left.of(billed).fen
    assert given_back(holding, holding.fen) == holding
    assert given_back(holding, 0) == NOTHING_HELD


# Adding and taking away.


@given(holdings(), holdings(), holdings())
def test_holdings_add_up_in_any_order_and_come_apart_again(a: Holding, b: Holding, c: Holding) -> None:
    assert a.plus(b) == b.plus(a)
    assert a.plus(b).plus(c) == a.plus(b.plus(c))
    assert a.plus(NOTHING_HELD) == a
    assert a.plus(b).minus(b) == a
    assert a.minus(a) == NOTHING_HELD
    assert a.plus(b).fen == a.fen + b.fen
    for claim_type in C:
        mine, its, both = a.of(claim_type), b.of(claim_type), a.plus(b).of(claim_type)
        assert (both.fen, both.days) == (mine.fen + its.fen, mine.days + its.days)
    assert a.of(*C).fen == a.fen


def test_nothing_is_left_out_of_a_sum_but_what_is_nothing() -> None:
    some = held({"MEDICAL:A": 5}, MEDICAL=5, HOSPITAL=(10_000, 1))
    more = held({"MEDICAL:A": 2, "MEDICAL:B": 3}, MEDICAL=5, DEATH=1)
    both = held({"MEDICAL:A": 7, "MEDICAL:B": 3}, MEDICAL=10, HOSPITAL=(10_000, 1), DEATH=1)
    assert some.plus(more) == both
    assert both.minus(more) == some
    assert both.minus(some) == more


@given(st.lists(st.tuples(st.integers(0, 3), holdings()), max_size=12))
def test_exposure_is_what_all_rounds_hold_however_they_move(moves: list[tuple[int, Holding]]) -> None:
    """Four rounds, of whichever claims, each decided, given back and decided anew, among one another."""
    exposure = PolicyExposure(policy_no="DC1")
    rounds = dict.fromkeys(range(4), NOTHING_HELD)
    for number, (which, after) in enumerate(moves, start=1):
        exposure = exposure.moved(rounds[which], after)
        rounds[which] = after
        assert exposure.version == number, "each move is one that others can tell"
        whole = NOTHING_HELD
        for known in rounds.values():
            whole = whole.plus(known)
        assert exposure.held == whole
        assert all(of.fen >= 0 and of.days >= 0 for of in exposure.held.benefits.values())
        assert all(fen > 0 for fen in exposure.held.bills.values())


@given(plans, st.lists(st.tuples(parts_of_claims, amounts), min_size=1, max_size=6))
def test_policy_never_holds_more_than_its_limits_when_every_decision_falls_within_its_room(
    plan: Plan, decisions: list[tuple[dict[ClaimType, int], int]]
) -> None:
    exposure = PolicyExposure(policy_no="DC1")
    for granted, amount in decisions:
        left = room(plan, exposure.held)
        cut = {t: min(fen, left.benefits[t]) for t, fen in granted.items()}
        for said in (cut, None):
            fen = sum(cut.values()) if said else min(amount, left.total_fen(tuple(C)))
            left = room(plan, exposure.held)
            parts = fall(fen, dict.fromkeys(C, 0), left, said)
            if parts is not None:
                exposure = exposure.moved(NOTHING_HELD, holding_of(parts, plan.benefits, {}))
    of, benefits = exposure.held.of, plan.benefits
    assert of(*LUMP_SUMS).fen <= plan.sum_insured_fen
    assert of(C.MEDICAL).fen <= benefits.medical_limit_fen
    assert of(C.AMBULANCE).fen <= benefits.ambulance_limit_fen
    assert of(C.SUDDEN_DEATH).fen <= benefits.sudden_death_fen
    assert max(of(C.HOSPITAL).days, of(C.LOST_INCOME).days) <= DAYS_PER_POLICY


@pytest.mark.parametrize(
    "own",
    [
        held(MEDICAL=2),
        held(HOSPITAL=(1, 2)),
        held(LOST_INCOME=(0, 1)),
        held({"MEDICAL:A": 2}, MEDICAL=1),
        held({"AMBULANCE:B": 1}),
    ],
)
def test_nothing_is_computed_of_a_claim_that_gave_back_meanwhile(own: Holding) -> None:
    """It was read before, the exposure after: what others hold would be less than nothing."""
    exposure = PolicyExposure(policy_no="P1", held=held({"MEDICAL:A": 1}, MEDICAL=1, HOSPITAL=(1, 1)))
    with pytest.raises(ConcurrentChangeError):
        exposure.without(own)


@given(holdings(), holdings())
def test_others_hold_what_is_left_without_ones_own(own: Holding, others: Holding) -> None:
    assert PolicyExposure(policy_no="P1", held=own.plus(others)).without(own) == others
