"""The sweeper: nothing is lost while a consumer is down; windows join, runs are bounded and repeatable."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover import crockford
from daycover.china_time import china_day
from daycover.cover.archive import CLOSES, PolicyFinder
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.cover.roster import line_of
from daycover.cover.sweep import HOT_FOR, RUN_FOR, SETTLED_AFTER, SweepArchive
from daycover.errors import ConcurrentChangeError, DaycoverError
from tests.support.builders import NOW, PROJECT, a_policy
from tests.support.fakes.archive import FakeArchive, FakeSweeps
from tests.support.fakes.cover import FakeCoverLines, FakePolicies
from tests.support.fakes.port import Clock, Crash, FakePort, Steps

HOUR = timedelta(hours=1)


class Night:
    """A hot table whose stream nobody reads."""

    def __init__(self, *policies: Policy) -> None:
        self.now = Clock(NOW)
        self.steps = Steps()
        self.policies = FakePolicies(*policies, steps=self.steps)
        self.sweeps = FakeSweeps(steps=self.steps)
        self.archive = FakeArchive(steps=self.steps)
        self.lines = FakeCoverLines(steps=self.steps)
        self.told_port = FakePort(self.steps)
        self.told: list[Policy] = []
        self.sweep = SweepArchive(
            now=self.now,
            policies=self.policies,
            sweeps=self.sweeps,
            archive=self.archive,
            lines=self.lines,
            tell=self._tell,
        )

    def _tell(self, policies: Sequence[Policy]) -> list[DaycoverError | None]:
        if policies:
            with self.told_port.call("insurer.tell"):
                self.told.extend(policies)
        return [None] * len(policies)

    def issue(self, policy: Policy) -> Policy:
        self.policies.add(policy, None)
        return policy

    def is_whole(self, policies: list[Policy]) -> bool:
        """Whether archive and roster hold exactly these."""
        days = {china_day(policy.issued_at) for policy in policies}
        lines = self.lines.of_project("C1", PROJECT, days)
        numbers = sorted(policy.policy_no for policy in policies)
        return sorted(line.policy_no for line in lines) == sorted(self.archive.all()) == numbers


def many(count: int, first_at: timedelta = 2 * HOUR) -> list[Policy]:
    return [a_policy(NOW - first_at - timedelta(minutes=number), number + 1) for number in range(count)]


@pytest.mark.parametrize("segments", [1, 3])
def test_nothing_is_lost_when_the_consumers_are_down_for_25_hours(segments: int) -> None:
    night = Night()
    policies = []
    for number in range(50):  # issued over 25 hours; by the end the first records have left the stream
        policies.append(night.issue(a_policy(night.now(), number + 1)))
        night.now.advance(minutes=30)
    assert night.archive.all() == {}
    night.now.advance(hours=1)
    repaired = [no for segment in range(segments) for no in night.sweep(segment, segments).repaired]
    assert sorted(repaired) == sorted(policy.policy_no for policy in policies)
    assert night.is_whole(policies)


def test_only_what_is_missing_is_repaired_when_the_stream_told_of_the_rest() -> None:
    policies = many(4)
    night = Night(*policies)
    for policy in policies[:2]:
        night.archive.add(policy)
    for policy in policies[1:3]:
        night.lines.record(line_of(policy))
    assert set(night.sweep(0, 1).repaired) == {policies[i].policy_no for i in (0, 2, 3)}
    assert night.is_whole(policies)
    assert {policy.policy_no for policy in night.told} == {policies[i].policy_no for i in (0, 2, 3)}


def test_nothing_is_written_when_nothing_is_missing() -> None:
    policies = many(4)
    night = Night(*policies)
    for policy in policies:
        night.archive.add(policy)
        night.lines.record(line_of(policy))
    night.steps.calls.clear()
    swept = night.sweep(0, 1)
    assert (swept.looked_at, swept.repaired, swept.finished) == (4, (), True)
    assert {"archive.add", "archive.replace", "lines.record", "insurer.tell"}.isdisjoint(night.steps.calls)


def test_young_policy_is_left_to_the_stream_when_its_record_may_be_on_the_way() -> None:
    night = Night(a_policy(NOW - SETTLED_AFTER + timedelta(seconds=1)))
    assert night.sweep(0, 1).looked_at == 0
    night.now.advance(minutes=1)
    assert night.sweep(0, 1).repaired == (a_policy(NOW - SETTLED_AFTER + timedelta(seconds=1)).policy_no,)


def test_run_is_bounded_and_the_next_one_goes_on_when_there_are_more_pages() -> None:
    policies = many(10)  # 4 pages of the fake
    night = Night(*policies)
    runs = [night.sweep(0, 1, pages=1) for _ in range(4)]
    assert [run.finished for run in runs] == [False, False, False, True]
    assert sum(run.looked_at for run in runs) == 10
    assert night.is_whole(policies)


def test_run_ends_before_its_time_when_pages_take_long() -> None:
    night = Night(*many(10))
    night.steps.after = lambda name: (
        night.now.advance(minutes=RUN_FOR.total_seconds() / 60) if name == "sweeps.save" else None
    )
    for _ in range(3):  # the second page would begin too late
        swept = night.sweep(0, 1)
        assert (swept.looked_at, swept.finished) == (3, False)
    assert night.sweep(0, 1).finished


def test_windows_join_without_a_gap_when_no_sweep_ran_for_days() -> None:
    night = Night()
    policies: list[Policy] = []
    for number, pause in enumerate([1, 1, 30, 2, 100, 1, 5]):
        policies.append(night.issue(a_policy(night.now(), number + 1)))
        night.now.advance(hours=pause)
        night.sweep(0, 1)
    night.now.advance(hours=1, minutes=1)
    night.sweep(0, 1)
    assert night.is_whole(policies)


def test_age_of_the_oldest_unswept_policy_is_told_when_sweeps_lag() -> None:
    night = Night(*many(10))
    assert night.sweep(0, 1, pages=1).unswept == HOT_FOR + SETTLED_AFTER
    night.sweep(0, 1)
    night.now.advance(hours=5)
    assert night.sweep(0, 1, pages=0).unswept == 5 * HOUR + SETTLED_AFTER


def test_late_change_is_repaired_when_its_record_was_lost_long_after_the_issue() -> None:
    policy = many(1)[0]
    night = Night(policy)
    night.sweep(0, 1)
    voided = policy.model_copy(update={"status": PolicyStatus.VOIDED})
    night.policies.forget(policy)
    night.issue(voided)
    night.now.advance(hours=30)
    assert night.sweep(0, 1).repaired == (policy.policy_no,)
    assert night.archive.batched[policy.policy_no] == [policy]
    assert night.archive.versions[policy.policy_no] == [voided]
    assert night.told == [policy, voided]


def test_contradiction_is_told_and_does_not_hold_up_the_rest_when_found() -> None:
    policies = many(5)
    night = Night(*policies)
    night.archive.add(policies[2].model_copy(update={"check_in_id": "another"}))
    swept = night.sweep(0, 1)
    assert swept.conflicts == (policies[2].policy_no,)
    assert swept.finished
    assert len(swept.repaired) == 4


def test_second_run_gives_way_when_two_work_on_one_segment() -> None:
    policies = many(10)
    night = Night(*policies)
    first = True

    def meanwhile(name: str) -> None:
        nonlocal first
        if name == "sweeps.save" and first:
            first = False
            night.sweep(0, 1, pages=1)

    night.steps.before = meanwhile
    with pytest.raises(ConcurrentChangeError):
        night.sweep(0, 1)
    night.steps.calm()
    night.sweep(0, 1)
    assert night.is_whole(policies)
    assert {policy.policy_no for policy in night.told} == {policy.policy_no for policy in policies}


@given(st.integers(0, 30), st.booleans())
def test_archive_and_roster_are_whole_when_a_run_is_cut_off_anywhere(index: int, applied: bool) -> None:
    policies = many(7)
    night = Night(*policies)
    night.steps.crash_at(index, applied=applied)
    try:
        night.sweep(0, 1)
    except Crash:
        pass
    night.steps.calm()
    night.sweep(0, 1)
    assert night.is_whole(policies)
    assert {policy.policy_no for policy in night.told} == {policy.policy_no for policy in policies}


def test_insurer_is_told_of_an_ending_when_only_the_archive_missed_it() -> None:
    """The roster heard of it; archive and insurer are told by the same consumer, so the archive's gap is both."""
    policy = many(1)[0]
    ended = Ending(at=NOW, by="staff", actor="s", reason=EndReason.MISTAKE, refund_fen=70)
    voided = policy.model_copy(update={"status": PolicyStatus.VOIDED, "ended": ended})
    night = Night(voided)
    night.archive.add(policy)
    night.lines.record(line_of(voided))
    assert night.sweep(0, 1).repaired == (policy.policy_no,)
    assert night.told == [voided]


