"""Rules 1 to 4: one policy, exactly 24 hours, whatever crashes, races and replays happen."""

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from daycover import crockford
from daycover.api.cover.issued import IssuedView, answer_issued
from daycover.china_time import CHINA
from daycover.cover.check_in import CheckInNotFoundError, CheckInStatus
from daycover.cover.issue import (
    MAX_RACES,
    PROOF_LIFE,
    CheckInExpiredError,
    SumInsuredLimitError,
)
from daycover.cover.policy import Policy, PolicyExistsError, PolicyStatus, Stop
from daycover.cover.prove import FaceCheckFailedError
from daycover.errors import ConcurrentChangeError
from daycover.identity.consent import ConsentKind, ConsentMissingError
from daycover.identity.work_card import ANSWER_MARGIN, WorkCardRefusedError, WorkCardUnavailableError
from daycover.identity.worker import NameMismatchError
from daycover.projects.project import Project, Shift
from tests.support.builders import NOW, a_policy, a_project
from tests.support.fakes.cover import FakePolicies
from tests.support.fakes.port import Crash
from tests.unit.cover.interleaving import Schedules, interleave
from tests.unit.cover.world import World

DAY = timedelta(hours=24)


def other_project(number: int, **changes: Any) -> Project:
    return a_project(project_id=crockford.encode(100 + number, 26), company_id=f"C{number}", **changes)


def overlapping(policies: list[Policy]) -> bool:
    ordered = sorted(policies, key=lambda policy: policy.period.start)
    return any(one.period.end > two.period.start for one, two in pairwise(ordered))


def test_policy_covers_24_hours_from_issue_when_the_face_is_proved() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    world.now.advance(seconds=40)
    issued = world.prove_check_in(worker, check_in.check_in_id)
    assert issued.is_new
    assert issued.policy is not None
    assert issued.policy.period.start == issued.policy.issued_at == NOW + timedelta(seconds=40)
    assert issued.policy.period.end - issued.policy.period.start == DAY
    assert (issued.policy.premium_fen, issued.policy.sum_insured_fen) == (70, 30_000_000)
    assert issued.policy.insured_name == "王**"
    assert world.read_policies.all_of(worker) == [issued.policy]


def test_nothing_is_issued_when_the_face_is_still_awaited() -> None:
    world = World()
    worker = world.worker()
    check_in = world.begin(worker)
    assert world.prove_check_in(worker, check_in.check_in_id).policy is None
    assert world.policies.all() == []


def test_check_in_is_unknown_when_it_belongs_to_another_worker() -> None:
    world = World()
    check_in = world.face(world.worker())
    with pytest.raises(CheckInNotFoundError):
        world.prove_check_in(world.worker("o-2"), check_in.check_in_id)


def test_same_policy_comes_back_when_asked_again_and_again() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    first = world.prove_check_in(worker, check_in.check_in_id)
    for _ in range(3):
        world.now.advance(hours=9)
        again = world.prove_check_in(worker, check_in.check_in_id)
        assert (again.policy, again.is_new) == (first.policy, False)
    assert world.complete_check_in(worker, check_in.check_in_id, 3) == "ISSUED"
    assert len(world.policies.all()) == 1


def test_one_policy_results_when_the_process_dies_between_any_two_calls() -> None:
    index = 0
    for applied in (False, True):
        index = 0
        while True:
            world = World()
            worker = world.worker()
            check_in = world.face(worker)
            world.steps.calm()
            world.steps.crash_at(index, applied=applied)
            try:
                world.prove_check_in(worker, check_in.check_in_id)
                break  # fewer calls than `index`: every place was tried
            except Crash:
                world.steps.calm()
            world.now.advance(seconds=5)
            assert world.complete_check_in(worker, check_in.check_in_id, 1) == "ISSUED"
            (policy,) = world.policies.all()
            stored = world.check_ins.get(worker, check_in.check_in_id)
            assert (stored.status, stored.policy_no) == (CheckInStatus.ISSUED, policy.policy_no)
            assert world.read_policies.all_of(worker) == [policy]
            index += 1
        assert index == 7  # get, ask, bind, applicant, chain, add, settle


