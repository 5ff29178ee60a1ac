"""Who decides a claim sees whom it is about, once that was recorded; nobody else, and nobody who was erased."""

from datetime import date, timedelta

import pytest

from daycover.api.claims.insured import insured_view
from daycover.api.discretion import IDENTIFYING
from daycover.claims.documents import ClaimType
from daycover.claims.insured import LISTED, LookAtInsured
from daycover.claims.looks import LookedAt, Looker
from daycover.identity.age import age_on
from daycover.identity.document import IdDocumentType
from daycover.identity.resident_id import birth_date
from daycover.platform.callers import Caller
from daycover.platform.discretion import discreet
from tests.support.builders import WORKER, a_policy, a_project, an_id_number
from tests.support.claims import ACCIDENT_AT, insured
from tests.support.fakes.claims import FakeLooks
from tests.support.fakes.projects import FakeProjects
from tests.unit.claims.world import World

ADJUSTER = Looker("adjuster-1", ("adjuster",), "r-1", in_clear=True, identified=True)
CLERK = Looker("clerk-1", ("intake",), "r-2", in_clear=True)


class BrokenLooks(FakeLooks):
    def add(self, look: object) -> None:
        raise TimeoutError


def desk(world: World, looks: FakeLooks | None = None, projects: FakeProjects | None = None) -> LookAtInsured:
    return LookAtInsured(
        claims=world.claims,
        workers=world.workers,
        projects=projects or FakeProjects(a_project()),
        policies=world.policies,
        exposures=world.exposures,
        looks=looks or FakeLooks(world.steps),
        now=lambda: world.at,
    )


def test_person_and_work_are_shown_and_the_look_recorded_when_an_adjuster_asks() -> None:
    world = World()
    claim, looks = world.referred(), FakeLooks()
    look_at = desk(world, looks)
    for _ in range(2):
        view = insured_view(look_at(ADJUSTER, claim.claim_no))
    assert (view.name, view.document_number, view.document_type) == (
        "王小明",
        an_id_number(),
        IdDocumentType.RESIDENT_ID,
    )
    born = birth_date(an_id_number())
    assert born is not None
    assert (view.birth_date, view.age_at_accident) == (
        born,
        age_on(born, date(2026, 11, 24)),
    )
    assert view.work is not None
    project = a_project()
    assert (view.work.company_name, view.work.employer_name) == (project.company_name, project.employer_name)
    (look,) = looks.list_of(claim.claim_no)
    assert (look.by, look.what, look.duties) == ("adjuster-1", LookedAt.IDENTITY, ("adjuster",))


def test_person_stays_masked_and_nothing_is_recorded_when_the_duty_does_not_decide() -> None:
    world = World()
    claim, looks = world.referred(), FakeLooks()
    view = insured_view(desk(world, looks)(CLERK, claim.claim_no))
    for duties in (("intake",), ("finance",), ("auditor",), ()):
        shown = discreet(view, Caller("staff", "s-1", duties))
        hidden = (
            shown.name,
            shown.document_number,
            shown.document_type,
            shown.birth_date,
            shown.age_at_accident,
        )
        assert hidden == (None,) * 5, duties
        assert shown.work is not None, "companies and projects are nobody's secret"
    assert looks.list_of(claim.claim_no) == []
    assert not IDENTIFYING.is_shown_to(Caller("worker", WORKER))


def test_nothing_is_shown_when_the_look_cannot_be_recorded() -> None:
    world = World()
    claim = world.referred()
    with pytest.raises(TimeoutError):
        desk(world, BrokenLooks())(ADJUSTER, claim.claim_no)


def test_erased_person_is_said_to_be_erased_when_an_adjuster_asks() -> None:
    world = World()
    claim, looks = world.referred(), FakeLooks()
    world.workers.lock_data(WORKER, world.at)
    locked = insured_view(desk(world, looks)(ADJUSTER, claim.claim_no))
    assert (locked.name, locked.locked_at, locked.is_erased) == ("王小明", world.at, False)
    world.workers.forget_identity(WORKER, world.at)
    view = insured_view(desk(world, looks)(ADJUSTER._replace(request_id="r-9"), claim.claim_no))
    assert view.is_erased
    assert (view.name, view.document_number, view.birth_date, view.locked_at) == (None,) * 4
    assert len(looks.list_of(claim.claim_no)) == 1, "nobody was shown the second time"


def test_person_who_proved_themselves_on_the_account_later_is_not_taken_for_the_insured() -> None:
    world = World()
    claim = world.referred()
    other = insured().model_copy(update={"person_id": "0" * 20, "name": "李四"})
    world.workers._workers[WORKER] = other
    view = insured_view(desk(world)(ADJUSTER, claim.claim_no))
    assert view.is_erased
    assert view.name is None


def test_work_is_left_out_when_its_project_is_no_longer_known() -> None:
    world = World()
    claim = world.referred()
    view = insured_view(desk(world, projects=FakeProjects())(ADJUSTER, claim.claim_no))
    assert view.work is None
    assert view.name == "王小明"


def test_what_the_person_holds_besides_is_listed_without_the_claim_and_its_policy() -> None:
    more = [a_policy(sequence=number) for number in range(2, LISTED + 5)]
    world = World(a_policy(), *more)
    first = world.referred()
    second = world.reported(occurred_at=ACCIDENT_AT - timedelta(minutes=30), policy_no=a_policy().policy_no)
    view = insured_view(desk(world)(ADJUSTER, first.claim_no))
    assert [other.claim_no for other in view.claims] == [second.claim_no]
    assert len(view.policies) == LISTED
    assert first.policy.policy_no not in {other.policy_no for other in view.policies}


def test_limits_say_what_is_held_and_left_when_a_decision_stands() -> None:
    world = World()
    claim = world.agreed()
    view = insured_view(desk(world)(ADJUSTER, claim.claim_no))
    limits = {limit.claim_type: limit for limit in view.limits}
    held = world.exposures.find([claim.policy.policy_no])[claim.policy.policy_no].held
    medical = limits[ClaimType.MEDICAL]
    assert medical.held_fen == held.of(ClaimType.MEDICAL).fen > 0
    assert medical.held_fen + medical.left_fen == claim.benefits.medical_limit_fen
    assert limits[ClaimType.DEATH].left_fen == claim.policy.sum_insured_fen
