"""Unified social credit codes: as licences print them and people copy them, against another implementation."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from daycover.projects.credit_code import ALPHABET, CreditCodeFaultError, check_character, credit_code

PRINTED = ("91110000600037341L", "91350100M000100Y43", "911101085923662400")
"""Codes of known form; the second is the standard's own example."""
first_17s = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


@given(first_17s)
def test_check_character_is_what_another_implementation_says(first_17: str) -> None:
    assert check_character(first_17) == uscc.calc_check_digit(first_17)


@pytest.mark.parametrize("code", PRINTED)
def test_printed_code_is_taken_as_people_write_it(code: str) -> None:
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for written in (code, code.lower(), f" {code[:8]} {code[8:]} ", f"{code[:2]}-{code[2:]}", full_width):
        assert credit_code(written) == code


@given(first_17s, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(first_17: str, place: int, other: str) -> None:
    code = first_17 + check_character(first_17)
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        with pytest.raises(CreditCodeFaultError):
            credit_code(wrong)


@pytest.mark.parametrize(
    "written", ["", "91110000600037341", "91110000600037341LL", "9111000060003734IL", "王小明"]
)
def test_what_is_no_code_is_refused_in_both_languages(written: str) -> None:
    with pytest.raises(CreditCodeFaultError) as refused:
        credit_code(written)
    assert len(refused.value.args) == 2


def test_two_characters_that_changed_places_are_found_nearly_always() -> None:
    rng = random.Random(20261129)
    found = tried = 0
    for _ in range(2000):
        first = "".join(rng.choices(ALPHABET, k=17))
        code = first + check_character(first)
        place = rng.randrange(16)
        if code[place] == code[place + 1]:
            continue
        tried += 1
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        found += swapped[-1] != check_character(swapped[:-1])
    assert found == tried