def test_policy_that_was_written_is_found_when_the_retry_comes_after_the_proof_has_expired() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    world.steps.calm()
    world.steps.crash_at(5, applied=True)  # written, and nothing after it
    with pytest.raises(Crash):
        world.prove_check_in(worker, check_in.check_in_id)
    world.steps.calm()
    world.now.advance(hours=PROOF_LIFE.total_seconds() / 3600, minutes=1)
    issued = world.prove_check_in(worker, check_in.check_in_id)
    assert [issued.policy] == world.policies.all() == world.read_policies.all_of(worker)


def test_proof_issues_until_its_two_hours_are_over_when_the_queue_was_down() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    world.now.at = check_in.at + PROOF_LIFE
    world.issue_policy.check(check_in)
    assert world.issue_policy(check_in).is_new
    late = World()
    check_in = late.face(late.worker())
    late.now.at = check_in.at + PROOF_LIFE + timedelta(seconds=1)
    with pytest.raises(CheckInExpiredError) as expired:
        late.issue_policy(check_in)
    assert expired.value.facts == {"seconds": 300}


def test_planned_end_of_the_shift_is_told_again_when_an_application_is_repeated() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    first = world.issue_policy(check_in)
    assert first.shift_ends_at == check_in.shift_ends_at is not None
    again = world.issue_policy(check_in)
    assert (again.policy, again.is_new, again.shift_ends_at) == (first.policy, False, first.shift_ends_at)
    other = world.issue_policy(check_in.model_copy(update={"check_in_id": "another"}))
    assert (other.policy, other.is_new, other.shift_ends_at) == (first.policy, False, first.shift_ends_at)
    proved = check_in.model_copy(update={"is_proved": False})
    world.consents.withdraw(worker, check_in.project_id, list(ConsentKind), world.now())
    kept = world.issue_policy(proved)
    assert (kept.policy, kept.is_new, kept.shift_ends_at) == (first.policy, False, first.shift_ends_at)
    world.issue_policy.check(proved)  # its policy stands: nothing to refuse


def test_app_and_queue_issue_one_policy_when_interleaved_in_every_way() -> None:
    schedules = Schedules()
    count = 0
    for _ in schedules:
        world = World()
        worker = world.worker()
        check_in = world.face(worker)
        first, second = interleave(
            world.steps,
            [
                partial(world.prove_check_in, worker, check_in.check_in_id),
                partial(world.prove_check_in, worker, check_in.check_in_id),
            ],
            schedules.choose,
        )
        assert [first.policy] == [second.policy] == world.policies.all()
        count += 1
    assert count > 100


def test_two_accounts_of_one_person_get_one_policy_when_interleaved_in_every_way() -> None:
    schedules = Schedules()
    for _ in schedules:
        world = World()
        workers = [world.worker("o-1"), world.worker("o-2")]
        check_ins = [world.face(worker) for worker in workers]
        results = interleave(
            world.steps,
            [
                partial(world.prove_check_in, worker, check_in.check_in_id)
                for worker, check_in in zip(workers, check_ins, strict=True)
            ],
            schedules.choose,
        )
        (policy,) = world.policies.all()
        assert [issued.policy for issued in results] == [policy, policy]
        assert sorted(issued.is_new for issued in results) == [False, True]


@pytest.mark.parametrize("seed", range(40))
def test_no_overlap_when_several_employers_check_in_one_person_at_random(seed: int) -> None:
    chance = random.Random(seed)
    projects = [other_project(number, plan_id="T1") for number in range(3)]
    world = World(*projects)
    workers = [world.worker("o-1", *projects), world.worker("o-2", *projects)]
    jobs = [(worker, project) for worker in workers for project in projects]
    check_ins = []
    for worker, project in jobs:
        check_ins.append((worker, world.face(worker, project)))
    interleave(
        world.steps,
        [partial(world.prove_check_in, worker, c.check_in_id) for worker, c in check_ins],
        chance.choice,
    )
    for project in projects:
        here = [p for p in world.policies.all() if p.project_id == project.project_id]
        assert len(here) == 1, f"seed {seed}"
    assert len({policy.policy_no for policy in world.policies.all()}) == 3


@pytest.mark.parametrize("minutes_left", [120, 61, 1])
def test_renewals_are_adjacent_and_single_when_interleaved_in_every_way(minutes_left: int) -> None:
    schedules = Schedules()
    for _ in schedules:
        world = World()
        worker = world.worker()
        first = world.cover(worker)
        world.now.at = first.period.end - timedelta(minutes=minutes_left)
        check_in = world.face(worker, stated=None)
        interleave(
            world.steps,
            [partial(world.prove_check_in, worker, check_in.check_in_id)] * 2,
            schedules.choose,
        )
        one, two = sorted(world.policies.all(), key=lambda policy: policy.sequence)
        assert two.period.start == one.period.end
        assert two.period.end - two.period.start == DAY