# ---- the index ---------------------------------------------------------------------------------------


def test_each_day_is_indexed_once_and_in_order_when_its_last_batch_stands() -> None:
    policies = [a_policy(NOW - 26 * HOUR * number, 5 - number) for number in range(3)]
    night = Night(*policies)
    days = {policy.issued_at.date() for policy in policies}
    assert len(days) == 3
    found: list[int] = []
    for _ in range(7 * 24):
        night.sweep(0, 1)
        found.append(sum(night.archive.find(policy.policy_no) is not None for policy in policies))
        night.now.advance(hours=1)
    assert found == sorted(found)
    assert found[-1] == 3
    closed = [name for name in night.steps.calls if name == "archive.close_day"]
    swept = night.sweeps.find(0, 1)
    assert swept is not None
    assert swept.closed == (night.now() - HOUR - CLOSES).date() - HOUR * 24
    assert len(closed) == (swept.closed - (NOW - HOT_FOR).date()).days


def test_index_is_made_by_each_segment_for_its_own_part_when_there_are_four() -> None:
    policies = [a_policy(person_id=crockford.ALPHABET[part] + "0" * 19) for part in range(32)]
    night = Night(*policies)
    night.archive.append(policies)
    night.now.advance(hours=60)
    for segment in range(4):
        night.sweep(segment, 4)
        shown = [part for part, p in enumerate(policies) if night.archive.find(p.policy_no) is not None]
        assert shown == [part for part in range(32) if part % 4 <= segment]


