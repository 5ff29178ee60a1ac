"""A restored operations table made fit to be read, and the drill that goes through it on a fresh local stack.

The runbook's tool ("After a point-in-time restore" in docs/operations.md) works on any AWS that boto3 finds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from tests.devstack.layout import ROOT, DevstackError
from tests.devstack.processes import aws_environment, base_environment

if TYPE_CHECKING:
    from tests.devstack.stack import Stack

CHINA = timezone(timedelta(hours=8))
ARCHIVED_WITHIN = timedelta(seconds=75)
"""A batch of the archive is gathered for a minute (`ArchivePolicyFunction`)."""
KEPT_DAYS = 30
"""How long positions can be read (`cover/erase.py`)."""
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Prepared:
    """The days whose keys were dropped, and the erasure requests that were taken over."""

    dropped: list[str]
    taken_over: list[str]


def prepare(dynamodb: Any, table: str, now: datetime, lost: str | None = None) -> Prepared:
    """Drop the keys of days that were forgotten, and take over erasures that came after the restore point.

    Before any function reads the table. Again it changes nothing. Point-in-time recovery is enabled last: its window
    begins then, so that the dropped keys are in no backup of this table. Raises DevstackError where a key still stands.
    """
    before = (now.astimezone(CHINA) - timedelta(days=KEPT_DAYS)).strftime("%Y%m%d")
    dropped = [item["sk"]["S"] for item in _forgotten(dynamodb, table, before)]
    for day in dropped:
        dynamodb.delete_item(TableName=table, Key={"pk": {"S": "DAY_KEYS"}, "sk": {"S": day}})
    if left := [item["sk"]["S"] for item in _forgotten(dynamodb, table, before)]:
        raise DevstackError(f"{table} still holds the keys {', '.join(left)}")
    taken = []
    for item in _partition(dynamodb, lost, "ERASURES") if lost else ():
        try:
            dynamodb.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except dynamodb.exceptions.ConditionalCheckFailedException:
            continue  # it was asked before the restore point
        taken.append(item["sk"]["S"])
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return Prepared(dropped, taken)


def drill(stack: Stack, now: datetime) -> list[str]:
    """Lose both tables and restore them under their own names; say what was found, raise where anything differs.

    Under their own names, because roles, environments and alarms name them so: nothing is deployed but the readers of
    the new streams. DynamoDB's own backups do it; what is the point in time in the cloud is the backup's instant here.
    """
    dynamodb = stack.boto3_client("dynamodb")
    operations, policies = stack.outputs["OperationsTableName"], stack.outputs["PoliciesTableName"]
    days = [(now.astimezone(CHINA) - timedelta(days=days)).strftime("%Y%m%d") for days in (40, 31)]
    for day in days:  # as they stood at the restore point; purge_locations has dropped them since
        key = {"pk": {"S": "DAY_KEYS"}, "sk": {"S": f"DAY#{day}"}}
        dynamodb.put_item(TableName=operations, Item={**key, "day": {"S": day}, "wrapped": {"S": "drill"}})
    backups = {name: _backed_up(dynamodb, name) for name in (operations, policies)}
    asked = {
        "pk": {"S": "ERASURES"},
        "sk": {"S": "DUE#2036-01-01#DRILL"},
        "worker_id": {"S": "DRILL"},
        "due": {"S": "2036-01-01"},
        "schema_version": {"N": "1"},
    }
    dynamodb.put_item(TableName=operations, Item=asked)  # after the restore point
    stood = {name: _items(dynamodb, name) for name in backups}
    answers = _told(stack, stood[policies])

    restored = f"{operations}-restored"
    dynamodb.restore_table_from_backup(TargetTableName=restored, BackupArn=backups[operations])
    done = prepare(dynamodb, restored, now, lost=operations)
    again = prepare(dynamodb, restored, now, lost=operations)
    backups[operations] = _backed_up(dynamodb, restored)
    whole = f"{policies}-restored"
    dynamodb.restore_table_from_backup(TargetTableName=whole, BackupArn=backups[policies])
    since, gone_policies = _as_before_the_journey(dynamodb, whole, now)
    completed = _completed(stack, whole, since)
    backups[policies] = _backed_up(dynamodb, whole)
    for name, backup in backups.items():
        _replace(dynamodb, name, backup)
    for name in (restored, whole):
        dynamodb.delete_table(TableName=name)

    gone = {("DAY_KEYS", f"DAY#{day}") for day in days}
    expected = {
        **stood,
        operations: {key: item for key, item in stood[operations].items() if key not in gone},
    }
    _agree("keys that were dropped", sorted(done.dropped), sorted(f"DAY#{day}" for day in days))
    _agree("erasures that were taken over", done.taken_over, [asked["sk"]["S"]])
    _agree("a second preparation", again, Prepared([], []))
    _agree("policies that were put back", completed, f"put back: {', '.join(gone_policies)}")
    for name, items in expected.items():
        _agree(f"the items of {name}", _items(dynamodb, name), items)
    _agree("what the functions say of each policy", _told(stack, stood[policies]), answers)
    _agree("what purge_locations has left to forget", _purged(stack), [])
    return [
        f"{len(expected[operations])} items of operations and {len(expected[policies])} of policies read the same",
        f"{len(answers)} policies are verified by the stack's own function as before",
        f"{len(done.dropped)} keys of forgotten days were dropped and stay dropped",
        f"{len(done.taken_over)} erasure that came after the restore point was taken over",
        f"{len(gone_policies)} policies that were issued after it were put back from the archive",
    ]


def _as_before_the_journey(dynamodb: Any, table: str, now: datetime) -> tuple[datetime, list[str]]:
    """Take away what was issued since, but for the last minute, whose stream may not have reached the archive.

    Gives the restore point, and the numbers of what is gone.
    """
    gone = {}
    for (pk, sk), item in _items(dynamodb, table).items():
        issued_at = datetime.fromisoformat(item.get("issued_at", {}).get("S", now.isoformat()))
        if now - issued_at > ARCHIVED_WITHIN:
            dynamodb.delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
            gone[item["policy_no"]["S"]] = issued_at
    return min(gone.values(), default=now) - timedelta(seconds=1), sorted(gone)


def _completed(stack: Stack, table: str, since: datetime) -> str:
    """Complete a table with the runbook's own command; gives its first line."""
    command = ["-m", "tests.devstack.restore_policies", table]
    command += ["--archive", stack.outputs["ArchiveBucketName"], "--since", since.isoformat()]
    environ = {**base_environment(), **aws_environment(stack.engine_url, stack.region)}
    environ["PYTHONPATH"] = str(ROOT / "layers" / "daycover" / "python")
    done = subprocess.run(
        [sys.executable, *command], env=environ, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()[0]


def _replace(dynamodb: Any, name: str, backup: str) -> None:
    """Lose a table, and restore it under its name with what no backup holds: stream, TTL, recovery, protection."""
    described = dynamodb.describe_table(TableName=name)["Table"]
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    dynamodb.delete_table(TableName=name)
    dynamodb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    dynamodb.restore_table_from_backup(TargetTableName=name, BackupArn=backup)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    dynamodb.update_table(TableName=name, StreamSpecification=described["StreamSpecification"])
    if attribute := ttl.get("AttributeName"):
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"AttributeName": attribute, "Enabled": True}
        )
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def _backed_up(dynamodb: Any, name: str) -> str:
    made = dynamodb.create_backup(TableName=name, BackupName="restore-drill")
    return str(made["BackupDetails"]["BackupArn"])


