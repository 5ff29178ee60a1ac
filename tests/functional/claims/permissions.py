"""What a handler asked AWS for, against what the template lets its role do."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from tests.functional.claims.aws import ARCHIVE, BUCKET, OPERATIONS, POLICIES
from tests.support.functions import logical_id
from tests.support.template import plain_template

TABLES = {OPERATIONS: "OperationsTable.Arn", POLICIES: "PoliciesTable.Arn"}
ITEM_ACTIONS = {
    "Put": "PutItem",
    "Delete": "DeleteItem",
    "Update": "UpdateItem",
    "ConditionCheck": "ConditionCheckItem",
}


class Need(NamedTuple):
    """One thing that must be allowed: an action, on a resource, for all of these partition keys (or, when a
    bucket is listed, this prefix) at once."""

    action: str
    resource: str
    keys: tuple[str, ...] = ()


def needs(operation: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
    """Give what one recorded call needs."""
    if operation == "TransactWriteItems":
        for item in arguments["TransactItems"]:
            ((kind, write),) = item.items()
            pk = (write.get("Item") or write["Key"])["pk"]["S"]
            yield Need(f"dynamodb:{ITEM_ACTIONS[kind]}", TABLES[write["TableName"]], (pk,))
    elif operation == "BatchGetItem":
        for table, wanted in arguments["RequestItems"].items():
            keys = tuple(key["pk"]["S"] for key in wanted["Keys"])
            yield Need("dynamodb:BatchGetItem", TABLES[table], keys)
    elif operation == "Query":
        pk = arguments["ExpressionAttributeValues"][":pk"]["S"]
        yield Need("dynamodb:Query", TABLES[arguments["TableName"]], (pk,))
    elif operation in {"GetItem", "PutItem", "UpdateItem", "DeleteItem"}:
        pk = (arguments.get("Item") or arguments["Key"])["pk"]["S"]
        yield Need(f"dynamodb:{operation}", TABLES[arguments["TableName"]], (pk,))
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
    """Whether one statement of the function's role allows all of the need."""
    return any(_allows(statement, need) for statement in _statements(function))


def _allows(statement: dict[str, Any], need: Need) -> bool:
    actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    if need.action not in actions or not any(_same(str(r), need.resource) for r in resources):
        return False
    condition = statement.get("Condition", {})
    prefixes = condition.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
    if prefixes is None:
        prefixes = condition.get("StringLikeIfExists", {}).get("s3:prefix")
    return prefixes is None or all(any(fnmatchcase(key, p) for p in prefixes) for key in need.keys)


def _same(resource: str, wanted: str) -> bool:
    return resource == wanted or fnmatchcase(resource, wanted)


def _statements(function: str) -> Iterator[dict[str, Any]]:
    for policy in plain_template()["Resources"][logical_id(function)]["Properties"].get("Policies", []):
        yield from policy["Statement"]