def test_policy_is_in_table_or_index_at_every_moment_when_batches_come_late_and_runs_are_cut_off() -> None:
    """The table forgets it two weeks after its end; until then the finder needs no archive at all."""
    policy = a_policy(NOW)
    night = Night(policy)
    finder = PolicyFinder(hot=night.policies, archive=night.archive)
    crashes = iter([3, 7, 11, 5, 9])
    while night.now() < policy.forgotten_at:
        night.steps.before = _crashing(next(crashes, None))
        with suppress(Crash):
            night.sweep(0, 1)
        night.steps.before = lambda name: None
        assert finder.get(policy.policy_no) == policy
        night.now.advance(hours=9)
    night.policies.forget(policy)
    assert finder.get(policy.policy_no) == policy


def _crashing(after: int | None) -> Callable[[str], None]:
    left = [after]

    def before(name: str) -> None:
        if left[0] is not None:
            left[0] -= 1
            if left[0] == 0:
                raise Crash

    return before


def test_policy_stands_alone_when_the_sweeper_finds_it_after_its_day_s_last_call() -> None:
    policy = a_policy(NOW)
    night = Night(policy)
    night.now.advance(hours=80)
    assert night.sweep(0, 1).repaired == (policy.policy_no,)
    assert night.archive.batched == {}
    found = night.archive.find(policy.policy_no)
    assert found is not None
    assert found.policy == policy


def test_conflict_is_told_when_batches_hold_two_policies_of_one_number() -> None:
    policy = a_policy(NOW)
    night = Night(policy)
    night.archive.append([policy.model_copy(update={"check_in_id": "20261124-77"})])
    night.now.advance(hours=2)
    night.sweep(0, 1)
    night.now.advance(hours=58)
    assert night.sweep(0, 1).conflicts == (policy.policy_no,)
