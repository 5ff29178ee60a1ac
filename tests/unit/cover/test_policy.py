"""Policy numbers that a person can read out on the phone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover import crockford
from daycover.cover.policy import (
    KEPT_AFTER_END,
    PolicyNotFoundError,
    PolicyStatus,
    locate,
    mask_name,
    policy_number,
)
from tests.support.builders import NOW, PERSON, a_policy

persons = st.integers(0, 2**100 - 1).map(lambda number: crockford.encode(number, 20))
sequences = st.integers(1, 2**20 - 1)
instants = st.integers(0, 74 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(persons, sequences, instants)
def test_number_leads_back_to_person_and_place_when_read(person: str, sequence: int, at: datetime) -> None:
    number = policy_number(person, sequence, at)
    assert len(number) == 30
    assert locate(number) == (person, sequence)
    assert locate(f"  {number.lower()} ") == (person, sequence)


def test_number_is_refused_when_any_single_character_is_wrong() -> None:
    number = policy_number(PERSON, 4711, NOW)
    for place, right in enumerate(number):
        for wrong in crockford.ALPHABET + "ILOU-王":
            if wrong == right:
                continue
            with pytest.raises(PolicyNotFoundError):
                locate(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize(
    "number", ["", "D", "DC", "DC" + "0" * 27, "DC" + "0" * 29, "XX" + "0" * 28, "王" * 30]
)
def test_number_is_refused_when_it_has_another_form(number: str) -> None:
    with pytest.raises(PolicyNotFoundError):
        locate(number)


def test_most_swapped_neighbours_are_noticed_when_read_out_in_the_wrong_order() -> None:
    body = "DC" + PERSON + "ABC0123"
    number = body + crockford.check_character(body)
    pairs = [(i, i + 1) for i in range(2, 28) if number[i] != number[i + 1]]
    missed = 0
    for i, j in pairs:
        swapped = number[:i] + number[j] + number[i] + number[j + 1 :]
        try:
            locate(swapped)
        except PolicyNotFoundError:
            continue
        missed += 1
    assert missed <= 1


@given(st.sets(st.tuples(persons, sequences, st.integers(0, 20_000)), min_size=2, max_size=30))
def test_numbers_differ_when_person_place_or_day_differs(facts: set[tuple[str, int, int]]) -> None:
    epoch = datetime(2026, 1, 1, tzinfo=UTC)
    numbers = {policy_number(who, place, epoch + timedelta(days=day)) for who, place, day in facts}
    assert len(numbers) == len(facts)


def test_policy_is_in_force_only_when_issued_and_the_clock_is_inside() -> None:
    policy = a_policy()
    assert policy.in_force(NOW)
    assert policy.in_force(NOW + timedelta(hours=24, microseconds=-1))
    assert not policy.in_force(NOW + timedelta(hours=24))
    assert not policy.in_force(NOW - timedelta(microseconds=1))
    for status in set(PolicyStatus) - {PolicyStatus.ISSUED}:
        assert not a_policy(status=status).in_force(NOW)


def test_policy_is_kept_for_days_when_its_cover_has_ended() -> None:
    assert a_policy().forgotten_at - a_policy().period.end == KEPT_AFTER_END >= timedelta(days=7)


@pytest.mark.parametrize(
    ("name", "masked"), [("王小明", "王**"), ("王明", "王*"), ("王", "王*"), ("Maria", "M****")]
)
def test_name_keeps_its_first_character_only_when_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked
