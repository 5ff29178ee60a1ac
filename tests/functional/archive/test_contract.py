"""One contract for the fakes and the real repositories of archive and sweep, and what the real ones cost."""

import hashlib
import json
import math
import random
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from daycover import crockford
from daycover.cover.archive import (
    ArchiveDamagedError,
    Followed,
    HotChange,
    KeepPolicies,
    Kept,
    PolicyChange,
)
from daycover.cover.policy import Policy, PolicyNotFoundError, PolicyStatus, place_in_time
from daycover.cover.roster import line_of
from daycover.cover.sweep import Sweep, SweepArchive
from daycover.errors import ConcurrentChangeError
from daycover.store import archive_index, keys
from daycover.store.archive import StoredArchive, archived_form
from daycover.store.aws import AwsError, StoreUnavailableError
from daycover.store.boto import BotoClient
from daycover.store.dynamodb import PageTokenError, Table
from tests.functional.archive.stores import Kept as Store
from tests.support.aws import client_of
from tests.support.builders import NOW, PERSON, a_policy
from tests.support.fakes.port import Clock
from tests.support.template import template

S3_WEATHER = ("InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable", "SlowDown")
OTHER = crockford.encode(9, 20)
DAY = timedelta(days=1)


def voided(policy: Policy) -> Policy:
    return policy.model_copy(update={"status": PolicyStatus.VOIDED})


# ---- archive -----------------------------------------------------------------------------------------


def test_policy_comes_back_as_it_was_when_read_by_its_number(store: Store) -> None:
    policy = a_policy(NOW.replace(microsecond=123_456))
    assert store.archive.add(policy)
    found = store.archive.find(f" {policy.policy_no.lower()}")
    assert found is not None
    assert found.policy == policy
    assert store.archive.find(a_policy(NOW + DAY).policy_no) is None
    with pytest.raises(PolicyNotFoundError):
        store.archive.find("DC")


def test_object_stays_when_it_is_added_again(store: Store) -> None:
    assert store.archive.add(a_policy())
    assert not store.archive.add(voided(a_policy()))
    assert store.archive.find(a_policy().policy_no).policy == a_policy()


def test_object_is_replaced_when_the_version_is_the_one_that_was_read(store: Store) -> None:
    store.archive.add(a_policy())
    version = store.archive.find(a_policy().policy_no).version
    store.archive.replace(voided(a_policy()), version)
    assert store.archive.find(a_policy().policy_no).policy == voided(a_policy())
    with pytest.raises(ConcurrentChangeError):
        store.archive.replace(a_policy(), version)
    assert store.archive.find(a_policy().policy_no).policy == voided(a_policy())


def test_replacing_gives_way_when_the_object_is_gone(store: Store) -> None:
    with pytest.raises(ConcurrentChangeError):
        store.archive.replace(a_policy(), '"etag"')


def test_numbers_are_listed_newest_first_and_of_one_person_when_asked(store: Store) -> None:
    policies = [a_policy(NOW + DAY * day, day + 1) for day in range(5)]
    restarted = a_policy(NOW + 40 * DAY, 1)  # a chain begins anew once the hot table is empty
    for policy in (*policies[::2], *policies[1::2], restarted, a_policy(person_id=OTHER)):
        store.archive.add(policy)
    numbers = [policy.policy_no for policy in (restarted, *policies[::-1])]
    assert store.archive.list_numbers(PERSON) == numbers
    assert store.archive.list_numbers(PERSON, limit=2) == numbers[:2]
    below = place_in_time(numbers[2])
    assert store.archive.list_numbers(PERSON, below=below) == numbers[3:]
    assert store.archive.list_numbers(PERSON, below=below, limit=1) == numbers[3:4]
    assert store.archive.list_numbers(PERSON, below=0) == []
    assert store.archive.list_numbers("0" * 20) == []


