"""The archive, in memory and on moto's S3, and the gate of the handlers."""

from typing import Any

import boto3
import pytest

from daycover.store.archive import StoredArchive
from daycover.store.boto import BotoClient
from daycover.store.sweeps import StoredSweeps
from tests.functional.archive.stores import Kept, Recorded, create_archive
from tests.functional.cover.stores import on_dynamodb
from tests.support.builders import NOW
from tests.support.fakes.archive import FakeArchive, FakeSweeps
from tests.support.fakes.cover import FakeCoverLines, FakePolicies
from tests.support.fakes.port import Clock
from tests.support.in_process_aws import empty_aws

ARCHIVE = "archive"


@pytest.fixture
def real_store() -> Kept:
    """The real repositories; nothing leaves the process."""
    empty_aws()
    create_archive(ARCHIVE)
    s3 = Recorded(BotoClient("s3", boto3.client("s3", region_name="us-east-1")))
    store = on_dynamodb()
    return Kept(
        archive=StoredArchive(s3, ARCHIVE, Clock(NOW)),
        sweeps=StoredSweeps(store.tables["OperationsTable"]),
        policies=store.policies,
        lines=store.cover_lines,
        s3=s3,
        bucket=ARCHIVE,
        dynamodb=store.client,
    )


@pytest.fixture(params=["fake", "aws"])
def store(request: pytest.FixtureRequest) -> Any:
    """Whatever holds for one holds for the other."""
    if request.param == "fake":
        return Kept(FakeArchive(), FakeSweeps(), FakePolicies(), FakeCoverLines())
    return request.getfixturevalue("real_store")
