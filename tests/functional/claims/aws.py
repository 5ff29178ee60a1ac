"""The AWS of the functional tests: moto, in process, with the tables, bucket and key that claims use."""

from dataclasses import asdict
from datetime import UTC, datetime
from random import Random
from typing import Any

import boto3

from daycover.platform.config import Config
from daycover.platform.security import FieldCipher, KeyRing
from daycover.store.data_keys import StoredDataKeys
from daycover.store.dynamodb import Table
from tests.simulation.aws.dynamodb import DynamoDB
from tests.support.aws import client_of
from tests.support.claims import LIMITS
from tests.support.in_process_aws import REGION, empty_aws, personal_data_key

OPERATIONS, POLICIES, BUCKET, ARCHIVE = "operations", "policies", "documents", "archive"


def local_aws() -> Config:
    """Create what the template creates for claims in an empty AWS, and give the configuration that names it."""
    empty_aws()
    for name in (OPERATIONS, POLICIES):
        _create_table(name)
    for name in (BUCKET, ARCHIVE):
        boto3.client("s3").create_bucket(Bucket=name)
    return a_config(personal_data_key())


def a_config(personal_data_key: str) -> Config:
    """Every variable of the functions; what claims do not touch is a placeholder."""
    values: dict[str, Any] = {
        name: f"unused-{name}" for name in Config.__dataclass_fields__ if name != "clock_offset_seconds"
    }
    machine = f"arn:aws:states:{REGION}:123456789012:stateMachine:"
    return Config(
        **values
        | {
            "policies_table": POLICIES,
            "operations_table": OPERATIONS,
            "documents_bucket": BUCKET,
            "archive_bucket": ARCHIVE,
            "claim_to_payout_arn": machine + "claim-to-payout",
            "payout_arn": machine + "payout",
            "personal_data_key": personal_data_key,
            "callback_url": "https://daycover.example",
            "wallet_limit_fen": 2_000_000,
            "commission_bps": 500,
            "statement_due_days": 10,
            "terms_filings": "2026-11=SANDBOX-NOT-FILED",
            **{f"machine_{name}": value for name, value in asdict(LIMITS).items()},
        }
    )


def operations_table() -> Table:
    return Table(client_of("dynamodb"), OPERATIONS)


def simulated_table() -> Table:
    """The same, empty, in the DynamoDB in which histories are simulated."""
    dynamodb = DynamoDB(lambda: datetime(2026, 11, 24, tzinfo=UTC), Random(1))
    dynamodb.create_table(OPERATIONS)
    return Table(dynamodb, OPERATIONS)


def empty_operations_table() -> None:
    """Begin anew: moto copies every item there is for each transaction."""
    boto3.client("dynamodb").delete_table(TableName=OPERATIONS)
    _create_table(OPERATIONS)


def cipher(config: Config) -> FieldCipher:
    """As a container that starts cold; every one seals with the key of the same day."""
    ring = KeyRing(client_of("kms"), config.personal_data_key, StoredDataKeys(operations_table()))
    return FieldCipher(ring, lambda: "20261124")


def _create_table(name: str) -> None:
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
    )
