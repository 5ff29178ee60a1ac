"""Ages at the start of cover: 16 to 65 in full years, from class 5 on at least 18, and what a refusal says."""

from datetime import date

import pytest

from daycover.cover.underwriting import AgeOutOfRangeError, MinorInHazardousWorkError, check_age

DAY = date(2026, 11, 24)


def born(age: int, *, days_before: int = 0) -> date:
    """Somebody whose birthday of that age is on DAY, or so many days after it."""
    return date(DAY.year - age, DAY.month, DAY.day + days_before)


@pytest.mark.parametrize(
    ("age", "occupation_class"), [(16, 1), (16, 4), (17, 4), (18, 5), (18, 6), (65, 1), (65, 6)]
)
def test_age_is_insured_when_it_is_at_a_bound(age: int, occupation_class: int) -> None:
    check_age(born(age), DAY, occupation_class)


@pytest.mark.parametrize(
    ("birth", "maximum", "referable"),
    [
        (born(16, days_before=1), 65, False),
        (born(66), 65, True),
        (born(70), 65, True),
        (born(71), 65, False),
        (born(70), 69, True),
        (born(71), 70, False),
    ],
)
def test_refusal_says_the_bounds_and_who_may_decide_when_the_age_is_outside(
    birth: date, maximum: int, referable: bool
) -> None:
    with pytest.raises(AgeOutOfRangeError) as refusal:
        check_age(birth, DAY, 1, maximum=maximum)
    assert refusal.value.facts == {"minimum": 16, "maximum": maximum, "referable": referable}


@pytest.mark.parametrize("occupation_class", [5, 6])
def test_minor_is_refused_when_the_work_is_hazardous(occupation_class: int) -> None:
    with pytest.raises(MinorInHazardousWorkError) as refusal:
        check_age(born(18, days_before=1), DAY, occupation_class)
    assert refusal.value.facts == {"minimum": 18, "occupation_class": occupation_class}
