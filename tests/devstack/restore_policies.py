"""A restored policies table made whole from the archive, before anybody is insured on it.

What was insured or ended after the restore point stands in the archive, and the table knows nothing of it: whoever was
covered would be covered twice, and whose cover was cancelled would have it again. The runbook's tool ("After a
point-in-time restore" in docs/operations.md) works on any AWS that boto3 finds.
"""

import argparse
import importlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from daycover.cover.policy import Policy, PolicyExistsError, PolicyNotFoundError, PolicyStatus
from daycover.platform.config import AwsAccess, aws
from daycover.store import keys
from daycover.store.archive import open_archived
from daycover.store.aws import AwsClient
from daycover.store.dynamodb import Table
from daycover.store.policies import StoredPolicies


class Completed(NamedTuple):
    """Policy numbers: put back, ended as they were, and those whose place in the table is another's."""

    put_back: list[str]
    ended: list[str]
    conflicts: list[str]


def complete(s3: Any, bucket: str, policies: StoredPolicies, since: datetime, now: datetime) -> Completed:
    """Put back every policy that was issued or has ended since the restore point, unless TTL would take it by now.

    On a table that no function reads yet and whose stream nobody follows: books, insurer and claims know it all.
    Again it changes nothing. Cost: the batches of these days, a LIST for 1,000 policies that ever ended, and a GET for
    each that did since.
    """
    done = Completed([], [], [])
    changed = {policy.policy_no: policy for policy in _changed(s3, bucket, since)}
    # what changed holds more than what was issued, and is little: the days of a large customer fit no memory
    issued = (changed.pop(policy.policy_no, policy) for policy in _issued(s3, bucket, since, now))
    for policy in chain(issued, changed.values()):
        if policy.forgotten_at > now:
            _lay(policies, policy, done)
    return done


def _lay(policies: StoredPolicies, policy: Policy, done: Completed) -> None:
    try:
        policies.add(policy, None)
    except PolicyExistsError:
        _end(policies, policy, done)
    else:
        done.put_back.append(policy.policy_no)


def _end(policies: StoredPolicies, policy: Policy, done: Completed) -> None:
    """End what stands in the policy's place as the policy has ended, if it has."""
    try:
        stands = policies.get(policy.policy_no)
    except PolicyNotFoundError:
        done.conflicts.append(policy.policy_no)
        return
    if stands.status is PolicyStatus.ISSUED and policy.status is not PolicyStatus.ISSUED:
        policies.end(policy)
        done.ended.append(policy.policy_no)


def _issued(s3: Any, bucket: str, since: datetime, now: datetime) -> Iterator[Policy]:
    """As they were issued: the batches of every UTC day from the restore point's on."""
    day = since.astimezone(UTC).date()
    while day <= now.astimezone(UTC).date():
        for key, _ in _objects(s3, bucket, keys.archived_batches(f"{day:%Y%m%d}")):
            for record in _body(s3, bucket, key).splitlines():
                yield open_archived(record, key)
        day += timedelta(days=1)


def _changed(s3: Any, bucket: str, since: datetime) -> Iterator[Policy]:
    """As they stand: what was written by itself since then, ended or late."""
    for key, modified in _objects(s3, bucket, keys.archived_policies()):
        if modified >= since:
            yield open_archived(_body(s3, bucket, key), key)


def _objects(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, datetime]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", ()):
            yield entry["Key"], entry["LastModified"]


def _body(s3: Any, bucket: str, key: str) -> bytes:
    body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def _access(session: Any) -> AwsAccess:
    """As whom boto3 would call, however its credentials come."""
    held = session.get_credentials().get_frozen_credentials()
    named = {
        "AWS_REGION": session.region_name,
        "AWS_ACCESS_KEY_ID": held.access_key,
        "AWS_SECRET_ACCESS_KEY": held.secret_key,
        "AWS_SESSION_TOKEN": held.token,
    }
    return aws({**os.environ, **{name: value for name, value in named.items() if value}})


def main() -> int:
    """Complete a restored table of the AWS account that boto3 finds."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.devstack.restore_policies", description=complete.__doc__
    )
    parser.add_argument("table", help="the restored policies table, which no function reads yet")
    parser.add_argument("--archive", required=True, help="the bucket of the archive")
    parser.add_argument(
        "--since", required=True, type=datetime.fromisoformat, help="the restore point, with its offset"
    )
    arguments = parser.parse_args()
    if arguments.since.tzinfo is None:
        parser.error("--since needs an offset: 2026-12-01T09:30:00+08:00")
    boto3 = importlib.import_module("boto3")
    stored = StoredPolicies(Table(AwsClient("dynamodb", _access(boto3.Session())), arguments.table))
    done = complete(boto3.client("s3"), arguments.archive, stored, arguments.since, datetime.now(UTC))
    for name, numbers in done._asdict().items():
        print(f"{name.replace('_', ' ')}: {', '.join(sorted(numbers)) or 'none'}")
    return 1 if done.conflicts else 0


if __name__ == "__main__":
    raise SystemExit(main())