def _told(stack: Stack, policies: Mapping[tuple[str, str], Item]) -> dict[str, Any]:
    """What the verification route, which reads chains, says of every policy."""
    get = importlib.import_module("urllib.request").urlopen
    numbers = sorted({item["policy_no"]["S"] for item in policies.values() if "policy_no" in item})
    told = {}
    for number in numbers:
        with get(f"{stack.base_url}/v1/verifications/{number}", timeout=30) as answer:
            told[number] = answer.read()
    return told


def _purged(stack: Stack) -> Any:
    """Run the purge of the day on the restored table; gives the days that it still found."""
    functions, name = stack.boto3_client("lambda"), stack.resource_id("PurgeLocationsFunction")
    answer = functions.invoke(FunctionName=name, Payload=b"{}")
    return json.loads(answer["Payload"].read()).get("days")


def _forgotten(dynamodb: Any, table: str, before: str) -> Iterator[Item]:
    return (item for item in _partition(dynamodb, table, "DAY_KEYS") if item["sk"]["S"] < f"DAY#{before}")


def _partition(dynamodb: Any, table: str, pk: str) -> Iterator[Item]:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
    )
    for page in pages:
        yield from page["Items"]


def _items(dynamodb: Any, table: str) -> dict[tuple[str, str], Item]:
    """Every item of a table; only for the drill's own small ones."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}


def _agree(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise DevstackError(f"the restore differs: {what}")


def main() -> int:
    """Prepare a restored table of the AWS account that boto3 finds."""
    parser = argparse.ArgumentParser(prog="python -m tests.devstack.restore", description=prepare.__doc__)
    parser.add_argument("table", help="the restored operations table, which no function reads yet")
    parser.add_argument("--lost", help="the table that it replaces, where it can still be read")
    arguments = parser.parse_args()
    dynamodb = importlib.import_module("boto3").client("dynamodb")
    try:
        done = prepare(dynamodb, arguments.table, datetime.now(CHINA), arguments.lost)
    except DevstackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"dropped: {', '.join(done.dropped) or 'nothing'}")
    print(f"taken over: {', '.join(done.taken_over) or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
