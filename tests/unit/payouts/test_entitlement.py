"""Who of the beneficiaries is entitled: minors with a guardian, who forfeited or died first, in whose name is paid."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from daycover.claims.lifecycle import ClaimStatus
from daycover.identity.document import DocumentNumberError, IdDocumentType
from daycover.payouts.beneficiaries import BeneficiariesInvalidError, BeneficiaryPaidError, HeirsOf
from daycover.payouts.beneficiary import (
    Basis,
    Beneficiary,
    Guardian,
    Holder,
    LossOfRight,
    entitled,
)
from tests.support.builders import an_id_number
from tests.support.claims import REPORTED_AT
from tests.unit.payouts.test_beneficiaries import a_beneficiary, assert_paid, confirmed, dead, run_all

MOTHER = Guardian(
    name="母亲",
    document_type=IdDocumentType.RESIDENT_ID,
    document_number=an_id_number("19850505", "006"),
    relation="母亲",
)
TODAY = REPORTED_AT.date()


def a_child(number: int = 1, share: str = "1/1", **changes: Any) -> Beneficiary:
    """Ten years old."""
    child = {"document_number": an_id_number("20160101", f"{number:03d}"), "guardian": MOTHER}
    return a_beneficiary(number, share, **child | changes)


def aged(years: int, *, short_of: int = 0) -> Guardian:
    """Somebody of so many years today, or in `short_of` days."""
    born = TODAY.replace(year=TODAY.year - years) + timedelta(days=short_of)
    return MOTHER.model_copy(update={"document_number": an_id_number(f"{born:%Y%m%d}", "006")})


def loses(person: Beneficiary, why: LossOfRight = LossOfRight.FORFEITED) -> Beneficiary:
    return person.model_copy(update={"loses": why, "loses_reason": "生效判决认定"})


@pytest.mark.parametrize(
    ("born", "minor"),
    [
        (TODAY.replace(year=TODAY.year - 18), False),
        (TODAY.replace(year=TODAY.year - 18) + timedelta(days=1), True),
        (date(1970, 1, 1), False),
    ],
)
def test_minor_is_under_eighteen_on_the_day_of_the_statement(born: date, minor: bool) -> None:
    number = an_id_number(f"{born:%Y%m%d}", "004")
    world, claim = dead()
    people = (a_beneficiary(1, "1/1", document_number=number, guardian=MOTHER),)
    resident = world.state_beneficiaries.state("S1", claim.claim_no, people).beneficiaries.people[0]
    passport = {"document_type": IdDocumentType.PASSPORT, "document_number": "E12345678"}
    assert resident.is_minor(REPORTED_AT) is minor
    assert a_beneficiary(1, "1/1", **passport, born=born).is_minor(REPORTED_AT) is minor
    assert a_beneficiary(1, "1/1", **passport).is_minor(REPORTED_AT) is None


@pytest.mark.parametrize(
    ("people", "fault"),
    [
        ((a_child(guardian=None),), "MINOR_WITHOUT_GUARDIAN"),
        ((a_beneficiary(1, "1/1", holder=Holder.GUARDIAN),), "NO_GUARDIAN"),
        ((a_child(guardian=MOTHER.model_copy(update={"document_number": an_id_number()})),), "GUARDIAN"),
        (
            (a_child(guardian=MOTHER.model_copy(update={"document_number": a_child().document_number})),),
            "GUARDIAN",
        ),
        ((a_child(guardian=aged(16, short_of=1)),), "GUARDIAN"),
        ((loses(a_beneficiary(1, "1/1")),), "NOBODY_ENTITLED"),
        (
            (
                a_beneficiary(1, "1/2").model_copy(update={"loses": LossOfRight.FORFEITED}),
                a_beneficiary(2, "1/2"),
            ),
            "LOSS_WITHOUT_REASON",
        ),
        (
            (a_beneficiary(1, "1/2"), a_beneficiary(2, "1/2", account_no="62220212345678" + "0001")),
            "SAME_ACCOUNT_TWICE",
        ),
    ],
)
def test_statement_is_refused_when_it_can_t_stand(people: tuple[Beneficiary, ...], fault: str) -> None:
    world, claim = dead()
    with pytest.raises(BeneficiariesInvalidError) as raised:
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
    assert raised.value.facts == {"fault": fault}


def test_guardian_may_be_sixteen_and_no_younger() -> None:
    world, claim = dead()
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, (a_child(guardian=aged(16)),))
    assert stated.beneficiaries.people[0].guardian == aged(16)


def test_guardian_s_document_is_checked_like_any_other() -> None:
    world, claim = dead()
    wrong = Guardian(
        name="母亲", document_type=IdDocumentType.PASSPORT, document_number="名", relation="母亲"
    )
    with pytest.raises(DocumentNumberError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, (a_child(guardian=wrong),))


def test_two_children_are_paid_to_their_guardian_s_one_account() -> None:
    account = {"holder": Holder.GUARDIAN, "account_no": "6222021234567899999"}
    children = (a_child(1, "1/2", **account), a_child(2, "1/2", **account))
    world, claim = confirmed(900_001, children)
    assert [child.account.holder for child in children] == ["母亲", "母亲"]
    heirs = HeirsOf(beneficiaries=world.beneficiaries)(claim.claim_no)
    assert heirs.documents == {payee: frozenset({MOTHER.identity}) for payee in ("B1", "B2")}


def test_child_is_paid_to_an_account_of_its_own_when_that_is_stated() -> None:
    assert a_child().account.holder == "家属乙"
    assert a_child(holder=Holder.GUARDIAN).account.holder == "母亲"


@pytest.mark.parametrize("why", LossOfRight)
def test_share_falls_to_the_others_in_proportion_when_somebody_loses_it(why: LossOfRight) -> None:
    people = (loses(a_beneficiary(1, "1/2"), why), a_beneficiary(2, "1/3"), a_beneficiary(3, "1/6"))
    assert {payee: person.share for payee, person in entitled(people).items()} == {
        "B2": Fraction(2, 3),
        "B3": Fraction(1, 3),
    }


def test_nothing_is_paid_to_who_forfeited_and_everything_to_the_others() -> None:
    world, claim = confirmed(900_001, (loses(a_beneficiary(1, "1/2")), a_beneficiary(2, "1/2")))
    run_all(world, claim)
    assert_paid(world, claim, {"B2": 900_001})
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID
    stated = world.state_beneficiaries.read(claim.claim_no).beneficiaries
    assert set(stated.payees()) == {"B2"}


def test_right_stands_when_money_is_under_way() -> None:
    people = (a_beneficiary(1, "1/2"), a_beneficiary(2, "1/2"))
    world, claim = confirmed(900_001, people)
    world.pay.reserve(claim.claim_no)
    with pytest.raises(BeneficiaryPaidError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, (loses(people[0]), people[1]))


def test_basis_is_kept_with_the_statement() -> None:
    world, claim = dead()
    people = (a_beneficiary(1, "1/1"),)
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, people, Basis.DESIGNATED)
    assert stated.beneficiaries.basis is Basis.DESIGNATED
