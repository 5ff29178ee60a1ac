"""Numbers of identity documents: each is what its number says, each kind a person of its own."""

from datetime import date
from itertools import combinations

import pytest

from daycover.errors import DaycoverError
from daycover.identity.document import (
    BirthDateError,
    BirthDateMissingError,
    DocumentNumberError,
    IdDocument,
    IdDocumentType,
    id_document,
    indexed,
)
from daycover.identity.resident_id import ResidentIdError
from daycover.identity.worker import Identity
from daycover.platform.security import BlindIndex
from tests.support.builders import an_id_number, numbered

RESIDENT, PASSPORT = IdDocumentType.RESIDENT_ID, IdDocumentType.PASSPORT
HK_MO, TAIWAN = IdDocumentType.HK_MO_PERMIT, IdDocumentType.TW_PERMIT
PERMIT, FOREIGNER = (
    IdDocumentType.HK_MO_TW_RESIDENCE_PERMIT,
    IdDocumentType.FOREIGNER_PERMANENT_RESIDENCE,
)
INDEX = BlindIndex(b"k" * 32)
TODAY = date(2026, 11, 24)
NEW_CARD, OLD_CARD = "911124198108030024", "CAN110181080310"
"""The specimen of the National Immigration Administration: the card of 2023 and the one of 2017."""
BORN = date(1981, 8, 3)


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        (RESIDENT, " 11010519491231002x ", "11010519491231002X"),
        (RESIDENT, "１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        (RESIDENT, "110105 19491231 002x", "11010519491231002X"),
        (RESIDENT, "110105-19491231-002X", "11010519491231002X"),
        (RESIDENT, "１１０１０５－１９４９１２３１—００２Ｘ", "11010519491231002X"),
        (RESIDENT, "\u202a110105\u201119491231\u2212002X\u202c", "11010519491231002X"),
        (PERMIT, numbered("810000")[:6] + "-" + numbered("810000")[6:], numbered("810000")),
        (FOREIGNER, "CAN-1101-81080310", OLD_CARD),
        (PASSPORT, " e12345678 ", "E12345678"),
        (PASSPORT, "E１２３４５６７８", "E12345678"),
        (PASSPORT, "EA1234567", "EA1234567"),
        (PASSPORT, "C01X00T47", "C01X00T47"),
        (PASSPORT, "12345", "12345"),
        (HK_MO, "h12345678", "H12345678"),
        (HK_MO, "M1234567801", "M1234567801"),
        (HK_MO, "ha1234567", "HA1234567"),
        (HK_MO, "MA123456701", "MA123456701"),
        (TAIWAN, "12345678", "12345678"),
        (TAIWAN, "1234567801", "1234567801"),
    ],
)
def test_number_is_given_in_capitals_when_it_has_the_form_of_its_kind(
    kind: IdDocumentType, typed: str, number: str
) -> None:
    assert id_document(kind, typed, TODAY)[:2] == (kind, number)


@pytest.mark.parametrize("stated", [RESIDENT, PERMIT, FOREIGNER, PASSPORT, HK_MO, TAIWAN])
@pytest.mark.parametrize(
    ("number", "kind", "born"),
    [
        (an_id_number(), RESIDENT, date(1990, 3, 7)),
        (numbered("710000"), RESIDENT, date(1990, 3, 7)),
        (numbered("810000"), PERMIT, date(1990, 3, 7)),
        (numbered("820000"), PERMIT, date(1990, 3, 7)),
        (numbered("830000"), PERMIT, date(1990, 3, 7)),
        (NEW_CARD, FOREIGNER, BORN),
        (numbered("911840"), FOREIGNER, date(1990, 3, 7)),
        (OLD_CARD, FOREIGNER, BORN),
    ],
)
def test_document_is_what_its_number_says_when_another_kind_was_stated(
    stated: IdDocumentType, number: str, kind: IdDocumentType, born: date
) -> None:
    assert id_document(stated, number.lower(), TODAY) == IdDocument(kind, number, born)
    assert id_document(stated, number, TODAY, born) == IdDocument(kind, number, born)
    with pytest.raises(BirthDateError):
        id_document(stated, number, TODAY, date(1985, 5, 5))


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (PASSPORT, "1234"),
        (PASSPORT, "E123456789"),
        (PASSPORT, "WANGXIAO"),
        (PASSPORT, "E1234-678"),
        (PASSPORT, "E1234567\u0668"),
        (PASSPORT, "ı12345678"),
        (PASSPORT, "ſ12345678ß"),
        (PASSPORT, "E12345678\x00"),
        (PASSPORT, ""),
        (HK_MO, "12345678"),
        (HK_MO, "C12345678"),
        (HK_MO, "HB1234567"),
        (HK_MO, "AA1234567"),
        (HK_MO, "HA12345678"),
        (HK_MO, "H123456789"),
        (HK_MO, "H1234567\u0668"),
        (TAIWAN, "T12345678"),
        (TAIWAN, "123456789"),
        (TAIWAN, "1234567\u0668"),
        (PERMIT, "81000019900307002"),
        (PERMIT, numbered("810000")[:-1] + "A"),
        (PERMIT, numbered("830000", "20990101")),
        (PERMIT, "H12345678"),
        (FOREIGNER, NEW_CARD[:-1] + "5"),
        (FOREIGNER, numbered("911124", "20261125")),
        (FOREIGNER, "CAN110181133110"),
        (FOREIGNER, "CAN11018108031"),
        (FOREIGNER, "C12345678"),
    ],
)
def test_number_is_refused_when_it_has_another_form(kind: IdDocumentType, number: str) -> None:
    with pytest.raises(DocumentNumberError) as refused:
        id_document(kind, number, TODAY)
    assert refused.value.facts == {"document_type": kind.value}
    assert not number or number not in str(refused.value)


