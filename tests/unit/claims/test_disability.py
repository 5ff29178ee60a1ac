from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.claims.disability import DisabilityGradeError, final_grade, percentage_bps

pytestmark = pytest.mark.disable_socket

grades_of_one_accident = st.lists(st.integers(1, 10), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("grades", "final"),
    [
        ([9, 9], 8),
        ([10, 10, 10], 9),
        ([1, 1], 1),
        ([7, 10], 7),
        ([10, 7], 7),
        ([7, 10, 10], 7),
        ([10], 10),
        ([2, 2, 2, 2], 1),
    ],
)
def test_worst_grade_is_raised_once_when_several_injuries_share_it(grades: Any, final: Any) -> None:
    assert final_grade(grades) == final


@pytest.mark.parametrize(
    ("grade", "bps"),
    [
        (1, 10_000),
        (2, 9_000),
        (3, 8_000),
        (4, 7_000),
        (5, 6_000),
        (6, 5_000),
        (7, 4_000),
        (8, 3_000),
        (9, 2_000),
        (10, 1_000),
    ],
)
def test_percentage_is_that_of_the_accident_standard_when_grade_is_known(grade: Any, bps: Any) -> None:
    assert percentage_bps(grade) == bps


@pytest.mark.parametrize("grades", [[], [0], [11], [-1], [9, 11], [1, 0]])
def test_grade_is_an_error_when_the_scale_does_not_have_it(grades: Any) -> None:
    with pytest.raises(DisabilityGradeError):
        final_grade(grades)


@pytest.mark.parametrize("grade", [-1, 0, 11])
def test_percentage_is_an_error_when_the_scale_does_not_have_the_grade(grade: Any) -> None:
    with pytest.raises(DisabilityGradeError):
        percentage_bps(grade)


@given(grades_of_one_accident, st.integers(1, 10))
def test_final_grade_never_gets_lighter_when_an_injury_is_added(grades: Any, another: Any) -> None:
    assert final_grade([*grades, another]) <= final_grade(grades)


@given(grades_of_one_accident)
def test_final_grade_is_at_most_one_above_the_worst_when_there_are_any_injuries(grades: Any) -> None:
    assert min(grades) - 1 <= final_grade(grades) <= min(grades)
    assert 1 <= final_grade(grades) <= 10


@given(grades_of_one_accident, st.randoms(use_true_random=False))
def test_final_grade_is_the_same_when_the_order_differs(grades: Any, random: Any) -> None:
    shuffled = list(grades)
    random.shuffle(shuffled)
    assert final_grade(shuffled) == final_grade(grades)
