"""What may end a policy when, what goes back of the premium, and that it happens once."""

from datetime import timedelta
from functools import partial
from itertools import product

import pytest

from daycover.cover.archive import KeepPolicies
from daycover.cover.cancel import CancelPolicy
from daycover.cover.check_in import CheckIn
from daycover.cover.lifecycle import STEPS, Author, Event, Phase, end
from daycover.cover.period import COVER
from daycover.cover.policy import (
    EndReason,
    Policy,
    PolicyInForceError,
    PolicyNotFoundError,
    PolicyStatus,
    PolicyTransitionError,
)
from daycover.cover.roster import RecordCover, in_force, line_of
from daycover.cover.void import VoidPolicy
from daycover.projects.act_for import ProviderActor
from tests.support.builders import NOW, a_policy
from tests.support.fakes.cover import FakeCoverLines, FakeEndedPolicies, FakeVisits
from tests.unit.cover.world import World

BEGINS = NOW + timedelta(hours=1)
AT = {Phase.BEFORE_START: NOW, Phase.IN_FORCE: BEGINS, Phase.OVER: BEGINS + COVER}
STAFF = Author("staff", "s-1")


def ended(event: Event, phase: Phase, policy: Policy | None = None) -> Policy:
    return end(policy or a_policy(BEGINS, issued_at=NOW), event, EndReason.MISTAKE, STAFF, AT[phase])


@pytest.mark.parametrize(("event", "phase"), list(product(Event, Phase)))
def test_policy_ends_as_the_table_says_when_an_event_meets_a_phase(event: Event, phase: Phase) -> None:
    allowed = {
        (Event.CANCEL, Phase.BEFORE_START): (PolicyStatus.CANCELLED, 70),
        (Event.WITHDRAW_CONSENT, Phase.BEFORE_START): (PolicyStatus.TERMINATED, 70),
        (Event.WITHDRAW_CONSENT, Phase.IN_FORCE): (PolicyStatus.TERMINATED, 70),
        (Event.VOID, Phase.BEFORE_START): (PolicyStatus.VOIDED, 70),
        (Event.VOID, Phase.IN_FORCE): (PolicyStatus.VOIDED, 70),
        (Event.VOID, Phase.OVER): (PolicyStatus.VOIDED, 70),
    }
    assert set(STEPS) == set(allowed)
    if (event, phase) not in allowed:
        with pytest.raises(PolicyInForceError):
            ended(event, phase)
        return
    policy = ended(event, phase)
    assert policy.ended is not None
    assert (policy.status, policy.ended.refund_fen) == allowed[event, phase]
    assert (policy.ended.by, policy.ended.actor, policy.ended.at) == ("staff", "s-1", AT[phase])
    assert not policy.in_force(BEGINS)


@pytest.mark.parametrize(("first", "second"), list(product(Event, Event)))
def test_policy_leaves_issued_once_when_a_second_event_comes(first: Event, second: Event) -> None:
    policy = ended(first, Phase.BEFORE_START)
    if first is second:
        assert ended(second, Phase.IN_FORCE, policy) == policy
    else:
        with pytest.raises(PolicyTransitionError):
            ended(second, Phase.IN_FORCE, policy)


@pytest.mark.parametrize(
    ("hours", "refund"), [(0, 70), (6, 53), (12, 35), (18, 18), (23, 3), (24 - 1 / 3600, 0)]
)
def test_refund_is_for_the_time_left_when_consent_is_withdrawn(hours: float, refund: int) -> None:
    policy = end(
        a_policy(),
        Event.WITHDRAW_CONSENT,
        EndReason.CONSENT_WITHDRAWN,
        STAFF,
        NOW + timedelta(hours=hours),
    )
    assert policy.ended is not None
    assert policy.ended.refund_fen == refund


class Desk:
    """The use cases that end policies, around the gate's world."""

    def __init__(self) -> None:
        self.world = World()
        self.lines = FakeCoverLines()
        self.ended = FakeEndedPolicies()
        self.cancel = CancelPolicy(
            policies=self.world.policies,
            workers=self.world.workers,
            end_policies=self.world.end_policies,
        )
        self.void = VoidPolicy(
            now=self.world.now,
            policies=self.world.policies,
            archive=self.world.archive,
            end_policies=self.world.end_policies,
        )

    def covered_twice(self) -> tuple[str, Policy, Policy]:
        """A worker in cover whose adjacent cover is already bought."""
        worker = self.world.worker()
        first = self.world.cover(worker)
        self.world.now.advance(hours=22, minutes=30)
        return worker, first, self.world.cover(worker)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_cancelled_cover_no_longer_blocks_when_the_worker_scans_again(desk: Desk) -> None:
    worker, first, adjacent = desk.covered_twice()
    cancelled = desk.cancel.by_worker(worker, adjacent.policy_no, EndReason.NOT_NEEDED)
    assert desk.cancel.by_worker(worker, adjacent.policy_no, EndReason.MISTAKE) == cancelled
    assert isinstance(desk.world.scan(worker), CheckIn)
    again = desk.world.cover(worker)
    assert again.period == adjacent.period
    assert again.policy_no != adjacent.policy_no
    assert first.in_force(desk.world.now())


