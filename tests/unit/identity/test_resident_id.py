"""GB 11643 numbers, and full years as Chinese law counts them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from daycover.cover.underwriting import AgeOutOfRangeError, MinorInHazardousWorkError, check_age
from daycover.identity.age import age_on
from daycover.identity.document import IdDocumentType, id_document
from daycover.identity.resident_id import PROVINCES, ResidentIdError, birth_date, check_character
from tests.support.builders import an_id_number

TODAY = date(2026, 11, 24)
KNOWN = ("11010519491231002X", "440524188001010014")
"""The two examples of GB 11643-1999."""

bodies = st.tuples(
    st.sampled_from(sorted(PROVINCES)),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    st.dates(date(1900, 1, 1), TODAY),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
).map(lambda parts: f"{parts[0]}{parts[1]}{parts[2]:%Y%m%d}{parts[3]}")


def resident(number: str) -> str:
    shown = id_document(IdDocumentType.RESIDENT_ID, number, TODAY)
    assert (shown.type, shown.birth_date) == (IdDocumentType.RESIDENT_ID, birth_date(shown.number))
    return shown.number


def with_check(body: str) -> str:
    return body + check_character(body)


@pytest.mark.parametrize("number", KNOWN)
def test_number_is_accepted_when_it_is_the_standards_example(number: str) -> None:
    assert resident(number) == number
    assert resident(f" {number.lower()} ") == number
    assert resident(f"{number[:6]} {number[6:14]}\u200b{number[14:]}") == number


@given(bodies)
def test_number_is_accepted_when_its_check_character_is_right(body: str) -> None:
    number = with_check(body)
    assert resident(number) == number
    assert f"{birth_date(number):%Y%m%d}" == body[6:14]


@given(bodies, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_number_is_refused_when_any_single_character_is_wrong(body: str, place: int, wrong: str) -> None:
    number = with_check(body)
    if number[place] != wrong:
        with pytest.raises(ResidentIdError):
            resident(number[:place] + wrong + number[place + 1 :])


@given(bodies, st.integers(0, 16))
def test_number_is_refused_when_neighbours_are_swapped(body: str, place: int) -> None:
    number = with_check(body)
    if number[place] != number[place + 1]:
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        with pytest.raises(ResidentIdError):
            resident(swapped)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "110105491231002",  # the 15 digits of before 1999
        "11010519491231002",
        "11010519491231002XX",
        "1101051949123100\u0662X",  # an Arabic digit
        "11010519491231O02X",
        an_id_number("20230229"),  # no such day
        an_id_number("20231301"),
        an_id_number("20230400"),
        an_id_number("00000000"),
        an_id_number("20261125"),  # tomorrow
        an_id_number("20990101"),
        an_id_number("18760101"),  # nobody lives for 150 years
        with_check("00000019900307002"),
        with_check("01010519900307002"),
        with_check("16010519900307002"),
        with_check("81010119900307002"),  # Hong Kong, but no residence permit
        with_check("83010119900307002"),
    ],
)
def test_number_is_refused_when_its_form_area_or_date_is_wrong(number: str) -> None:
    with pytest.raises(ResidentIdError):
        resident(number)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2010, 11, 24), date(2026, 11, 23), 15),
        (date(2010, 11, 24), date(2026, 11, 24), 16),
        (date(1960, 11, 24), date(2026, 11, 23), 65),
        (date(1960, 11, 24), date(2026, 11, 24), 66),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
    ],
)
def test_age_counts_full_years_when_the_birthday_is_near(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


@pytest.mark.parametrize(
    ("born", "accepted"),
    [
        (date(2010, 11, 25), False),
        (date(2010, 11, 24), True),
        (date(1960, 11, 25), True),
        (date(1960, 11, 24), False),
    ],
)
def test_age_is_accepted_from_16_to_65_full_years_when_checked(born: date, accepted: bool) -> None:
    if accepted:
        check_age(born, TODAY, 3)
    else:
        with pytest.raises(AgeOutOfRangeError) as refusal:
            check_age(born, TODAY, 3)
        may_be_referred = born.year == 1960
        assert refusal.value.facts == {"minimum": 16, "maximum": 65, "referable": may_be_referred}


@pytest.mark.parametrize(
    ("born", "occupation_class", "refused"),
    [
        (date(2008, 11, 25), 5, True),
        (date(2008, 11, 24), 5, False),
        (date(2008, 11, 25), 4, False),
        (date(2008, 11, 25), 6, True),
    ],
)
def test_minor_is_refused_when_the_work_is_hazardous(
    born: date, occupation_class: int, refused: bool
) -> None:
    if refused:
        with pytest.raises(MinorInHazardousWorkError):
            check_age(born, TODAY, occupation_class)
    else:
        check_age(born, TODAY, occupation_class)


@pytest.mark.parametrize("born", ["20261124", "18770101"])
def test_number_is_accepted_when_its_bearer_was_born_today_or_before_anybody_else_alive(born: str) -> None:
    assert resident(an_id_number(born)) == an_id_number(born)


@pytest.mark.parametrize("body", ["", "1101051949123100", "110105194912310021"])
def test_check_character_is_of_seventeen_digits_and_of_no_other_number(body: str) -> None:
    with pytest.raises(ValueError):
        check_character(body)


@given(bodies)
def test_check_character_is_what_another_hand_computes(body: str) -> None:
    assert check_character(body) == mod_11_2.calc_check_digit(body)
