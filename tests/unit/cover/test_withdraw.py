"""Withdrawing consent ends cover, and no check-in on its way slips past it."""

from datetime import timedelta
from functools import partial

import pytest

from daycover.cover.check_in import CheckInStatus
from daycover.cover.issue import ConsentWithdrawnError
from daycover.cover.policy import EndReason, PolicyStatus
from daycover.cover.withdraw import Withdrawal
from daycover.identity.consent import ConsentAct, ConsentKind, ConsentMissingError
from tests.support.builders import PROJECT, a_project
from tests.support.fakes.port import Crash
from tests.unit.cover.world import World

OTHER = a_project(project_id="00000000000000000000000008", company_id="C2")


class Desk:
    def __init__(self) -> None:
        self.world = World(a_project(), OTHER)
        self.withdraw = self.world.withdraw

    def all_kinds(self, worker: str) -> Withdrawal:
        return self.withdraw(worker, list(ConsentKind), project_id=PROJECT)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_cover_in_force_is_terminated_when_one_consent_is_withdrawn(desk: Desk) -> None:
    worker = desk.world.worker()
    policy = desk.world.cover(worker)
    desk.world.now.advance(hours=12)
    withdrawal = desk.withdraw(worker, [ConsentKind.SUM_INSURED], project_id=PROJECT)
    (ended,) = withdrawal.ended
    assert (ended.policy_no, ended.status) == (policy.policy_no, PolicyStatus.TERMINATED)
    assert ended.ended is not None
    assert (ended.ended.reason, ended.ended.refund_fen) == (EndReason.CONSENT_WITHDRAWN, 35)
    assert not desk.world.policies.get(policy.policy_no).in_force(desk.world.now())
    assert desk.withdraw(worker, [ConsentKind.SUM_INSURED], project_id=PROJECT) == Withdrawal([], [])


def test_check_in_needs_consent_anew_when_it_was_withdrawn(desk: Desk) -> None:
    worker = desk.world.worker()
    desk.world.cover(worker)
    desk.all_kinds(worker)
    with pytest.raises(ConsentMissingError):
        desk.world.begin(worker)
    desk.world.now.advance(seconds=2)
    desk.world.consent(worker, a_project())
    assert desk.world.cover(worker).in_force(desk.world.now())


def test_other_companies_cover_stands_when_consent_to_one_is_withdrawn(desk: Desk) -> None:
    worker = desk.world.worker("o-1", a_project(), OTHER)
    here, there = desk.world.cover(worker), desk.world.cover(worker, OTHER)
    withdrawal = desk.withdraw(worker, list(ConsentKind), company_id="C2")
    assert {entry.project_id for entry in withdrawal.entries} == {OTHER.project_id}
    assert [policy.policy_no for policy in withdrawal.ended] == [there.policy_no]
    assert desk.world.policies.get(here.policy_no).in_force(desk.world.now())


def test_adjacent_cover_ends_too_and_ended_cover_stays_when_consent_is_withdrawn(desk: Desk) -> None:
    worker = desk.world.worker()
    first = desk.world.cover(worker)
    desk.world.now.advance(hours=23)
    second = desk.world.cover(worker)
    desk.world.now.at = second.period.start + timedelta(minutes=1)
    desk.all_kinds(worker)
    assert desk.world.policies.get(first.policy_no).status is PolicyStatus.ISSUED
    assert desk.world.policies.get(second.policy_no).status is PolicyStatus.TERMINATED


def test_history_keeps_everything_when_given_withdrawn_and_given_again(desk: Desk) -> None:
    worker = desk.world.worker()
    desk.all_kinds(worker)
    desk.world.consent(worker, a_project())
    entries, _ = desk.world.consents.history(worker)
    mine = [entry.act for entry in entries if entry.kind is ConsentKind.SUM_INSURED]
    assert mine == [ConsentAct.GIVEN, ConsentAct.WITHDRAWN, ConsentAct.GIVEN]


def test_open_check_in_issues_nothing_when_consent_is_withdrawn_before_the_face(desk: Desk) -> None:
    worker = desk.world.worker()
    check_in = desk.world.face(worker)
    desk.all_kinds(worker)
    for _ in range(2):
        with pytest.raises(ConsentWithdrawnError):
            desk.world.prove_check_in(worker, check_in.check_in_id)
    assert desk.world.policies.all() == []
    assert desk.world.complete_check_in(worker, check_in.check_in_id, 0) == "ConsentWithdrawnError"


STEPS_OF_ISSUING = 7


@pytest.mark.parametrize("index", range(STEPS_OF_ISSUING))
def test_no_cover_stands_when_consent_is_withdrawn_at_any_step_of_issuing(desk: Desk, index: int) -> None:
    worker = desk.world.worker()
    check_in = desk.world.face(worker)
    desk.world.steps.calm()
    desk.world.steps.interrupt_at(index, partial(desk.all_kinds, worker))
    try:
        desk.world.prove_check_in(worker, check_in.check_in_id)
    except ConsentWithdrawnError:
        pass
    assert all(not policy.in_force(desk.world.now()) for policy in desk.world.policies.all())
    assert len(desk.world.steps.calls) > index


@pytest.mark.parametrize("index", range(STEPS_OF_ISSUING))
@pytest.mark.parametrize("applied", [False, True])
def test_no_cover_stands_when_issuing_crashes_and_consent_is_withdrawn_before_the_retry(
    desk: Desk, index: int, applied: bool
) -> None:
    worker = desk.world.worker()
    check_in = desk.world.face(worker)
    desk.world.steps.calm()
    desk.world.steps.crash_at(index, applied=applied)
    try:
        desk.world.prove_check_in(worker, check_in.check_in_id)
    except Crash:
        pass
    desk.world.steps.calm()
    desk.all_kinds(worker)
    desk.world.complete_check_in(worker, check_in.check_in_id, 0)
    assert all(not policy.in_force(desk.world.now()) for policy in desk.world.policies.all())
    assert desk.world.check_ins.get(worker, check_in.check_in_id).status is not CheckInStatus.PRE_ORDERED
