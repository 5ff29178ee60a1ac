"""Telephone numbers as people type them, in one form."""

import pytest

from daycover.identity.phone import PhoneNumberError, phone_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("0086 13800138000", "13800138000"),
        ("86-138 0013 8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("19912345678", "19912345678"),
        ("010-62345678", "010-62345678"),
        ("(010) 6234 5678", "010-62345678"),
        ("+86 10 62345678", "010-62345678"),
        ("0755 2345 6789", "0755-23456789"),
        ("0913-2345678", "0913-2345678"),
        ("021-62345678转8012", "021-62345678x8012"),
        ("021-62345678 ext. 12", "021-62345678x12"),
        ("400-810-0000", "4008100000"),
    ],
)
def test_number_has_one_form_when_it_is_typed(typed: str, number: str) -> None:
    assert phone_number(typed) == number
    assert phone_number(number) == number


@pytest.mark.parametrize(
    "typed", ["", "110", "62345678", "1380013800", "138001380000", "12800138000", "call me", "010-1234567"]
)
def test_number_is_refused_when_nobody_can_be_called(typed: str) -> None:
    with pytest.raises(PhoneNumberError):
        phone_number(typed)
