"""Whom the insured designates themselves, and what a statement of beneficiaries owes to it."""

from datetime import timedelta
from typing import Any

import pytest

from daycover.api.payouts.beneficiaries import BeneficiariesView
from daycover.errors import ConcurrentChangeError
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiaries import BeneficiariesInvalidError
from daycover.payouts.beneficiary import Basis, Relation
from daycover.payouts.designation import (
    Designated,
    DesignationInvalidError,
    DesignationNeedsIdentityError,
)
from tests.support.builders import PERSON, WORKER, a_worker, an_id_number
from tests.support.claims import ACCIDENT_AT, insured
from tests.unit.claims.world import World
from tests.unit.payouts.test_beneficiaries import a_beneficiary, dead

BEFORE = ACCIDENT_AT - timedelta(hours=1)


def named(number: int, share: str = "1/1", **changes: Any) -> Designated:
    """The person who is beneficiary `number`."""
    known = a_beneficiary(number, share)
    fields = ("name", "document_type", "document_number", "relation", "share")
    return Designated(**{name: getattr(known, name) for name in fields} | changes)


def test_designation_has_versions_when_it_is_stated_changed_and_withdrawn() -> None:
    world = World()
    assert world.designate.read(WORKER).version == 0
    first = world.designate(WORKER, 0, (named(1),))
    assert world.designate(WORKER, 0, (named(1),)) == first  # the same again, whatever was read
    second = world.designate(WORKER, 1, (named(1, "1/2"), named(2, "1/2")))
    third = world.designate(WORKER, 2, ())
    assert [known.version for known in (first, second, third)] == [1, 2, 3]
    assert world.designations.list_of(PERSON) == [first, second, third]
    assert world.designate.read(WORKER).people == ()


def test_second_writer_reads_again_when_two_phones_state_at_once() -> None:
    world = World(workers=(insured(), insured(worker_id="W2")))

    def other(name: str) -> None:
        if name == "designations.add":
            world.steps.calm()
            world.designate("W2", 0, (named(2),))

    world.steps.before = other
    world.designations.steps = world.steps
    with pytest.raises(ConcurrentChangeError):
        world.designate(WORKER, 0, (named(1),))
    with pytest.raises(ConcurrentChangeError):
        world.designate(WORKER, 0, (named(1),))
    assert world.designate(WORKER, 1, (named(1),)).version == 2


@pytest.mark.parametrize(
    ("people", "fault"),
    [
        ((named(1, "1/2"),), "SHARES"),
        ((named(1, "1/2"), named(1, "1/2")), "SAME_PERSON_TWICE"),
        ((named(1, document_number=an_id_number()),), "INSURED"),
        ((named(1, relation=Relation.OTHER),), "NOT_CLOSE_RELATIVE"),
        ((named(1, name="浦江劳务有限公司"),), "COMPANY"),
        ((named(1, name="浦江公·司"),), "COMPANY"),
        ((named(1, name="老王施工队"),), "COMPANY"),
        ((named(1, name="Pujiang Labour Co., Ltd"),), "COMPANY"),
    ],
)
def test_designation_is_refused_when_the_law_knows_no_such(
    people: tuple[Designated, ...], fault: str
) -> None:
    world = World()
    with pytest.raises(DesignationInvalidError) as raised:
        world.designate(WORKER, 0, people)
    assert raised.value.facts == {"fault": fault}


def test_nobody_designates_before_they_are_known() -> None:
    world = World(workers=(a_worker(),))
    with pytest.raises(DesignationNeedsIdentityError):
        world.designate(WORKER, 0, (named(1),))


def test_statement_needs_a_reason_when_it_departs_from_the_designation() -> None:
    world, claim = dead()
    world.at, at = BEFORE, world.at
    world.designate(WORKER, 0, (named(1),))
    world.at = at
    same, others = (a_beneficiary(1, "1/1"),), (a_beneficiary(2, "1/1"),)
    state = world.state_beneficiaries.state
    assert state("adjuster-1", claim.claim_no, same, Basis.DESIGNATED).beneficiaries.departs_because is None
    with pytest.raises(BeneficiariesInvalidError) as raised:
        state("adjuster-1", claim.claim_no, others)
    assert raised.value.facts == {"fault": "DEPARTS_FROM_DESIGNATION"}
    stated = state("adjuster-1", claim.claim_no, others, Basis.STATUTORY, "指定受益人先于被保险人死亡")
    view = BeneficiariesView.of(stated)
    assert view.departs_because == "指定受益人先于被保险人死亡"
    assert [line.share for line in view.designated] == ["1/1"]
    assert view.designated[0].name != "家属乙"


def test_designation_binds_nobody_when_it_was_stated_after_the_accident_or_withdrawn_before() -> None:
    world, claim = dead()
    world.at, at = BEFORE, world.at
    world.designate(WORKER, 0, (named(1),))
    world.designate(WORKER, 1, ())
    world.at = at
    world.designate(WORKER, 2, (named(3),))
    state, others = world.state_beneficiaries.state, (a_beneficiary(2, "1/1"),)
    with pytest.raises(BeneficiariesInvalidError):  # it is weighed, in words
        state("adjuster-1", claim.claim_no, others)
    stated = state("adjuster-1", claim.claim_no, others, Basis.STATUTORY, "手机当时不在被保险人手中")
    assert stated.designation is None
    view = BeneficiariesView.of(stated)
    assert (view.designated, view.designated_later_at) == ([], world.at)
    assert [line.relation for line in view.designated_later or ()] == [named(3).relation]


def test_staff_see_that_a_designation_was_withdrawn_after_the_accident() -> None:
    world, claim = dead()
    world.at, at = BEFORE, world.at
    world.designate(WORKER, 0, (named(1),))
    world.at = at
    world.designate(WORKER, 1, ())
    read = world.state_beneficiaries.read(claim.claim_no)
    view = BeneficiariesView.of(read)
    assert len(view.designated) == 1
    assert view.designated_later == []
    same = (a_beneficiary(1, "1/1"),)
    with pytest.raises(BeneficiariesInvalidError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, same, Basis.DESIGNATED)


@pytest.mark.parametrize("name", ["王中心", "欧阳集", "古丽·公", "Ltdya Cohen", "阿卜杜拉·合作"])
def test_person_is_designated_when_their_name_only_resembles_a_company_s(name: str) -> None:
    assert World().designate(WORKER, 0, (named(1, name=name),)).people[0].name == name


def test_people_are_not_printed() -> None:
    shown = repr(World().designate(WORKER, 0, (named(1),)))
    assert "家属" not in shown
    assert IdDocumentType.RESIDENT_ID not in shown