def test_no_gap_and_no_overlap_when_a_night_worker_renews_across_midnight_for_a_week() -> None:
    project = a_project(ends_on=date(2026, 12, 31))
    world = World(project, at=datetime(2026, 11, 24, 8, 5, tzinfo=CHINA))
    worker = world.worker("o-1", project)
    policy = world.cover(worker, project)
    for night in range(7):
        world.now.at = policy.period.end - timedelta(minutes=15 * night)
        policy = world.cover(worker, project, stated=None)
    policies = sorted(world.policies.all(), key=lambda policy: policy.sequence)
    assert len(policies) == 8
    assert all(one.period.end == two.period.start for one, two in pairwise(policies))


def test_second_scan_gives_the_same_policy_when_more_than_two_hours_are_left() -> None:
    world = World()
    worker = world.worker()
    policy = world.cover(worker)
    world.now.advance(hours=8)
    assert world.scan(worker, stated=None) == policy
    assert world.scan(worker) == policy
    assert len(world.work_card.orders) == 1


def test_cover_of_an_unproved_account_is_not_shown_when_it_states_another_persons_identity() -> None:
    world = World()
    world.cover(world.worker())
    stranger = world.worker("o-2")
    outcome = world.begin(stranger)  # must show a face first
    world.work_card.show_face(outcome.authenticate_number, failed="INCONSISTENT_REAL_NAME")
    with pytest.raises(NameMismatchError):
        world.prove_check_in(stranger, outcome.check_in_id)
    assert world.read_policies.all_of(stranger) == []


def test_several_employers_cover_one_person_when_the_sums_fit() -> None:
    projects = [other_project(1, plan_id="T2"), other_project(2, plan_id="T3")]
    world = World(*projects)
    worker = world.worker("o-1", *projects)
    for project in projects:
        world.cover(worker, project)
    assert sorted(policy.sum_insured_fen for policy in world.policies.all()) == [30_000_000, 50_000_000]


def test_policy_is_refused_when_the_sums_in_force_would_exceed_800000_yuan() -> None:
    projects = [other_project(1, plan_id="T3"), other_project(2, plan_id="T3")]
    world = World(*projects)
    worker = world.worker("o-1", *projects)
    world.cover(worker, projects[0])
    check_in = world.face(worker, projects[1])
    for _ in range(2):  # also when asked again
        with pytest.raises(SumInsuredLimitError) as refusal:
            world.prove_check_in(worker, check_in.check_in_id)
    assert refusal.value.facts == {"limit_yuan": 800_000}
    assert len(world.policies.all()) == 1
    assert world.complete_check_in(worker, check_in.check_in_id, 0) == "SumInsuredLimitError"


def issued_or_limited(world: World, worker: str, check_in_id: str) -> str:
    try:
        world.prove_check_in(worker, check_in_id)
    except SumInsuredLimitError as refusal:
        return type(refusal).__name__
    return "ISSUED"


def test_sum_limit_holds_when_two_employers_race_in_every_way() -> None:
    projects = [other_project(1, plan_id="T3"), other_project(2, plan_id="T3")]
    schedules = Schedules()
    for _ in schedules:
        world = World(*projects)
        worker = world.worker("o-1", *projects)
        check_ins = [world.face(worker, project) for project in projects]
        outcomes = interleave(
            world.steps,
            [partial(issued_or_limited, world, worker, c.check_in_id) for c in check_ins],
            schedules.choose,
        )
        assert sorted(outcomes) == ["ISSUED", "SumInsuredLimitError"]
        assert len(world.policies.all()) == 1


def test_cover_already_renewed_is_counted_once_when_sums_are_added() -> None:
    """At no instant are both of the first employer's adjacent policies in force."""
    first, second = other_project(1, plan_id="T3"), other_project(2, plan_id="T2")
    world = World(first, second)
    worker = world.worker("o-1", first, second)
    policy = world.cover(worker, first)
    world.now.at = policy.period.end - timedelta(minutes=30)
    world.cover(worker, first, stated=None)
    world.cover(worker, second, stated=None)
    assert len(world.policies.all()) == 3