def test_what_is_not_there_is_left_out_when_many_are_read(store: Store) -> None:
    policies = [a_policy(NOW + DAY * day, day + 1) for day in range(12)]
    for policy in policies[:11]:
        store.archive.add(policy)
    found = store.archive.find_many([policy.policy_no for policy in policies])
    assert {number: archived.policy for number, archived in found.items()} == {
        policy.policy_no: policy for policy in policies[:11]
    }
    assert store.archive.find_many([]) == {}


# ---- what the real archive costs and keeps -----------------------------------------------------------


def followed(store: Store, change: PolicyChange, policy: Policy, *, by_ttl: bool = False) -> Followed:
    """One change that comes by itself."""
    keep = KeepPolicies(archive=store.archive)
    (outcome,) = keep.follow([HotChange(change, policy, by_ttl)], NOW)
    assert isinstance(outcome, Followed), outcome
    return outcome


def test_archived_policies_cost_one_put_and_no_read_when_they_are_new(real_store: Store) -> None:
    policies = [a_policy(NOW, number) for number in range(1, 101)]
    keep = KeepPolicies(archive=real_store.archive)
    keep.follow([HotChange(PolicyChange.INSERT, policy) for policy in policies], NOW)
    assert real_store.s3.operations == ["put_object"]


def keys_of(store: Store, prefix: str = "") -> list[str]:
    listed = store.s3.list_object_versions(Bucket=store.bucket, Prefix=prefix)
    return [version["Key"] for version in listed.get("Versions", ())]


def test_replay_writes_the_same_object_when_its_records_come_in_another_order(real_store: Store) -> None:
    policies = [a_policy(NOW, number) for number in range(1, 6)]
    real_store.archive.append(policies)
    real_store.archive.append(policies[::-1])
    real_store.archive.append([*policies, *policies])
    (key,) = keys_of(real_store)
    body = real_store.s3.get_object(Bucket=real_store.bucket, Key=key)["Body"].read()
    assert body.splitlines() == sorted(archived_form(policy) for policy in policies), "in any process"
    real_store.archive.append(policies[:2])  # bisected
    assert len(keys_of(real_store)) == 2
    real_store.archive.close_day(NOW.date(), 0, 1)
    assert real_store.archive.list_numbers(PERSON) == [p.policy_no for p in policies[::-1]]


def test_expiry_costs_one_get_a_part_when_the_day_is_indexed(real_store: Store) -> None:
    policies = [a_policy(NOW, number) for number in range(1, 101)]
    real_store.archive.append(policies)
    real_store.archive.close_day(NOW.date(), 0, 1)
    real_store.archive._now.advance(hours=24 * 16)
    real_store.s3.calls.clear()
    keep = KeepPolicies(archive=real_store.archive)
    outcomes = keep.follow([HotChange(PolicyChange.REMOVE, p, by_ttl=True) for p in policies], NOW)
    assert set(outcomes) == {Followed(Kept.UNCHANGED, ("PolicyExpired",))}
    assert real_store.s3.operations == ["get_object"]


def test_both_states_are_kept_and_the_later_one_is_read_when_a_policy_changes(real_store: Store) -> None:
    followed(real_store, PolicyChange.INSERT, a_policy())
    real_store.archive.close_day(NOW.date(), 0, 1)
    assert real_store.archive.find(a_policy().policy_no).policy == a_policy()
    followed(real_store, PolicyChange.MODIFY, voided(a_policy()))
    assert real_store.archive.find(a_policy().policy_no).policy == voided(a_policy())
    bodies = [
        real_store.s3.get_object(Bucket=real_store.bucket, Key=key)["Body"].read()
        for key in keys_of(real_store)
    ]
    assert archived_form(a_policy()) + b"\n" in bodies
    assert archived_form(voided(a_policy())) in bodies


