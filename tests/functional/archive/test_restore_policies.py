"""A restored policies table on moto: it learns from the archive what was insured and what has ended since."""

from datetime import datetime, timedelta

import boto3

from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from tests.devstack.restore_policies import Completed, complete
from tests.functional.archive.stores import Kept as Store
from tests.support.builders import NOW, PERSON, a_policy

SINCE = NOW + timedelta(hours=2)
LOST = SINCE + timedelta(hours=3)


def voided(policy: Policy) -> Policy:
    ending = Ending(at=LOST, by="staff", actor="s-1", reason=EndReason.IDENTITY_THEFT, refund_fen=70)
    return policy.model_copy(update={"status": PolicyStatus.VOIDED, "ended": ending})


def completed(store: Store, now: datetime = LOST) -> Completed:
    s3 = boto3.client("s3", region_name="us-east-1")
    return complete(s3, store.bucket, store.policies, SINCE, now)


def test_table_is_whole_again_when_policies_came_and_ended_after_the_restore_point(real_store: Store) -> None:
    before, ended, since, both = (a_policy(SINCE + timedelta(hours=at), 3 + at) for at in (-2, -1, 1, 2))
    real_store.archive.append([before, ended, since, both])
    for policy in (ended, both):
        assert real_store.archive.add(voided(policy))
    for policy in (before, ended):  # what stood at the restore point
        real_store.policies.add(policy, None)
    done = completed(real_store)
    assert done == Completed([since.policy_no, both.policy_no], [ended.policy_no], [])
    expected = [voided(both), since, voided(ended), before]
    assert real_store.policies.list_of(PERSON) == expected
    assert real_store.policies.chain(PERSON, LOST).next_sequence == both.sequence + 1, (
        "nobody is covered twice"
    )
    assert completed(real_store) == Completed([], [], [])
    assert real_store.policies.list_of(PERSON) == expected


def test_policy_stays_away_when_ttl_would_have_taken_it_by_now(real_store: Store) -> None:
    policy = a_policy(SINCE, 3)
    real_store.archive.append([policy])
    assert completed(real_store, now=policy.forgotten_at) == Completed([], [], [])
    assert real_store.policies.list_of(PERSON) == []


def test_number_is_named_when_its_place_is_taken(real_store: Store) -> None:
    """By hand, say, or because somebody was insured on the table before it was whole."""
    policy, other = a_policy(SINCE, 3), a_policy(SINCE + timedelta(days=2), 3)
    real_store.archive.append([policy])
    real_store.policies.add(other, None)
    assert completed(real_store) == Completed([], [], [policy.policy_no])
    assert real_store.policies.list_of(PERSON) == [other]