def test_sum_frees_up_when_a_policy_has_ended() -> None:
    first, second = other_project(1, plan_id="T4"), other_project(2, plan_id="T4")
    world = World(first, second)
    worker = world.worker("o-1", first, second)
    world.cover(worker, first)
    world.now.advance(hours=24)
    world.cover(worker, second, stated=None)
    assert len(world.policies.all()) == 2


def test_nothing_is_issued_when_the_check_in_carries_no_consent() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    bare = check_in.model_copy(update={"consents": (), "check_in_id": "20261124-09"})
    world.check_ins.add(bare)
    with pytest.raises(ConsentMissingError):
        world.prove_check_in(worker, bare.check_in_id)
    assert world.policies.all() == []


@pytest.mark.parametrize(
    ("reason", "error"),
    [("INCONSISTENT_REAL_NAME", NameMismatchError), ("FACE_RECOGNITION_FAILED", FaceCheckFailedError)],
)
def test_failure_is_settled_for_good_when_the_work_card_reports_it(
    reason: str, error: type[Exception]
) -> None:
    world = World()
    worker = world.worker()
    check_in = world.begin(worker)
    world.work_card.show_face(check_in.authenticate_number, failed=reason)
    for _ in range(2):
        with pytest.raises(error):
            world.prove_check_in(worker, check_in.check_in_id)
    assert world.check_ins.get(worker, check_in.check_in_id).status is CheckInStatus.FAILED
    assert world.policies.all() == []


def test_check_in_expires_when_the_token_and_the_margin_are_over() -> None:
    world = World()
    worker = world.worker()
    check_in = world.begin(worker)
    world.now.at = check_in.token_ends_at + ANSWER_MARGIN
    assert world.prove_check_in(worker, check_in.check_in_id).policy is None
    world.now.advance(seconds=1)
    with pytest.raises(CheckInExpiredError):
        world.prove_check_in(worker, check_in.check_in_id)
    world.work_card.show_face(check_in.authenticate_number)  # too late: an outcome stays
    with pytest.raises(CheckInExpiredError):
        world.prove_check_in(worker, check_in.check_in_id)


def test_policy_is_issued_when_the_face_was_shown_in_time_and_the_answer_came_late() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    world.now.advance(hours=1, minutes=59)
    issued = world.prove_check_in(worker, check_in.check_in_id)
    assert issued.policy is not None
    assert issued.policy.period.start == world.now()


def test_nothing_is_issued_when_the_proof_is_older_than_two_hours() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    world.now.advance(hours=2, seconds=1)
    with pytest.raises(CheckInExpiredError):
        world.prove_check_in(worker, check_in.check_in_id)
    assert world.policies.all() == []


def test_nothing_is_issued_when_the_proof_is_of_another_account() -> None:
    world = World()
    worker = world.worker()
    check_in = world.begin(worker)
    world.work_card.show_face(check_in.authenticate_number, openid="o-somebody")
    with pytest.raises(FaceCheckFailedError):
        world.prove_check_in(worker, check_in.check_in_id)
    assert world.policies.all() == []


def test_check_in_stays_open_when_the_work_card_cannot_answer() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    world.work_card.refusal = WorkCardUnavailableError()
    with pytest.raises(WorkCardUnavailableError):
        world.complete_check_in(worker, check_in.check_in_id, 0)
    world.work_card.refusal = None
    assert world.complete_check_in(worker, check_in.check_in_id, 0) == "ISSUED"


def test_attempt_cut_off_before_the_work_card_is_pending_when_asked_about() -> None:
    world = World()
    worker = world.worker()
    world.steps.calm()
    world.steps.crash_at("work_card.pre_order", applied=False)
    with pytest.raises(Crash):
        world.begin(worker)
    world.steps.calm()
    assert world.prove_check_in(worker, "20261124-01").policy is None
    world.now.advance(minutes=7)
    with pytest.raises(CheckInExpiredError):
        world.prove_check_in(worker, "20261124-01")


def test_refusal_of_the_work_card_is_passed_on_when_it_does_not_know_a_pre_ordered_attempt() -> None:
    world = World()
    worker = world.worker()
    check_in = world.begin(worker)
    world.work_card.orders.clear()
    with pytest.raises(WorkCardRefusedError):
        world.prove_check_in(worker, check_in.check_in_id)
    assert world.complete_check_in(worker, check_in.check_in_id, 0) == "WorkCardRefusedError"


