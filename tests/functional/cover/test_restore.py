"""A restored operations table on moto: forgotten days stay forgotten, erasures that were asked since are not lost."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from daycover.cover.erase import PLACES_KEPT
from daycover.store.day_keys import StoredDayKeys
from daycover.store.dynamodb import Table
from tests.devstack.restore import KEPT_DAYS, Prepared, prepare
from tests.functional.cover.stores import on_dynamodb
from tests.support.aws import client_of
from tests.support.in_process_aws import empty_aws

NOW = datetime(2026, 11, 28, 17, 0, tzinfo=UTC)  # 29 November in +08:00
LOST, RESTORED = "OperationsTable", "restored"


@pytest.fixture
def dynamodb() -> Any:
    empty_aws()
    on_dynamodb()
    client = boto3.client("dynamodb", region_name="us-east-1")
    for day in ("20261029", "20261030", "20261128"):
        put(client, "DAY_KEYS", f"DAY#{day}", day=day, wrapped="sealed")
    put(client, "ERASURES", "DUE#2036-01-01#W1", worker_id="W1")
    backup = client.create_backup(TableName=LOST, BackupName="before")["BackupDetails"]["BackupArn"]
    client.restore_table_from_backup(TargetTableName=RESTORED, BackupArn=backup)
    return client


def put(client: Any, pk: str, sk: str, **facts: str) -> None:
    item = {"pk": {"S": pk}, "sk": {"S": sk}, **{name: {"S": value} for name, value in facts.items()}}
    client.put_item(TableName=LOST, Item=item)


def keys_of(client: Any, pk: str) -> list[str]:
    items = client.scan(TableName=RESTORED)["Items"]
    return sorted(item["sk"]["S"] for item in items if item["pk"]["S"] == pk)


def test_days_are_forgotten_and_erasures_taken_over_when_a_table_is_prepared(dynamodb: Any) -> None:
    put(dynamodb, "ERASURES", "DUE#2036-02-02#W2", worker_id="W2")  # after the restore point
    assert prepare(dynamodb, RESTORED, NOW, LOST) == Prepared(["DAY#20261029"], ["DUE#2036-02-02#W2"])
    assert keys_of(dynamodb, "DAY_KEYS") == ["DAY#20261030", "DAY#20261128"]
    assert keys_of(dynamodb, "ERASURES") == ["DUE#2036-01-01#W1", "DUE#2036-02-02#W2"]
    backups = dynamodb.describe_continuous_backups(TableName=RESTORED)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert prepare(dynamodb, RESTORED, NOW, LOST) == Prepared([], [])


def test_table_is_prepared_when_the_lost_one_can_no_longer_be_read(dynamodb: Any) -> None:
    dynamodb.delete_table(TableName=LOST)
    assert prepare(dynamodb, RESTORED, NOW) == Prepared(["DAY#20261029"], [])
    assert keys_of(dynamodb, "ERASURES") == ["DUE#2036-01-01#W1"]


def test_days_are_those_that_the_product_forgets(dynamodb: Any) -> None:
    """The next run of purge_locations finds nothing that the preparation left over."""
    assert PLACES_KEPT.days == KEPT_DAYS
    prepare(dynamodb, RESTORED, NOW, LOST)
    assert StoredDayKeys(Table(client_of("dynamodb"), RESTORED)).delete_before("20261030") == []