def test_restored_policy_stands_again_when_its_batch_was_deleted_by_hand(real_store: Store) -> None:
    followed(real_store, PolicyChange.INSERT, a_policy())
    (key,) = keys_of(real_store)
    real_store.s3.delete_object(Bucket=real_store.bucket, Key=key)
    outcome = followed(real_store, PolicyChange.REMOVE, a_policy(), by_ttl=True)
    assert outcome == Followed(Kept.ADDED, ("PolicyExpired", "ArchiveMissing"))
    assert real_store.archive.find(a_policy().policy_no).policy == a_policy()


def test_damage_is_told_when_an_index_names_a_batch_that_is_gone(real_store: Store) -> None:
    followed(real_store, PolicyChange.INSERT, a_policy())
    (key,) = keys_of(real_store)
    real_store.archive.close_day(NOW.date(), 0, 1)
    real_store.s3.delete_object(Bucket=real_store.bucket, Key=key)
    with pytest.raises(ArchiveDamagedError):
        real_store.archive.find(a_policy().policy_no)


# ---- batches and their index ---------------------------------------------------------------------------


def test_two_policies_of_one_batch_and_two_batches_of_one_hour_are_found_when_their_day_is_indexed(
    store: Store,
) -> None:
    policies = [a_policy(NOW, number) for number in range(1, 5)]
    store.archive.append(policies[:2])
    store.archive.append(policies[2:])
    assert store.archive.unkept(policies) == set(), "a batch keeps before an index shows"
    assert [store.archive.find(p.policy_no) for p in policies] == [None] * 4
    for _ in range(2):  # the index is made twice
        assert store.archive.close_day(NOW.date(), 0, 1) == ()
    assert [store.archive.find(p.policy_no).policy for p in policies] == policies
    assert store.archive.find_many([p.policy_no for p in policies]).keys() == {p.policy_no for p in policies}
    assert store.archive.list_numbers(PERSON) == [p.policy_no for p in policies[::-1]]


def test_what_comes_after_the_index_stands_alone_when_it_is_added(store: Store) -> None:
    early, late = a_policy(NOW, 1), a_policy(NOW, 2)
    store.archive.append([early])
    store.archive.close_day(NOW.date(), 0, 1)
    store.archive.append([late])  # nobody does: the day's last call has passed
    store.archive.close_day(NOW.date(), 0, 1)
    assert store.archive.find(late.policy_no) is None, "an index is never written over"
    store.archive.add(late)
    assert store.archive.find(late.policy_no).policy == late
    found = store.archive.find(early.policy_no)
    store.archive.replace(voided(early), found.version)
    with pytest.raises(ConcurrentChangeError):
        store.archive.replace(voided(early), found.version)
    assert store.archive.find(early.policy_no).policy == voided(early)
    assert store.archive.list_numbers(PERSON) == [late.policy_no, early.policy_no]


def test_unkept_is_what_is_missing_different_or_changed_when_compared(store: Store) -> None:
    held, missing, other, ended, dead = (a_policy(NOW, number) for number in range(1, 6))
    store.archive.append([held, other.model_copy(update={"check_in_id": "another"}), ended, dead])
    store.archive.add(voided(dead))
    asked = [held, missing, other, voided(ended), voided(dead)]
    wanted = {missing.policy_no, other.policy_no, ended.policy_no}
    assert store.archive.unkept(asked) == wanted
    store.archive.append([missing])
    assert store.archive.unkept(asked) == wanted - {missing.policy_no}, "what came since is seen"
    store.archive.close_day(NOW.date(), 0, 1)
    assert store.archive.unkept(asked) == wanted - {missing.policy_no}
    assert store.archive.unkept([]) == set()


def test_segments_make_their_own_parts_of_the_index_when_there_are_four(store: Store) -> None:
    policies = [a_policy(person_id=crockford.ALPHABET[part] + "0" * 19) for part in range(32)]
    store.archive.append(policies)
    for segment in range(4):
        store.archive.close_day(NOW.date(), segment, 4)
        found = [part for part, p in enumerate(policies) if store.archive.find(p.policy_no) is not None]
        assert found == [part for part in range(32) if part % 4 <= segment]