def test_voided_policy_does_not_serve_when_the_worker_checks_in_again() -> None:
    world = World()
    worker = world.worker()
    policy = world.cover(worker)
    world.policies.forget(policy)
    world.policies.add(policy.model_copy(update={"status": PolicyStatus.VOIDED}), None)
    again = world.cover(worker, stated=None)
    assert again.sequence == policy.sequence + 1
    assert again.period.start == world.now()


# ---- TTL ---------------------------------------------------------------------------------------------


def test_person_is_covered_anew_when_ttl_has_taken_every_earlier_policy() -> None:
    project = a_project(ends_on=date(2026, 12, 31))
    world = World(project)
    worker = world.worker("o-1", project)
    first = world.cover(worker, project)
    world.policies.forget(first)
    world.now.advance(days=16)
    second = world.cover(worker, project, stated=None)
    assert second.sequence == 1
    assert second.policy_no != first.policy_no


@pytest.mark.parametrize("reuse", [False, True])
def test_one_policy_results_when_ttl_takes_the_latest_between_a_read_and_its_write(reuse: bool) -> None:
    """With `reuse` an older item outlives the latest, so that a rival takes the very same place (ABA)."""
    project = a_project(ends_on=date(2026, 12, 31))
    schedules = Schedules()
    for _ in schedules:
        world = World(project, at=NOW + timedelta(days=15))
        workers = [world.worker("o-1", project), world.worker("o-2", project)]
        check_ins = [world.face(worker, project) for worker in workers]
        person = check_ins[0].identity.person_id
        old = a_policy(NOW - timedelta(days=1), 1, person_id=person, worker_id=workers[0])
        latest = a_policy(NOW, 2, person_id=person, worker_id=workers[0])
        if reuse:
            world.policies.add(old, None)
        world.policies.add(latest, None)

        def ttl(w: World = world, item: Policy = latest) -> None:
            w.steps.before("policies.ttl")
            w.policies.forget(item)

        interleave(
            world.steps,
            [
                *(
                    partial(world.prove_check_in, worker, check_in.check_in_id)
                    for worker, check_in in zip(workers, check_ins, strict=True)
                ),
                ttl,
            ],
            schedules.choose,
            only="policies.",
        )
        fresh = [policy for policy in world.policies.all() if policy.issued_at == world.now()]
        assert len(fresh) == 1, f"{[policy.policy_no for policy in fresh]}"


class _AlwaysLate(FakePolicies):
    """Somebody else is always first."""

    tries = 0

    def add(self, policy: Policy, latest: Policy | Stop | None, neighbour: Policy | None = None) -> None:
        self.tries += 1
        raise PolicyExistsError


def test_caller_is_asked_to_repeat_when_every_race_is_lost() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    late = _AlwaysLate()
    issue = replace(world.issue_policy, policies=late)
    world.prove_check_in = replace(world.prove_check_in, issue_policy=issue)
    with pytest.raises(ConcurrentChangeError):
        world.prove_check_in(worker, check_in.check_in_id)
    assert late.tries == MAX_RACES


def test_worker_is_told_when_to_check_in_next_when_the_shift_outlasts_the_cover() -> None:
    project = a_project(shift=Shift(starts_at=time(10), ends_at=time(9)))  # 23 hours, until 09:00
    world = World(project)
    worker = world.worker("o-1", project)
    check_in = world.face(worker, project)  # at 08:30, so that the cover ends half an hour too early
    status, view, _ = answer_issued(world.prove_check_in(worker, check_in.check_in_id), world.now())
    assert status == 201
    assert isinstance(view, IssuedView)
    (warning,) = view.warnings
    assert warning.next_check_in_from == view.end - timedelta(hours=2)
    assert warning.shift_ends_at == view.end + timedelta(minutes=30)
    assert "11-25 06:30" in warning.text_zh
    world.now.at = warning.next_check_in_from
    assert world.cover(worker, project).period.start == view.end
    again, repeated, _ = answer_issued(world.prove_check_in(worker, check_in.check_in_id), world.now())
    assert (again, repeated.model_dump()["warnings"]) == (200, view.model_dump()["warnings"])


def test_nothing_is_warned_of_when_the_cover_outlasts_the_shift() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    _, view, _ = answer_issued(world.prove_check_in(worker, check_in.check_in_id), world.now())
    assert isinstance(view, IssuedView)
    assert view.warnings == ()
