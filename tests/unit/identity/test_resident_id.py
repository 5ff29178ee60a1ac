"""GB 11643 numbers, and full years as Chinese law counts them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.cover.underwriting import AgeOutOfRangeError, MinorInHazardousWorkError, check_age
from daycover.identity.resident_id import ResidentIdError, age_on, birth_date, check_character, normalise
from tests.support.builders import an_id_number

KNOWN = ("11010519491231002X", "440524188001010014")
"""The two examples of GB 11643-1999."""

bodies = st.tuples(
    st.from_regex(r"[1-8][0-9]{5}", fullmatch=True),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
).map(lambda parts: f"{parts[0]}{parts[1]:%Y%m%d}{parts[2]}")


@pytest.mark.parametrize("number", KNOWN)
def test_number_is_accepted_when_it_is_the_standards_example(number: str) -> None:
    assert normalise(number) == number
    assert normalise(f" {number.lower()} ") == number


@given(bodies)
def test_number_is_accepted_when_its_check_character_is_right(body: str) -> None:
    number = body + check_character(body)
    assert normalise(number) == number
    assert birth_date(number).strftime("%Y%m%d") == body[6:14]


@given(bodies, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_number_is_refused_when_any_single_character_is_wrong(body: str, place: int, wrong: str) -> None:
    number = body + check_character(body)
    if number[place] != wrong:
        with pytest.raises(ResidentIdError):
            normalise(number[:place] + wrong + number[place + 1 :])


@given(bodies, st.integers(0, 16))
def test_number_is_refused_when_neighbours_are_swapped(body: str, place: int) -> None:
    number = body + check_character(body)
    if number[place] != number[place + 1]:
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        with pytest.raises(ResidentIdError):
            normalise(swapped)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "110105491231002",  # the 15 digits of before 1999
        "11010519491231002",
        "11010519491231002XX",
        "1101051949123100２X",  # full-width digit
        "11010519491231O02X",
        an_id_number("20230229"),  # no such day
        an_id_number("20231301"),
        an_id_number("20230400"),
    ],
)
def test_number_is_refused_when_its_form_or_date_is_wrong(number: str) -> None:
    with pytest.raises(ResidentIdError):
        normalise(number)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("20101124", date(2026, 11, 23), 15),
        ("20101124", date(2026, 11, 24), 16),
        ("19601124", date(2026, 11, 23), 65),
        ("19601124", date(2026, 11, 24), 66),
        ("20080229", date(2026, 2, 28), 17),
        ("20080229", date(2026, 3, 1), 18),
        ("20080229", date(2028, 2, 28), 19),
        ("20080229", date(2028, 2, 29), 20),
    ],
)
def test_age_counts_full_years_when_the_birthday_is_near(born: str, day: date, age: int) -> None:
    assert age_on(an_id_number(born), day) == age


@pytest.mark.parametrize(
    ("born", "accepted"),
    [("20101125", False), ("20101124", True), ("19601125", True), ("19601124", False), ("20270101", False)],
)
def test_age_is_accepted_from_16_to_65_full_years_when_checked(born: str, accepted: bool) -> None:
    day = date(2026, 11, 24)
    if accepted:
        check_age(an_id_number(born), day, 3)
    else:
        with pytest.raises(AgeOutOfRangeError) as refusal:
            check_age(an_id_number(born), day, 3)
        assert refusal.value.facts == {"minimum": 16, "maximum": 65}


@pytest.mark.parametrize(
    ("born", "occupation_class", "refused"),
    [("20081125", 5, True), ("20081124", 5, False), ("20081125", 4, False), ("20081125", 6, True)],
)
def test_minor_is_refused_when_the_work_is_hazardous(born: str, occupation_class: int, refused: bool) -> None:
    day = date(2026, 11, 24)
    if refused:
        with pytest.raises(MinorInHazardousWorkError):
            check_age(an_id_number(born), day, occupation_class)
    else:
        check_age(an_id_number(born), day, occupation_class)
