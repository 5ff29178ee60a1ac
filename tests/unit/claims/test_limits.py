"""What the machine may not approve: sums, first claims, the sample, and a day's caps."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.claims.limits import is_sampled, limit_reasons
from daycover.claims.spending import Spent, cap_reasons, is_capped, spending_of
from daycover.errors import ConcurrentChangeError
from tests.support.claims import LIMITS
from tests.support.fakes.claims import FakeSpending

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("total_fen", "is_first_claim", "reasons"),
    [
        (500_000, False, ()),
        (500_001, False, ("ABOVE_LIMIT",)),
        (400_000, True, ()),
        (400_001, True, ("FIRST_CLAIM",)),
        (500_001, True, ("ABOVE_LIMIT", "FIRST_CLAIM")),
    ],
)
def test_person_decides_when_the_sum_is_above_a_limit(
    total_fen: int, is_first_claim: bool, reasons: tuple[str, ...]
) -> None:
    assert limit_reasons("CL1", total_fen, is_first_claim, LIMITS) == reasons


def test_sample_is_the_share_that_the_parameter_says_and_the_same_each_time() -> None:
    numbers = [f"CL{number:024}" for number in range(20_000)]
    sampled = [number for number in numbers if is_sampled(number, 500)]
    assert 900 < len(sampled) < 1_100  # 1,000 expected, three deviations are 92
    assert sampled == [number for number in numbers if is_sampled(number, 500)]
    assert limit_reasons(sampled[0], 1, False, replace(LIMITS, sample_bps=500)) == ("SAMPLED",)
    assert not any(is_sampled(number, 0) for number in numbers)
    assert all(is_sampled(number, 10_000) for number in numbers)
    more = {number for number in numbers if is_sampled(number, 1_000)}
    assert more > set(sampled)


@pytest.mark.parametrize(("chance", "place"), [("CL1", 2_287), ("CL2", 3_486)])
def test_claim_that_is_of_the_sample_stays_of_it_from_one_release_to_the_next(
    chance: str, place: int
) -> None:
    """The first eight bytes of `printf 'sample|CL1' | sha256sum`, modulo 10,000."""
    assert is_sampled(chance, place + 1)
    assert not is_sampled(chance, place)


@pytest.mark.parametrize(
    ("spent", "reasons"),
    [
        (Spent(1_999_900, 9_999_900, 99_999_900), ()),
        (Spent(1_999_901, 0, 0), ("DAILY_CAP_PROJECT",)),
        (Spent(0, 9_999_901, 0), ("DAILY_CAP_COMPANY",)),
        (Spent(0, 0, 99_999_901), ("DAILY_CAP_ALL",)),
        (
            Spent(2_000_000, 10_000_000, 100_000_000),
            ("DAILY_CAP_PROJECT", "DAILY_CAP_COMPANY", "DAILY_CAP_ALL"),
        ),
    ],
)
def test_person_decides_when_a_cap_of_the_day_would_be_passed(spent: Spent, reasons: tuple[str, ...]) -> None:
    assert cap_reasons(spent, 100, LIMITS) == reasons
    assert is_capped(("SAMPLED", *reasons)) is bool(reasons)


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("CD"), st.integers(1, 500_000)), max_size=40)
)
def test_rule_and_write_agree_and_no_sum_passes_its_cap(approvals: list[tuple[str, str, int]]) -> None:
    limits = replace(LIMITS, cap_project_fen=1_000_000, cap_company_fen=1_500_000, cap_all_fen=1_800_000)
    store = FakeSpending()
    for project, company, amount_fen in approvals:
        reasons = cap_reasons(store.spent(DAY, project, company), amount_fen, limits)
        spending = spending_of(DAY, project, company, amount_fen, limits)
        if reasons:
            with pytest.raises(ConcurrentChangeError):
                store.add(spending)
        else:
            store.add(spending)
        spent = store.spent(DAY, project, company)
        assert spent.project_fen <= 1_000_000
        assert spent.company_fen <= 1_500_000
        assert spent.all_fen <= 1_800_000
