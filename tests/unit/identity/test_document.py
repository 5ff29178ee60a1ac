"""Numbers of identity documents: each of the form of its kind, each kind a person of its own."""

from itertools import combinations

import pytest

from daycover.identity.document import DocumentNumberError, IdDocumentType, checked, indexed
from daycover.identity.resident_id import ResidentIdError
from daycover.platform.security import BlindIndex
from tests.support.builders import an_id_number

PASSPORT, HK_MO, TAIWAN = IdDocumentType.PASSPORT, IdDocumentType.HK_MO_PERMIT, IdDocumentType.TW_PERMIT
INDEX = BlindIndex(b"k" * 32)


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        (IdDocumentType.RESIDENT_ID, " 11010519491231002x ", "11010519491231002X"),
        (PASSPORT, " e12345678 ", "E12345678"),
        (PASSPORT, "EA1234567", "EA1234567"),
        (PASSPORT, "C01X00T47", "C01X00T47"),
        (PASSPORT, "12345", "12345"),
        (HK_MO, "h12345678", "H12345678"),
        (HK_MO, "M1234567801", "M1234567801"),
        (TAIWAN, "12345678", "12345678"),
        (TAIWAN, "1234567801", "1234567801"),
    ],
)
def test_number_is_given_in_capitals_when_it_has_the_form_of_its_kind(
    kind: IdDocumentType, typed: str, number: str
) -> None:
    assert checked(kind, typed) == number


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (PASSPORT, "1234"),
        (PASSPORT, "E123456789"),
        (PASSPORT, "WANGXIAO"),
        (PASSPORT, "E1234-678"),
        (PASSPORT, "E１２３４５６７８"),
        (PASSPORT, "E1234567\u0668"),
        (PASSPORT, "ſ12345678ß"),
        (PASSPORT, ""),
        (HK_MO, "12345678"),
        (HK_MO, "C12345678"),
        (HK_MO, "H123456789"),
        (HK_MO, "H1234567\u0668"),
        (HK_MO, "H12345678\n1"),
        (TAIWAN, "T12345678"),
        (TAIWAN, "123456789"),
        (TAIWAN, "1234567\u0668"),
    ],
)
def test_number_is_refused_when_it_has_another_form(kind: IdDocumentType, number: str) -> None:
    with pytest.raises(DocumentNumberError) as refused:
        checked(kind, number)
    assert refused.value.facts == {"document_type": kind.value}
    assert not number or number not in str(refused.value)


def test_resident_id_is_refused_when_its_check_character_is_wrong() -> None:
    with pytest.raises(ResidentIdError):
        checked(IdDocumentType.RESIDENT_ID, "110105194912310021")


def test_kinds_are_persons_apart_when_the_number_is_one() -> None:
    resident = an_id_number()
    for number in (resident, "12345678", "H12345678"):
        persons = [INDEX.person_id(indexed(kind, number)) for kind in IdDocumentType]
        assert all(a != b for a, b in combinations(persons, 2))
    assert INDEX.person_id(indexed(IdDocumentType.RESIDENT_ID, resident)) == INDEX.person_id(resident)


def test_person_stays_one_when_a_permit_was_renewed_or_typed_small() -> None:
    for kind, number in ((HK_MO, "H12345678"), (TAIWAN, "12345678")):
        renewed = {indexed(kind, typed) for typed in (number, f"{number}00", f" {number.lower()}02 ")}
        assert renewed == {indexed(kind, number)}
    assert indexed(PASSPORT, "1234567801") != indexed(PASSPORT, "12345678")
    assert indexed(HK_MO, "H12345678") != indexed(HK_MO, "M12345678")