def test_policy_is_found_with_two_gets_of_the_index_when_its_day_is_large(
    real_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty windows of an index that hashes fill evenly: the first guess lies right."""
    monkeypatch.setattr(archive_index, "WINDOW", 64 * archive_index.LINE)
    people = [crockford.encode(number * 2**95 // 1280, 20) for number in range(1280)]
    policies = [a_policy(person_id=person) for person in people]
    real_store.archive.append(policies)
    real_store.archive.close_day(NOW.date(), 0, 1)
    for policy in policies[::37]:
        real_store.s3.calls.clear()
        assert real_store.archive.find(policy.policy_no).policy == policy
        ranged = [arguments for _, arguments in real_store.s3.calls if "Range" in arguments]
        assert len(ranged) <= 3, "the beginning, the place, the record"
    for absent in (
        crockford.encode(5, 20),
        crockford.encode(2**95 - 9, 20),
        crockford.encode(2**95 // 3, 20),
    ):
        assert real_store.archive.find(a_policy(person_id=absent).policy_no) is None
        assert real_store.archive.list_numbers(absent) == []
    whole = real_store.archive._index.digests_of([p.policy_no for p in policies])
    monkeypatch.setattr(archive_index, "MOST_AT_ONCE", 0)
    assert real_store.archive._index.digests_of([p.policy_no for p in policies]) == whole
    assert len(whole) == 1280


@pytest.mark.parametrize("seed", range(5))
def test_ranges_are_found_by_halving_when_numbers_are_anything_but_even(
    real_store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(archive_index, "WINDOW", 3 * archive_index.LINE)
    chance = random.Random(seed)
    people = [
        crockford.encode(chance.choice([chance.randrange(2**95), chance.randrange(64)]), 20)
        for _ in range(40)
    ]
    policies = [
        a_policy(NOW, n, person_id=person) for person in {*people} for n in range(1, chance.randrange(2, 9))
    ]
    real_store.archive.append(policies)
    real_store.archive.close_day(NOW.date(), 0, 1)
    index, key = real_store.archive._index, keys.archive_index(0, f"{NOW:%Y%m%d}")
    for person in {*people, crockford.encode(65, 20), crockford.encode(2**95 - 1, 20), "0" * 20}:
        mine = sorted(p.policy_no for p in policies if p.person_id == person)
        lines = index._range(key, f"DC{person}", f"DC{person}~")
        assert [line[:30].decode() for line in lines] == mine


def test_months_are_read_for_days_when_they_are_closed(real_store: Store) -> None:
    start = NOW.replace(month=9, day=1)
    policies = [
        a_policy(start + DAY * day, day + 1) for day in range(75)
    ]  # September to the 14th of November
    changed = voided(policies[3])
    for policy in policies:
        real_store.archive.append([policy])
        real_store.archive.close_day(policy.issued_at.date(), 0, 1)
    real_store.archive.add(changed)
    numbers = [policy.policy_no for policy in policies[::-1]]
    real_store.s3.calls.clear()
    assert real_store.archive.list_numbers(PERSON) == numbers
    assert len(real_store.s3.operations) == 3 + 2 + 14, (
        "alone, months, days; September, October; November's days"
    )
    real_store.s3.calls.clear()
    below = place_in_time(numbers[-31])
    assert real_store.archive.list_numbers(PERSON, below=below) == numbers[-30:]
    assert real_store.archive.list_numbers(PERSON, below=below, limit=3) == numbers[-30:-27]
    since = place_in_time(numbers[-4])
    real_store.s3.calls.clear()
    assert real_store.archive.list_numbers(PERSON, below=below, since=since) == numbers[-30:-3]
    assert real_store.s3.operations == ["list_objects_v2"] * 2 + ["get_object"] * 2, (
        "the first day of October too"
    )
    assert real_store.archive.list_numbers(PERSON, below=0) == []


def test_settings_of_the_stream_keep_puts_below_20_000_a_million_when_2_300_policies_come_a_second() -> None:
    """A batch is sent when it is full or its time is over, for each shard and each of its parallel readers."""
    (event,) = template()["Resources"]["ArchivePolicyFunction"]["Properties"]["Events"].values()
    settings = event["Properties"]
    window, size, parallel = (
        int(settings[name])
        for name in ("MaximumBatchingWindowInSeconds", "BatchSize", "ParallelizationFactor")
    )
    assert size * 3_000 <= 6 << 20, "a record with its image is below 3 KB, an invocation takes 6 MB"

    def puts_a_million(policies_a_second: float) -> float:
        shards = max(4, math.ceil(policies_a_second / 1000))
        readers = shards * parallel
        a_second = readers * max(1 / window, policies_a_second / readers / size)
        return min(1.0, a_second / policies_a_second) * 1_000_000

    assert puts_a_million(2_300) <= 2_000
    assert puts_a_million(13_000) <= 2_000
    assert puts_a_million(1_000_000 / 86_400) <= 100_000  # a million a day
    index = 2 * keys.ARCHIVE_PARTS  # a day's and a month's, however many there are
    assert puts_a_million(2_300) + index <= 20_000


def test_object_proves_itself_when_read_without_our_code() -> None:
    body = archived_form(a_policy())
    whole = json.loads(body)
    canonical = json.dumps(whole["policy"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert whole["sha256"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert list(whole["policy"]) == sorted(whole["policy"])
    assert archived_form(Policy.model_validate(whole["policy"])) == body
    assert len(body) <= 1024


@pytest.mark.parametrize(
    "body", [archived_form(a_policy()).replace(b'"premium_fen":70', b'"premium_fen":71'), b"", b"{}", b"[]"]
)
def test_damage_is_noticed_when_an_object_is_not_what_was_written(real_store: Store, body: bytes) -> None:
    key = keys.archived_policy(a_policy().policy_no)
    real_store.s3.put_object(Bucket=real_store.bucket, Key=key, Body=body)
    with pytest.raises(ArchiveDamagedError):
        real_store.archive.find(a_policy().policy_no)
    assert real_store.archive.find_many([a_policy().policy_no]) == {}


class Broken:
    """A boto3 client whose every call fails in one way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> Any:
            raise self._error

        return call


def archive_on(error: Exception) -> StoredArchive:
    return StoredArchive(BotoClient("s3", Broken(error)), "b", Clock(NOW))


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutObject")


@pytest.mark.parametrize(
    "error", [*map(client_error, S3_WEATHER), ConnectTimeoutError(endpoint_url="x")], ids=str
)
def test_store_is_unavailable_when_s3_stumbles(error: Exception) -> None:
    archive = archive_on(error)
    for attempt in (
        lambda: archive.add(a_policy()),
        lambda: archive.find(a_policy().policy_no),
        lambda: archive.find_many([a_policy().policy_no]),
        lambda: archive.list_numbers(PERSON),
    ):
        with pytest.raises(StoreUnavailableError):
            attempt()


def test_batch_is_not_taken_for_stored_when_another_write_of_it_is_under_way() -> None:
    archive = archive_on(client_error("ConditionalRequestConflict"))
    with pytest.raises(StoreUnavailableError):
        archive.append([a_policy()])
    with pytest.raises(StoreUnavailableError):
        archive.add(a_policy())


def test_forbidden_is_never_taken_for_absent_when_a_role_lacks_a_right() -> None:
    archive = archive_on(client_error("AccessDenied"))
    with pytest.raises(AwsError):
        archive.find(a_policy().policy_no)
    with pytest.raises(AwsError):
        archive.add(a_policy())


# ---- sweep -------------------------------------------------------------------------------------------


def a_sweep(**changes: Any) -> Sweep:
    return Sweep(**{"segment": 0, "segments": 2, "since": NOW - DAY, "until": NOW} | changes)


def test_sweep_comes_back_as_it_was_when_saved(store: Store) -> None:
    assert store.sweeps.find(0, 2) is None
    store.sweeps.save(a_sweep(token="abc"))
    assert store.sweeps.find(0, 2) == a_sweep(token="abc")
    store.sweeps.save(a_sweep(version=2, finished=True))
    assert store.sweeps.find(0, 2) == a_sweep(version=2, finished=True)
    assert store.sweeps.find(1, 2) is None


def test_sweep_gives_way_when_another_run_went_on(store: Store) -> None:
    store.sweeps.save(a_sweep())
    with pytest.raises(ConcurrentChangeError):
        store.sweeps.save(a_sweep())
    with pytest.raises(ConcurrentChangeError):
        store.sweeps.save(a_sweep(version=3))


def issued_between(store: Store, since: Any, until: Any, segments: int = 1) -> list[str]:
    numbers: list[str] = []
    for segment in range(segments):
        token = None
        while True:
            policies, token = store.policies.issued_between(segment, segments, since, until, token)
            numbers += [policy.policy_no for policy in policies]
            if token is None:
                break
    return sorted(numbers)


@pytest.mark.parametrize("segments", [1, 3])
def test_window_is_half_open_to_the_microsecond_when_swept(store: Store, segments: int) -> None:
    moments = [
        NOW + shift
        for shift in (
            -timedelta(microseconds=1),
            timedelta(0),
            timedelta(microseconds=1),
            DAY - timedelta(microseconds=1),
            DAY,
            DAY + timedelta(milliseconds=500),
        )
    ]
    policies = [a_policy(moment, number + 1) for number, moment in enumerate(moments)]
    for policy in policies:
        store.policies.add(policy, None)
    assert issued_between(store, NOW, NOW + DAY, segments) == sorted(p.policy_no for p in policies[1:4])


def test_changed_policy_is_always_looked_at_when_it_is_older_than_the_window(store: Store) -> None:
    store.policies.add(voided(a_policy()), None)
    store.policies.add(a_policy(NOW, 2), None)
    assert issued_between(store, NOW + DAY, NOW + 2 * DAY) == [a_policy().policy_no]
    assert issued_between(store, NOW - 2 * DAY, NOW - DAY) == []


def test_only_missing_lines_are_given_when_some_are_stored(store: Store) -> None:
    lines = [line_of(a_policy(NOW, number)) for number in range(1, 131)]
    for line in lines[::2]:
        store.lines.record(line)
    assert store.lines.missing(lines) == lines[1::2]
    assert store.lines.missing([]) == []


def test_whole_table_is_swept_with_the_cheapest_reads_when_nothing_is_missing(real_store: Store) -> None:
    policies = [a_policy(NOW, number) for number in range(1, 31)]
    for policy in policies:
        real_store.policies.add(policy, None)
        real_store.lines.record(line_of(policy))
    real_store.archive.append(policies)
    real_store.s3.calls.clear()
    real_store.dynamodb.calls.clear()
    sweep = SweepArchive(
        now=Clock(NOW + timedelta(hours=2)),
        policies=real_store.policies,
        sweeps=real_store.sweeps,
        archive=real_store.archive,
        lines=real_store.lines,
        tell=lambda policies: [None] * len(policies),
    )
    assert sweep(0, 1).looked_at == 30
    assert {name: real_store.dynamodb.calls[name] for name in ("Scan", "BatchGetItem")} == {
        "Scan": 1,
        "BatchGetItem": 1,
    }
    closing = real_store.s3.operations[2:]
    assert real_store.s3.operations[:2] == ["list_objects_v2", "get_object"]
    assert set(closing) == {"list_objects_v2"}, "days of before, without policies"


def test_scan_token_is_checked_when_used(real_store: Store) -> None:
    table = Table(client_of("dynamodb"), "PoliciesTable")
    for token in ("%%%", "NQ==", "WzFd"):  # nothing, 5, [1]
        with pytest.raises(PageTokenError):
            table.scan_segment(0, 1, "sk = :x", {":x": "x"}, limit=1, token=token)
