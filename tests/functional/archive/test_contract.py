"""One contract for the fakes and the real repositories of archive and sweep, and what the real ones cost."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from daycover import crockford
from daycover.cover.archive import ArchiveDamagedError, KeepPolicies, Kept, PolicyChange
from daycover.cover.policy import Policy, PolicyNotFoundError, PolicyStatus, place_in_time
from daycover.cover.roster import line_of
from daycover.cover.sweep import Sweep, SweepArchive
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.archive import StoredArchive, archived_form
from daycover.store.aws import AwsError, StoreUnavailableError
from daycover.store.boto import BotoClient
from daycover.store.dynamodb import PageTokenError, Table
from tests.functional.archive.stores import Kept as Store
from tests.support.aws import client_of
from tests.support.builders import NOW, PERSON, a_policy
from tests.support.fakes.port import Clock

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


def test_archived_policy_costs_one_put_and_no_read_when_it_is_new(real_store: Store) -> None:
    KeepPolicies(archive=real_store.archive).follow(PolicyChange.INSERT, a_policy())
    assert real_store.s3.operations == ["put_object"]


def versions_of(store: Store, policy: Policy) -> list[bytes]:
    """Every version of the policy's object, the newest first."""
    key = keys.archived_policy(policy.policy_no)
    versions = store.s3.list_object_versions(Bucket=store.bucket, Prefix=key)["Versions"]
    return [
        store.s3.get_object(Bucket=store.bucket, Key=key, VersionId=version["VersionId"])["Body"].read()
        for version in versions
    ]


def test_replay_writes_nothing_when_the_object_stands(real_store: Store) -> None:
    keep = KeepPolicies(archive=real_store.archive)
    for _ in range(3):
        keep.follow(PolicyChange.INSERT, a_policy())
    assert real_store.s3.operations == ["put_object", *["put_object", "get_object"] * 2]
    assert versions_of(real_store, a_policy()) == [archived_form(a_policy())]


def test_expiry_costs_one_get_when_the_archive_holds_the_policy(real_store: Store) -> None:
    real_store.archive.add(a_policy())
    real_store.s3.calls.clear()
    KeepPolicies(archive=real_store.archive).follow(PolicyChange.REMOVE, a_policy(), by_ttl=True)
    assert real_store.s3.operations == ["get_object"]


def test_bucket_keeps_every_state_when_a_policy_changes(real_store: Store) -> None:
    keep = KeepPolicies(archive=real_store.archive)
    keep.follow(PolicyChange.INSERT, a_policy())
    keep.follow(PolicyChange.MODIFY, voided(a_policy()))
    states = [archived_form(voided(a_policy())), archived_form(a_policy())]
    assert versions_of(real_store, a_policy()) == states


def test_restored_policy_stands_again_when_its_object_was_deleted_by_hand(real_store: Store) -> None:
    keep = KeepPolicies(archive=real_store.archive)
    keep.follow(PolicyChange.INSERT, a_policy())
    real_store.s3.delete_object(Bucket=real_store.bucket, Key=keys.archived_policy(a_policy().policy_no))
    assert real_store.archive.find(a_policy().policy_no) is None
    assert keep.follow(PolicyChange.REMOVE, a_policy(), by_ttl=True).kept is Kept.ADDED


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
    return StoredArchive(BotoClient("s3", Broken(error)), "b")


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
        real_store.archive.add(policy)
        real_store.lines.record(line_of(policy))
    real_store.s3.calls.clear()
    real_store.dynamodb.calls.clear()
    sweep = SweepArchive(
        now=Clock(NOW + DAY),
        policies=real_store.policies,
        sweeps=real_store.sweeps,
        archive=real_store.archive,
        lines=real_store.lines,
        tell=lambda policy: None,
    )
    assert sweep(0, 1).looked_at == 30
    assert real_store.dynamodb.calls == {"GetItem": 1, "Scan": 1, "BatchGetItem": 1, "PutItem": 1}
    assert real_store.s3.operations == ["get_object"] * 30


def test_scan_token_is_checked_when_used(real_store: Store) -> None:
    table = Table(client_of("dynamodb"), "PoliciesTable")
    for token in ("%%%", "NQ==", "WzFd"):  # nothing, 5, [1]
        with pytest.raises(PageTokenError):
            table.scan_segment(0, 1, "sk = :x", {":x": "x"}, limit=1, token=token)