@pytest.mark.parametrize(
    "number", ["110105194912310021", numbered("000000"), "E12345678", "H12345678", NEW_CARD[:-1] + "X"]
)
def test_resident_id_is_refused_when_its_number_is_none(number: str) -> None:
    with pytest.raises(ResidentIdError):
        id_document(RESIDENT, number, TODAY)


def test_birth_date_is_wanted_when_the_number_tells_none() -> None:
    for kind, number in ((PASSPORT, "E12345678"), (HK_MO, "H12345678"), (TAIWAN, "12345678")):
        assert id_document(kind, number, TODAY).birth_date is None
        with pytest.raises(BirthDateMissingError):
            Identity.of("王小明", id_document(kind, number, TODAY), "P1")
        stated = id_document(kind, number, TODAY, BORN)
        assert Identity.of("王小明", stated, "P1").birth_date == BORN
        for impossible in (date(2026, 11, 25), date(1876, 11, 24)):
            with pytest.raises(BirthDateError):
                id_document(kind, number, TODAY, impossible)


def test_century_is_wanted_when_an_old_card_can_mean_two() -> None:
    number = "CAN110110080310"
    assert id_document(FOREIGNER, number, TODAY).birth_date is None
    for born in (date(1910, 8, 3), date(2010, 8, 3)):
        assert id_document(FOREIGNER, number, TODAY, born).birth_date == born


@pytest.mark.parametrize("number", ["", "1", "\x00", "\ud800", "９", "X" * 400])
@pytest.mark.parametrize("kind", list(IdDocumentType))
def test_refusal_is_ours_when_the_number_is_nothing_of_the_kind(kind: IdDocumentType, number: str) -> None:
    with pytest.raises(DaycoverError):
        id_document(kind, number, TODAY)


def test_kinds_are_persons_apart_when_the_number_is_one() -> None:
    for number in ("12345678", "H12345678"):
        persons = [INDEX.person_id(indexed(kind, number)) for kind in IdDocumentType]
        assert all(a != b for a, b in combinations(persons, 2))


@pytest.mark.parametrize("number", [an_id_number(), numbered("810000"), NEW_CARD])
def test_person_is_one_when_a_number_of_18_was_stated_as_different_kinds(number: str) -> None:
    assert {indexed(kind, number.lower()) for kind in IdDocumentType} == {number}


def test_person_stays_one_when_a_permit_was_renewed_or_typed_small() -> None:
    for kind, number in ((HK_MO, "H12345678"), (HK_MO, "HA1234567"), (TAIWAN, "12345678")):
        renewed = {indexed(kind, typed) for typed in (number, f"{number}00", f" {number.lower()}02 ")}
        assert renewed == {indexed(kind, number)}
    assert indexed(PASSPORT, "1234567801") != indexed(PASSPORT, "12345678")
    assert indexed(HK_MO, "H12345678") != indexed(HK_MO, "M12345678")
    assert indexed(RESIDENT, OLD_CARD) == indexed(FOREIGNER, OLD_CARD.lower())
