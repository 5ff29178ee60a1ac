"""A person whom an operator or a clerk names: by number, or by an account that we know."""

import pytest

from daycover.identity.document import IdDocumentType
from daycover.identity.person import FindPerson
from daycover.identity.resident_id import ResidentIdError
from tests.support.builders import NOW, PERSON, WORKER, a_worker, an_id_number
from tests.support.fakes.identity import FakeIndex, FakeWorkers

RESIDENT = IdDocumentType.RESIDENT_ID


def no_index() -> FakeIndex:
    raise AssertionError("a secret is asked for without need")


def test_number_says_who_it_is_when_both_are_given() -> None:
    find = FindPerson(workers=FakeWorkers(a_worker(person_id=PERSON)), index=FakeIndex, now=lambda: NOW)
    assert find(WORKER, RESIDENT, an_id_number()) == FakeIndex().person_id(an_id_number())
    assert find(None, RESIDENT, an_id_number()) == FakeIndex().person_id(an_id_number())


def test_account_says_who_it_is_once_proved_when_no_number_is_given() -> None:
    assert (
        FindPerson(workers=FakeWorkers(a_worker()), index=no_index, now=lambda: NOW)(WORKER, RESIDENT, None)
        is None
    )
    proved = FindPerson(workers=FakeWorkers(a_worker(person_id=PERSON)), index=no_index, now=lambda: NOW)
    assert proved(WORKER, RESIDENT, None) == PERSON


def test_nobody_is_found_when_nobody_we_know_is_named() -> None:
    find = FindPerson(workers=FakeWorkers(), index=no_index, now=lambda: NOW)
    assert find(WORKER, RESIDENT, None) is None
    assert find(None, RESIDENT, None) is None


def test_person_is_the_same_when_the_number_is_typed_full_width_or_as_another_kind() -> None:
    find = FindPerson(workers=FakeWorkers(), index=FakeIndex, now=lambda: NOW)
    known = FakeIndex().person_id(an_id_number())
    assert find(None, IdDocumentType.PASSPORT, an_id_number()) == known
    assert find(None, RESIDENT, "１１０１０５ 19900307 ００２５") == known
    with pytest.raises(ResidentIdError):
        find(None, RESIDENT, "110105199003070026")
