"""What a handler asked AWS for, against what the template lets its role do."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.devstack.recorder import dynamodb_needs
from tests.functional.claims.aws import ARCHIVE, BUCKET, OPERATIONS, POLICIES
from tests.support.functions import logical_id
from tests.support.policies import Need, allows, grants, is_like
from tests.support.template import plain_template

TABLES = {
    f"dynamodb:table/{OPERATIONS}": "OperationsTable.Arn",
    f"dynamodb:table/{POLICIES}": "PoliciesTable.Arn",
}
ON_TABLES = {"TransactWriteItems", "BatchGetItem", "Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem"}


def needs(operation: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
    """Give what one recorded call needs."""
    if operation in ON_TABLES:
        for need in dynamodb_needs(operation, arguments):
            yield need._replace(resource=TABLES[need.resource])
    elif operation in {"GenerateDataKey", "Decrypt"}:
        yield Need(f"kms:{operation}", "PersonalDataKey.Arn")
    elif arguments.get("Bucket") == ARCHIVE:
        yield from archive_needs(operation, arguments)
    elif operation == "GetObject":
        assert arguments["Bucket"] == BUCKET
        yield Need("s3:GetObject", "${DocumentsBucket.Arn}/claims/*")
    elif operation == "CreateBucket":
        # what botocore names a POST policy when it signs one: whoever posts by it needs the signer's own right
        assert arguments["Bucket"] == BUCKET
        yield Need("s3:PutObject", "${DocumentsBucket.Arn}/claims/*")
    else:
        raise AssertionError(f"a call that no claims function should make: {operation}")


def archive_needs(operation: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
    """What a call on the archive needs; who may not list is told 403 for an object that is not there."""
    folder = (arguments.get("Key") or arguments["Prefix"]).split("/")[0]
    assert folder in {"policies", "batches", "index"}
    yield Need("s3:ListBucket", "ArchiveBucket.Arn", (f"{folder}/",) if operation == "ListObjectsV2" else ())
    if operation != "ListObjectsV2":
        yield Need(f"s3:{operation}", f"${{ArchiveBucket.Arn}}/{folder}/*")


WORKFLOW_NEEDS = {
    "workflows.start_claim": Need("states:StartExecution", "*-claim-to-payout"),
    "workflows.start_payout": Need("states:StartExecution", "*-payout"),
    "workflows.answer": Need("states:SendTaskSuccess", "*"),
}


def is_allowed(function: str, need: Need) -> bool:
    """Whether one statement of the function's role allows all of the need; its resource may be a pattern."""
    return any(
        allows(statement, need._replace(resource=grant.resource))
        for statement in _statements(function)
        for grant in grants(statement)
        if is_like(grant.resource, need.resource)
    )


def _statements(function: str) -> Iterator[dict[str, Any]]:
    for policy in plain_template()["Resources"][logical_id(function)]["Properties"].get("Policies", []):
        yield from policy["Statement"]
