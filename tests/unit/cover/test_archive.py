"""The archive: whatever order and repetition the stream brings, every policy ends in it, findable."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover import crockford
from daycover.cover.archive import (
    CLOSES,
    LAST_CALL,
    PAGE,
    ArchiveConflictError,
    ArchivePolicy,
    Followed,
    HotChange,
    KeepPolicies,
    Kept,
    PolicyChange,
    PolicyFinder,
    goes_into_a_batch,
    is_closed,
)
from daycover.cover.period import COVER
from daycover.cover.policy import (
    KEPT_AFTER_END,
    Policy,
    PolicyNotFoundError,
    PolicyStatus,
    first_place,
    place_in_time,
    policy_number,
)
from daycover.cover.read import ReadPolicies
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.store import keys
from tests.support.builders import NOW, PERSON, WORKER, a_policy, a_worker, an_identity
from tests.support.fakes.archive import FakeArchive
from tests.support.fakes.cover import FakePolicies
from tests.support.fakes.identity import FakeWorkers
from tests.support.fakes.projects import FakeProjects

OTHER = crockford.encode(99, 20)
DAY = timedelta(days=1)
FINAL = [status for status in PolicyStatus if status is not PolicyStatus.ISSUED]
Event = tuple[PolicyChange, Policy]


def changed(policy: Policy, status: PolicyStatus) -> Policy:
    return policy.model_copy(update={"status": status})


def history(days: int, start: datetime = NOW) -> list[Policy]:
    """One policy a day, the oldest first."""
    return [a_policy(start + DAY * day, day + 1) for day in range(days)]


def follow(
    archive: FakeArchive, change: PolicyChange, policy: Policy, *, by_ttl: bool = False, now: datetime = NOW
) -> Followed:
    """One change that comes by itself. Raises what is said of it."""
    (followed,) = KeepPolicies(archive=archive).follow([HotChange(change, policy, by_ttl)], now)
    if isinstance(followed, DaycoverError):
        raise followed
    return followed


class Record(NamedTuple):
    """A record of the stream; `image` is the item."""

    kind: str
    image: Mapping[str, Any]
    by_ttl: bool = False


# ---- following the stream ----------------------------------------------------------------------------


def test_policy_is_archived_with_one_call_when_it_is_issued() -> None:
    archive = FakeArchive()
    assert follow(archive, PolicyChange.INSERT, a_policy()) == Followed(Kept.ADDED)
    assert archive.steps.calls == ["archive.append"]
    assert archive.all() == {a_policy().policy_no: a_policy()}


def test_policy_is_handed_on_after_it_was_kept_and_again_when_its_record_comes_again() -> None:
    archive = FakeArchive()
    told: list[tuple[str, bool]] = []

    def tell(policies: Sequence[Policy]) -> list[DaycoverError | None]:
        told.extend((policy.policy_no, policy.policy_no in archive.all()) for policy in policies)
        return [None] * len(policies)

    archive_policy = ArchivePolicy(now=lambda: NOW, keep=KeepPolicies(archive=archive), tell=tell)
    image = a_policy().model_dump(mode="json")
    for _ in range(2):
        assert archive_policy([Record("INSERT", image)]).failures == [None]
    assert told == [(a_policy().policy_no, True)] * 2
    assert archive_policy([Record("REMOVE", image, by_ttl=True)]).counts == {"PolicyExpired": 1}
    assert len(told) == 2, "a removal is no news to anybody"


def test_two_policies_are_one_batch_and_a_third_that_is_none_fails_alone_when_records_come_together() -> None:
    archive = FakeArchive()
    told: list[list[str]] = []

    def tell(policies: Sequence[Policy]) -> list[DaycoverError | None]:
        told.append([policy.policy_no for policy in policies])
        return [None] * len(policies)

    archive_policy = ArchivePolicy(now=lambda: NOW, keep=KeepPolicies(archive=archive), tell=tell)
    one, two = history(2)
    records = [
        Record("INSERT", {"policy_no": 1}),
        *(Record("INSERT", p.model_dump(mode="json")) for p in (one, two)),
    ]
    outcome = archive_policy(records)
    assert [failure is None for failure in outcome.failures] == [False, True, True]
    assert archive.steps.calls == ["archive.append"]
    assert told == [[one.policy_no, two.policy_no]], "together"


def test_record_fails_alone_when_the_insurer_s_queue_refuses_its_policy() -> None:
    one, two = history(2)

    def tell(policies: Sequence[Policy]) -> list[DaycoverError | None]:
        return [ConcurrentChangeError() if policy == one else None for policy in policies]

    archive_policy = ArchivePolicy(now=lambda: NOW, keep=KeepPolicies(archive=FakeArchive()), tell=tell)
    outcome = archive_policy([Record("INSERT", p.model_dump(mode="json")) for p in (one, two)])
    assert [type(failure) for failure in outcome.failures] == [ConcurrentChangeError, type(None)]


@pytest.mark.parametrize("status", FINAL)
def test_archive_takes_the_later_status_for_good_when_a_policy_changes(status: PolicyStatus) -> None:
    archive = FakeArchive()
    policy, later = a_policy(), changed(a_policy(), status)
    for _ in range(2):
        follow(archive, PolicyChange.INSERT, policy)
        follow(archive, PolicyChange.MODIFY, later)
    follow(archive, PolicyChange.INSERT, policy)
    assert archive.batched[policy.policy_no] == [policy]
    assert archive.versions[policy.policy_no] == [later]
    archive.close_day(policy.issued_at.date(), 0, 1)
    found = archive.find(policy.policy_no)
    assert found is not None
    assert found.policy == later, "the terminal status wins over the batch"


@pytest.mark.parametrize("status", FINAL)
def test_policy_that_came_too_late_for_a_batch_stands_alone_and_takes_the_later_status(
    status: PolicyStatus,
) -> None:
    archive = FakeArchive()
    policy, later = a_policy(), changed(a_policy(), status)
    late = datetime.combine(NOW, time(), UTC) + DAY + LAST_CALL
    assert follow(archive, PolicyChange.INSERT, policy, now=late).kept is Kept.ADDED
    assert follow(archive, PolicyChange.MODIFY, later, now=late).kept is Kept.REPLACED
    assert follow(archive, PolicyChange.INSERT, policy, now=late).kept is Kept.UNCHANGED
    assert archive.versions[policy.policy_no] == [policy, later]
    assert archive.batched == {}


@pytest.mark.parametrize(
    ("at", "batched", "closed"),
    [
        (timedelta(0), True, False),
        (LAST_CALL - timedelta(microseconds=1), True, False),
        (LAST_CALL, False, False),
        (CLOSES - timedelta(microseconds=1), False, False),
        (CLOSES, False, True),
    ],
)
def test_no_batch_begins_within_two_hours_of_a_day_s_index(
    at: timedelta, batched: bool, closed: bool
) -> None:
    """Lambda ends whoever began before the last call within 15 minutes, so the index lists every batch."""
    end = datetime.combine(NOW, time(), UTC) + DAY
    for issued in (end - DAY, end - timedelta(microseconds=1)):
        policy = a_policy(issued + timedelta(hours=2), issued_at=issued)
        assert goes_into_a_batch(policy, end + at) is batched
        assert not goes_into_a_batch(changed(policy, PolicyStatus.VOIDED), end + at)
    assert is_closed(NOW.date(), end + at) is closed
    assert timedelta(hours=24) < LAST_CALL, "a stream's record lives so long"
    assert timedelta(minutes=15) < CLOSES - LAST_CALL
    assert CLOSES + DAY < KEPT_AFTER_END, "whoever is not indexed yet is in the table"


def records_of(policies: Sequence[Policy], finals: Sequence[PolicyStatus | None]) -> list[Event]:
    events: list[Event] = []
    for policy, final in zip(policies, finals, strict=True):
        events.append((PolicyChange.INSERT, policy))
        if final is not None:
            events.append((PolicyChange.MODIFY, changed(policy, final)))
    return events


@given(st.data())
def test_archive_is_the_same_when_records_are_shuffled_repeated_and_cut_into_batches(data: Any) -> None:
    policies = history(5)
    finals = data.draw(st.lists(st.sampled_from([None, *FINAL]), min_size=5, max_size=5))
    events = records_of(policies, finals)
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=20))
    archive = FakeArchive()
    for change, policy in data.draw(st.permutations([*events, *repeated])):
        follow(archive, change, policy)
    expected = {
        policy.policy_no: changed(policy, final or PolicyStatus.ISSUED)
        for policy, final in zip(policies, finals, strict=True)
    }
    assert archive.all() == expected
    assert all(len(versions) <= 2 for versions in archive.versions.values())


@pytest.mark.parametrize(
    "other",
    [
        {"check_in_id": "20261124-02"},
        {"worker_id": "W2"},
        {"issued_at": NOW + timedelta(seconds=1)},
        {"premium_fen": 71},
    ],
)
def test_archive_keeps_the_first_when_another_policy_has_the_same_number(other: dict[str, Any]) -> None:
    archive = FakeArchive(a_policy())
    impostor = a_policy().model_copy(update=other)
    late = NOW + 3 * DAY
    for change in PolicyChange:
        with pytest.raises(ArchiveConflictError):
            follow(archive, change, impostor, now=late)
    assert archive.versions == {a_policy().policy_no: [a_policy()]}


def test_index_tells_of_two_policies_under_one_number_when_batches_hold_both() -> None:
    archive = FakeArchive()
    follow(archive, PolicyChange.INSERT, a_policy())
    follow(archive, PolicyChange.INSERT, a_policy().model_copy(update={"check_in_id": "20261124-02"}))
    assert archive.close_day(NOW.date(), 0, 1) == (a_policy().policy_no,)


def test_archive_asks_a_person_when_two_final_statuses_contradict() -> None:
    archive = FakeArchive(changed(a_policy(), PolicyStatus.VOIDED))
    with pytest.raises(ArchiveConflictError):
        follow(archive, PolicyChange.MODIFY, changed(a_policy(), PolicyStatus.CANCELLED))


def test_change_is_archived_when_two_consumers_race_for_the_same_object() -> None:
    archive = FakeArchive(a_policy())
    later = changed(a_policy(), PolicyStatus.VOIDED)

    def meanwhile(call: str) -> None:
        if call == "archive.replace":
            archive.steps.before = lambda name: None
            assert follow(archive, PolicyChange.MODIFY, later).kept is Kept.REPLACED

    archive.steps.before = meanwhile
    assert follow(archive, PolicyChange.MODIFY, later).kept is Kept.UNCHANGED
    assert archive.versions[later.policy_no] == [a_policy(), later]


def test_change_is_given_back_to_the_stream_when_the_object_never_holds_still() -> None:
    class Restless(FakeArchive):
        def replace(self, policy: Policy, version: str) -> None:
            raise ConcurrentChangeError

    with pytest.raises(ConcurrentChangeError):
        follow(Restless(a_policy()), PolicyChange.MODIFY, changed(a_policy(), PolicyStatus.VOIDED))


@pytest.mark.parametrize(("by_ttl", "name"), [(True, "PolicyExpired"), (False, "PolicyDeletedByHand")])
def test_removal_is_counted_when_the_archive_holds_the_policy(by_ttl: bool, name: str) -> None:
    archive = FakeArchive(a_policy())
    followed = follow(archive, PolicyChange.REMOVE, a_policy(), by_ttl=by_ttl)
    assert followed == Followed(Kept.UNCHANGED, (name,))
    assert archive.steps.calls[0] == "archive.unkept"
    assert archive.all() == {a_policy().policy_no: a_policy()}


@pytest.mark.parametrize(("by_ttl", "name"), [(True, "PolicyExpired"), (False, "PolicyDeletedByHand")])
def test_policy_is_restored_and_alarmed_when_removed_before_it_was_archived(by_ttl: bool, name: str) -> None:
    archive = FakeArchive()
    followed = follow(archive, PolicyChange.REMOVE, a_policy(), by_ttl=by_ttl)
    assert followed == Followed(Kept.ADDED, (name, "ArchiveMissing"))
    assert archive.all() == {a_policy().policy_no: a_policy()}


def test_last_status_is_restored_and_alarmed_when_ttl_removes_a_policy_archived_before_it_changed() -> None:
    archive = FakeArchive(a_policy())
    voided = changed(a_policy(), PolicyStatus.VOIDED)
    followed = follow(archive, PolicyChange.REMOVE, voided, by_ttl=True)
    assert followed == Followed(Kept.REPLACED, ("PolicyExpired", "ArchiveMissing"))
    assert archive.all() == {voided.policy_no: voided}


# ---- finding -----------------------------------------------------------------------------------------


def test_policy_is_found_in_the_archive_when_ttl_has_taken_it() -> None:
    finder = PolicyFinder(hot=FakePolicies(), archive=FakeArchive(a_policy()))
    assert finder.get(a_policy().policy_no) == a_policy()
    assert finder.get(f" {a_policy().policy_no.lower()} ") == a_policy()


def test_hot_table_alone_is_asked_when_it_holds_the_policy() -> None:
    archive = FakeArchive(a_policy())
    voided = changed(a_policy(), PolicyStatus.VOIDED)
    assert PolicyFinder(hot=FakePolicies(voided), archive=archive).get(voided.policy_no) == voided
    assert archive.steps.calls == []


@pytest.mark.parametrize("number", ["DC", "no such thing", a_policy().policy_no])
def test_policy_is_not_found_when_neither_holds_it(number: str) -> None:
    archive = FakeArchive(a_policy(NOW + DAY, 2))
    with pytest.raises(PolicyNotFoundError):
        PolicyFinder(hot=FakePolicies(), archive=archive).get(number)
    if number != a_policy().policy_no:
        assert archive.steps.calls == []  # a mistyped number costs no call


def test_expired_item_is_found_and_not_in_force_when_ttl_has_not_taken_it_yet() -> None:
    policy = a_policy()
    found = PolicyFinder(hot=FakePolicies(policy), archive=FakeArchive()).get(policy.policy_no)
    assert found == policy
    late = policy.forgotten_at + DAY
    assert not found.in_force(late)
    assert [found.in_force(policy.period.end + shift) for shift in (-timedelta(seconds=1), timedelta(0))] == [
        True,
        False,
    ]


@given(st.data())
def test_worker_sees_every_policy_once_and_newest_first_however_they_are_spread(data: Any) -> None:
    policies = history(8)
    hot = data.draw(st.sets(st.sampled_from(range(8))))
    archived = data.draw(st.sets(st.sampled_from(range(8)))) | (set(range(8)) - hot)
    finder = PolicyFinder(
        hot=FakePolicies(*(policies[index] for index in hot)),
        archive=FakeArchive(*(policies[index] for index in archived), a_policy(person_id=OTHER)),
    )
    assert finder.list_of(PERSON) == policies[::-1]
    at = data.draw(st.integers(0, 7))
    assert finder.list_of(PERSON, policies[at].policy_no) == policies[:at][::-1]


def test_later_status_is_shown_when_the_archive_is_behind_the_hot_table() -> None:
    voided = changed(a_policy(), PolicyStatus.VOIDED)
    assert PolicyFinder(hot=FakePolicies(voided), archive=FakeArchive(a_policy())).list_of(PERSON) == [voided]


def test_worker_reads_on_when_there_are_more_policies_than_one_list_holds() -> None:
    policies = history(2 * PAGE + 50)
    workers = FakeWorkers(a_worker())
    workers.bind(WORKER, an_identity(), NOW)
    read = ReadPolicies(
        workers=workers,
        policies=PolicyFinder(hot=FakePolicies(*policies[-15:]), archive=FakeArchive(*policies)),
        projects=FakeProjects(),
    )
    seen = read.all_of(WORKER)
    while older := read.all_of(WORKER, seen[-1].policy_no):
        assert len(older) <= PAGE
        seen += older
    assert seen == policies[::-1]
    assert read.one_of(WORKER, policies[0].policy_no) == policies[0]


def test_archive_reads_only_what_the_hot_table_has_lost_when_listing() -> None:
    policies = history(20)
    archive = FakeArchive(*policies)
    PolicyFinder(hot=FakePolicies(*policies), archive=archive).list_of(PERSON)
    assert archive.steps.calls == ["archive.list_numbers", "archive.find_many"]


@pytest.mark.parametrize("ago", [0, 30, 365, 729])
@pytest.mark.parametrize("offset", [timedelta(0), timedelta(hours=12), COVER - timedelta(microseconds=1)])
def test_policy_that_covers_an_instant_is_found_when_it_is_long_gone(ago: int, offset: timedelta) -> None:
    policies = history(730, NOW - 729 * DAY)
    finder = PolicyFinder(hot=FakePolicies(*policies[-15:]), archive=FakeArchive(*policies))
    wanted = policies[729 - ago]
    assert finder.covering(PERSON, wanted.period.start + offset) == [wanted]


def test_adjacent_cover_is_found_when_it_was_bought_the_day_before_it_began() -> None:
    issued = NOW.replace(hour=23, minute=30)
    adjacent = a_policy(issued + timedelta(hours=2), 7, issued_at=issued)
    finder = PolicyFinder(hot=FakePolicies(), archive=FakeArchive(adjacent))
    assert finder.covering(PERSON, adjacent.period.end - timedelta(microseconds=1)) == [adjacent]
    assert finder.covering(PERSON, adjacent.period.start - timedelta(microseconds=1)) == []


def test_nothing_covers_an_instant_when_it_lies_before_the_product_or_after_all_policies() -> None:
    finder = PolicyFinder(hot=FakePolicies(), archive=FakeArchive(a_policy()))
    assert finder.covering(PERSON, datetime.fromisoformat("1990-01-01T00:00:00Z")) == []
    assert finder.covering(PERSON, NOW + 30 * DAY) == []


# ---- numbers, places, keys ---------------------------------------------------------------------------

places = st.tuples(st.integers(0, 30_000), st.integers(1, 2**20 - 1))


@given(places, places)
def test_newer_number_stands_first_in_the_archive_s_order_when_keys_are_compared(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    numbers = [policy_number(PERSON, sequence, NOW + DAY * day) for day, sequence in (one, other)]
    object_keys = [keys.archived_policy(number) for number in numbers]
    assert (object_keys[0] < object_keys[1]) == (one > other)
    assert (place_in_time(numbers[0]) > place_in_time(numbers[1])) == (one > other)
    for number, key in zip(numbers, object_keys, strict=True):
        assert keys.archived_number(key) == number
        assert key.startswith(keys.archived_policies(PERSON))
        below = keys.archived_below(PERSON, place_in_time(number))
        assert [other_key > below for other_key in object_keys] == [
            place_in_time(other_number) < place_in_time(number) for other_number in numbers
        ]


@given(places)
def test_day_begins_before_all_its_policies_when_places_are_compared(place: tuple[int, int]) -> None:
    at = NOW + DAY * place[0]
    number = policy_number(PERSON, place[1], at)
    assert first_place(at) <= place_in_time(number) < first_place(at + DAY)


def test_ttl_lies_two_weeks_after_the_end_in_whole_seconds_when_computed() -> None:
    policy = a_policy(NOW.replace(microsecond=999_999))
    seconds = int(policy.forgotten_at.timestamp())
    assert timedelta(days=14) == KEPT_AFTER_END
    assert 14 * 86_400 - 1 <= seconds - policy.period.end.timestamp() <= 14 * 86_400
    assert seconds < 10**10  # milliseconds would never be due