def test_cover_is_not_cancelled_when_it_has_begun(desk: Desk) -> None:
    worker, first, adjacent = desk.covered_twice()
    desk.world.now.at = adjacent.period.start
    for policy in (first, adjacent):
        with pytest.raises(PolicyInForceError):
            desk.cancel.by_worker(worker, policy.policy_no, EndReason.NOT_NEEDED)


def test_policy_is_not_found_when_somebody_else_cancels_it(desk: Desk) -> None:
    _, _, adjacent = desk.covered_twice()
    stranger = desk.world.worker("o-2")
    with pytest.raises(PolicyNotFoundError):
        desk.cancel.by_worker(stranger, adjacent.policy_no, EndReason.NOT_NEEDED)
    with pytest.raises(PolicyNotFoundError):
        desk.cancel.by_company(ProviderActor("P1"), "C2", adjacent.policy_no, EndReason.NOT_NEEDED)
    cancelled = desk.cancel.by_company(ProviderActor("P1"), "C1", adjacent.policy_no, EndReason.NOT_NEEDED)
    assert cancelled.ended is not None
    assert (cancelled.ended.by, cancelled.ended.actor) == ("provider", "P1")


def test_first_ending_counts_when_two_people_end_one_policy_at_once(desk: Desk) -> None:
    worker, _, adjacent = desk.covered_twice()

    def staff_first(name: str) -> None:
        if name == "policies.end":
            desk.world.steps.calm()
            desk.void("s-1", adjacent.policy_no, EndReason.IDENTITY_THEFT)

    desk.world.steps.before = staff_first
    with pytest.raises(PolicyTransitionError):
        desk.cancel.by_worker(worker, adjacent.policy_no, EndReason.NOT_NEEDED)
    assert desk.world.policies.get(adjacent.policy_no).status is PolicyStatus.VOIDED


def test_new_cover_stands_when_the_voidance_of_the_one_before_is_repeated(desk: Desk) -> None:
    """A lost reply, or a second click an hour later: what was issued meanwhile has no defect of the old one."""
    worker, first, adjacent = desk.covered_twice()
    desk.void("s-1", first.policy_no, EndReason.NO_CONSENT)
    anew = desk.world.cover(worker)
    desk.void("s-1", first.policy_no, EndReason.NO_CONSENT)
    assert desk.world.policies.get(adjacent.policy_no).status is PolicyStatus.VOIDED
    assert desk.world.policies.get(anew.policy_no).status is PolicyStatus.ISSUED


def test_new_cover_begins_at_once_when_the_one_before_was_voided_with_its_adjacent(desk: Desk) -> None:
    worker, first, adjacent = desk.covered_twice()
    desk.void("s-1", first.policy_no, EndReason.NO_INSURABLE_INTEREST)
    assert desk.world.policies.get(adjacent.policy_no).status is PolicyStatus.VOIDED
    assert desk.world.cover(worker).period.start == desk.world.now()


def test_archived_policy_is_voided_when_ttl_has_taken_its_item(desk: Desk) -> None:
    policy = a_policy()
    desk.world.archive.add(policy)
    desk.world.now.advance(days=40)
    voided = desk.void("s-1", policy.policy_no, EndReason.IDENTITY_THEFT)
    assert voided.status is PolicyStatus.VOIDED
    assert desk.world.archive.all()[policy.policy_no] == voided
    assert desk.world.policies.returned == {policy.policy_no: voided}, "the stream tells the others of it"
    assert desk.void("s-2", policy.policy_no, EndReason.NO_CONSENT) == voided
    desk.world.policies.returned.clear()  # TTL takes it again
    assert desk.void("s-2", policy.policy_no, EndReason.NO_CONSENT) == voided
    assert desk.world.policies.returned == {}, "its end is told once"
    with pytest.raises(PolicyNotFoundError):
        desk.void("s-1", a_policy(NOW + COVER).policy_no, EndReason.NO_CONSENT)


