"""A person whom an operator or a clerk names: by number, or by an account that we know."""

from daycover.identity.person import FindPerson
from tests.support.builders import PERSON, WORKER, a_worker, an_id_number
from tests.support.fakes.identity import FakeIndex, FakeWorkers


def no_index() -> FakeIndex:
    raise AssertionError("a secret is asked for without need")


def test_number_says_who_it_is_when_both_are_given() -> None:
    find = FindPerson(workers=FakeWorkers(a_worker(person_id=PERSON)), index=FakeIndex)
    assert find(WORKER, an_id_number()) == FakeIndex().person_id(an_id_number())
    assert find(None, an_id_number()) == FakeIndex().person_id(an_id_number())


def test_account_says_who_it_is_once_proved_when_no_number_is_given() -> None:
    assert FindPerson(workers=FakeWorkers(a_worker()), index=no_index)(WORKER, None) is None
    proved = FindPerson(workers=FakeWorkers(a_worker(person_id=PERSON)), index=no_index)
    assert proved(WORKER, None) == PERSON


def test_nobody_is_found_when_nobody_we_know_is_named() -> None:
    find = FindPerson(workers=FakeWorkers(), index=no_index)
    assert find(WORKER, None) is None
    assert find(None, None) is None
