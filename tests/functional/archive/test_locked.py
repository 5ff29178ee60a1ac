"""The archive under an object lock: what the product does is taken, what destroys is refused."""

import boto3
import pytest
from botocore.exceptions import ClientError

from daycover.cover.policy import PolicyStatus
from daycover.store.archive import StoredArchive
from daycover.store.boto import BotoClient
from tests.functional.archive.stores import Recorded
from tests.support.builders import NOW, a_policy
from tests.support.in_process_aws import empty_aws

BUCKET = "locked"


@pytest.fixture
def s3() -> Recorded:
    empty_aws()
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    client.put_object_lock_configuration(
        Bucket=BUCKET,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 3650}},
        },
    )
    return Recorded(BotoClient("s3", client))


def test_policy_is_archived_replaced_and_never_destroyed_when_the_bucket_is_locked(s3: Recorded) -> None:
    archive, client = StoredArchive(s3, BUCKET, lambda: NOW), boto3.client("s3", region_name="us-east-1")
    policy = a_policy()
    assert archive.add(policy)
    found = archive.find(policy.policy_no)
    assert found is not None
    voided = policy.model_copy(update={"status": PolicyStatus.VOIDED})
    archive.replace(voided, found.version)
    kept = client.list_object_versions(Bucket=BUCKET)["Versions"]
    assert len(kept) == 2, "voiding writes a version and takes none away"
    for version in kept:
        with pytest.raises(ClientError) as refused:
            client.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
        assert refused.value.response["Error"]["Code"] == "AccessDenied"
    now = archive.find(policy.policy_no)
    assert now is not None
    assert now.policy.status is PolicyStatus.VOIDED


def test_batch_is_indexed_superseded_and_never_destroyed_when_the_bucket_is_locked(s3: Recorded) -> None:
    archive, client = StoredArchive(s3, BUCKET, lambda: NOW), boto3.client("s3", region_name="us-east-1")
    policy = a_policy()
    for _ in range(2):
        archive.append([policy])
        archive.close_day(policy.issued_at.date(), 0, 1)
    found = archive.find(policy.policy_no)
    assert found is not None
    archive.replace(policy.model_copy(update={"status": PolicyStatus.VOIDED}), found.version)
    kept = client.list_object_versions(Bucket=BUCKET)["Versions"]
    assert sorted(version["Key"].split("/")[0] for version in kept) == ["batches", "index", "policies"]
    for version in kept:
        with pytest.raises(ClientError):
            client.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
    now = archive.find(policy.policy_no)
    assert now is not None
    assert now.policy.status is PolicyStatus.VOIDED


def test_every_put_proves_its_bytes_because_a_lock_wants_it(s3: Recorded) -> None:
    StoredArchive(s3, BUCKET, lambda: NOW).add(a_policy())
    (put,) = [arguments for operation, arguments in s3.calls if operation == "put_object"]
    assert len(put["ContentMD5"]) == 24