def test_archived_policy_is_void_for_one_reason_when_two_void_it(desk: Desk) -> None:
    policy = a_policy()
    desk.world.archive.add(policy)
    desk.world.now.advance(days=40)
    first = partial(desk.void, "s-1", policy.policy_no, EndReason.IDENTITY_THEFT)
    desk.world.steps.interrupt_at("policies.put_back", first)
    voided = desk.void("s-2", policy.policy_no, EndReason.NO_CONSENT)
    assert voided.ended is not None
    assert voided.ended.reason is EndReason.IDENTITY_THEFT
    assert desk.world.archive.all() == desk.world.policies.returned == {policy.policy_no: voided}


def test_policy_is_voided_when_ttl_takes_its_item_meanwhile(desk: Desk) -> None:
    policy = desk.world.cover(desk.world.worker())
    desk.world.archive.add(policy)
    desk.world.now.advance(days=40)
    desk.world.steps.interrupt_at("policies.end", partial(desk.world.policies.forget, policy))
    voided = desk.void("s-1", policy.policy_no, EndReason.IDENTITY_THEFT)
    assert desk.world.archive.all() == desk.world.policies.returned == {policy.policy_no: voided}


def test_stream_tells_the_claims_when_the_policy_is_still_in_the_table(desk: Desk) -> None:
    _, first, _ = desk.covered_twice()
    voided = desk.void("s-1", first.policy_no, EndReason.IDENTITY_THEFT)
    assert desk.ended.told == []
    record = RecordCover(lines=desk.lines, ended=desk.ended, counted=lambda _: False, visits=FakeVisits())
    assert record(first.model_dump(mode="json"))
    assert desk.ended.told == []
    image = voided.model_dump(mode="json")
    assert [record(image), record(image)] == [True, False]
    assert desk.ended.told == [first.policy_no] * 2, "a replay tells again"


@pytest.mark.parametrize("status", [PolicyStatus.CANCELLED, PolicyStatus.TERMINATED, PolicyStatus.VOIDED])
def test_claims_are_told_when_a_policy_ends_in_any_way(desk: Desk, status: PolicyStatus) -> None:
    policy = a_policy(status=status)
    record = RecordCover(lines=desk.lines, ended=desk.ended, counted=lambda _: False, visits=FakeVisits())
    record(policy.model_dump(mode="json"))
    assert desk.ended.told == [policy.policy_no]


def test_archive_and_lines_never_go_back_when_records_are_shuffled() -> None:
    issued = a_policy(BEGINS, issued_at=NOW)
    cancelled = ended(Event.CANCEL, Phase.BEFORE_START)
    world = World()
    for policies in ([issued, cancelled, issued], [cancelled, issued, cancelled]):
        lines = FakeCoverLines()
        for policy in policies:
            lines.record(line_of(policy))
            KeepPolicies(archive=world.archive).keep(policy, world.archive.find(policy.policy_no))
        assert [line.status for line in lines.of_day("C1", line_of(issued).day)] == [PolicyStatus.CANCELLED]
        assert lines.missing([line_of(issued), line_of(cancelled)]) == []
        assert world.archive.all()[issued.policy_no] == cancelled


def test_line_says_what_is_due_and_leaves_the_roster_when_its_policy_ended_early() -> None:
    cancelled = end(a_policy(BEGINS, 1, issued_at=NOW), Event.CANCEL, EndReason.MISTAKE, STAFF, NOW)
    halved = end(
        a_policy(NOW, 2), Event.WITHDRAW_CONSENT, EndReason.CONSENT_WITHDRAWN, STAFF, NOW + COVER / 2
    )
    lines = [line_of(policy) for policy in (cancelled, halved, a_policy(NOW, 3))]
    assert [line.due_fen for line in lines] == [0, 35, 70]
    assert [line.policy_no for line in in_force(lines, BEGINS)] == [a_policy(NOW, 3).policy_no]


def test_refusal_to_end_says_why_when_cover_has_begun_or_ended_otherwise(desk: Desk) -> None:
    worker = desk.world.worker()
    policy = desk.world.cover(worker)
    with pytest.raises(PolicyInForceError) as begun:
        desk.cancel.by_worker(worker, policy.policy_no, EndReason.NOT_NEEDED)
    assert begun.value.facts == {"starts_at": policy.period.start, "ends_at": policy.period.end}
    desk.void("s-1", policy.policy_no, EndReason.NO_CONSENT)
    with pytest.raises(PolicyTransitionError) as ended:
        desk.cancel.by_worker(worker, policy.policy_no, EndReason.NOT_NEEDED)
    assert ended.value.facts == {"policy_status": PolicyStatus.VOIDED}
