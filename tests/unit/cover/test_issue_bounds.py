"""What issuing refuses with, to the word and the year; and what it claims its place in the chain beside."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from daycover.cover.check_in import CheckIn
from daycover.cover.issue import ConsentWithdrawnError, SumInsuredLimitError
from daycover.cover.policy import Chain, Policy, Stop
from daycover.cover.referral import ReferralReason
from daycover.cover.underwriting import AgeOutOfRangeError, MinorInHazardousWorkError
from daycover.identity.consent import ConsentKind, ConsentMissingError
from tests.support.builders import a_project, an_id_number
from tests.support.fakes.cover import FakePolicies
from tests.unit.cover.referral_desk import Desk, resident
from tests.unit.cover.world import NAME, World

SEVENTEEN, SIXTY_EIGHT = an_id_number("20090307"), an_id_number("19580307")


def test_refusal_names_the_limit_in_whole_yuan_at_the_first_try() -> None:
    """Later answers are read from the settled check-in; the first is the rule's own."""
    projects = [
        a_project(project_id=f"{number:026}", company_id=f"C{number}", plan_id="T4") for number in (1, 2)
    ]
    world = World(*projects)
    worker = world.worker("o-1", *projects)
    world.cover(worker, projects[0])
    check_in = world.face(worker, projects[1])
    with pytest.raises(SumInsuredLimitError) as refusal:
        world.issue_policy(check_in)
    _, english = SumInsuredLimitError.detail
    assert "may not exceed 800000 yuan" in english.format(**refusal.value.facts)


def test_nothing_is_said_to_be_missing_by_name_when_no_consent_was_recorded_at_all() -> None:
    world = World()
    check_in = world.face(world.worker())
    with pytest.raises(ConsentMissingError) as refusal:
        world.issue_policy(check_in.model_copy(update={"consents": ()}))
    assert refusal.value.facts == {"kinds": ""}


def a_minor() -> tuple[World, CheckIn]:
    world = World()
    return world, world.face(world.worker(), stated=(NAME, SEVENTEEN))


def test_minor_is_insured_up_to_class_four_and_refused_from_class_five_on() -> None:
    world, check_in = a_minor()
    with pytest.raises(MinorInHazardousWorkError):
        world.issue_policy(check_in.model_copy(update={"occupation_class": 5}))
    assert world.policies.all() == []
    assert world.issue_policy(check_in.model_copy(update={"occupation_class": 4})).is_new


def test_person_beyond_65_is_insured_when_two_people_decided_and_by_no_machine() -> None:
    desk = Desk()
    referral = desk.confirm(desk.ask(resident(SIXTY_EIGHT), ReferralReason.AGE_EDGE))
    _, issued = desk.decide("s-1", referral.referral_id, True, "FIT_FOR_WORK")
    assert issued is not None
    assert issued.is_new
    world = World()
    check_in = world.face(world.worker())
    older = check_in.model_copy(update={"identity": referral.identity})
    with pytest.raises(AgeOutOfRangeError):
        world.issue_policy(older)


def test_check_refuses_what_issuing_would_when_a_consent_was_withdrawn_since() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    world.issue_policy.check(check_in)
    world.consents.withdraw(worker, check_in.project_id, list(ConsentKind), world.now())
    with pytest.raises(ConsentWithdrawnError):
        world.issue_policy.check(check_in)


class Noted(FakePolicies):
    """Keeps as of which instant it was read, and beside which policy each new one was claimed."""

    def __init__(self, *policies: Policy) -> None:
        super().__init__(*policies)
        self.neighbours: list[Policy | None] = []
        self.read_at: list[datetime] = []

    def chain(self, person_id: str, now: datetime) -> Chain:
        self.read_at.append(now)
        return super().chain(person_id, now)

    def recent(self, person_id: str, now: datetime) -> list[Policy]:
        self.read_at.append(now)
        return super().recent(person_id, now)

    def add(self, policy: Policy, latest: Policy | Stop | None, neighbour: Policy | None = None) -> None:
        self.neighbours.append(neighbour)
        super().add(policy, latest, neighbour)


@pytest.mark.parametrize(
    ("left", "adjoins"),
    [
        (timedelta(hours=2), True),
        (timedelta(seconds=1), True),
        (timedelta(0), False),
        (-timedelta(days=9), False),
    ],
)
def test_new_cover_depends_on_the_old_only_where_it_adjoins_it(left: timedelta, adjoins: bool) -> None:
    """Cover that begins at once stands by itself: that the old one is gone meanwhile is no hindrance."""
    project = a_project(ends_on=a_project().ends_on + timedelta(days=30))
    world = World(project)
    worker = world.worker("o-1", project)
    first = world.cover(worker, project)
    world.now.at = first.period.end - left
    check_in = world.face(worker, project, stated=None)
    policies = Noted(first)
    issued = replace(world.issue_policy, policies=policies)(check_in)
    assert issued.is_new
    assert policies.neighbours == [first if adjoins else None]


def test_policies_are_read_as_of_the_clock_and_not_of_the_application() -> None:
    """What ended before then may be gone from the table, and is not asked for."""
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    policies = Noted()
    issue = replace(world.issue_policy, policies=policies)
    world.now.advance(minutes=3)
    issue.check(check_in)
    issue(check_in)
    world.consents.withdraw(worker, check_in.project_id, list(ConsentKind), world.now())
    issue(check_in.model_copy(update={"is_proved": False}))
    assert policies.read_at == [world.now()] * 3
