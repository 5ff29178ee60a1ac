"""What functions and state machines ask the local AWS for; runs inside the engine, called by its shims.

ministack lets everybody do everything. A worker's session token names its function (`workers.start_worker`), so
each signed call, presigned address and signed form says whose right it uses, whoever sends it. Each thing that is
asked for is written once, as what IAM would have to allow; `tests/support/granted.py` judges it against the
deployed roles. Calls of the tests and of the engine itself carry no such token and are left out.
"""

import email
import email.policy
import json
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from tests.support.policies import Need

FILE = "DEVSTACK_CALLS_FILE"
"""Names the environment variable that names the file."""
FUNCTION, MACHINE = "function:", "machine:"
ITEM_ACTIONS = {
    "Put": "PutItem",
    "Delete": "DeleteItem",
    "Update": "UpdateItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
MISSING = 404
LISTED = {
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "continuation-token",
    "start-after",
    "encoding-type",
}

logger = logging.getLogger("recorder")

Query = Mapping[str, list[str]]


class UnreadableCallError(Exception):
    """A call that nobody taught the recorder to read; it is recorded as one that no role allows."""


class Recorder:
    """Write each caller's needs, each one once."""

    def __init__(self, file: Path | None) -> None:
        self._file = file.open("a", buffering=1, encoding="utf-8") if file else None
        self._known: set[str] = set()
        self._writing = threading.Lock()
        self._tokens: dict[str, str] = {}

    def record(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Query, status: int
    ) -> None:
        """Note one answered request. A caller who can't be told from it is the tests' own."""
        caller = _caller(method, headers, body, query)
        if not caller.startswith(FUNCTION):
            return
        try:
            needs = [*self.needs(method, path, headers, body, query, status)]
        except Exception as error:  # the engine's work goes on; the judge says so
            target = headers.get("x-amz-target", "")
            logger.exception("%s: %s %s %s can't be read", caller, method, path, target)
            needs = [Need(f"unreadable: {method} {target or path}", repr(error))]
        self._write(caller, needs)

    def needs(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Query, status: int
    ) -> Iterator[Need]:
        """Give what one request needs."""
        target = headers.get("x-amz-target", "")
        if not target:
            yield from s3_needs(method, unquote(path), headers, body, query, status)
            return
        service, _, operation = target.partition(".")
        arguments = json.loads(body)
        if service == "DynamoDB_20120810":
            yield from dynamodb_needs(operation, arguments)
        elif service == "TrentService":
            yield Need(f"kms:{operation}", _key(arguments["KeyId"]))
        elif service == "secretsmanager":
            yield Need(f"secretsmanager:{operation}", arguments["SecretId"])
        elif service == "AmazonSQS":
            action = operation.removesuffix("Batch")
            yield Need(f"sqs:{action}", f"sqs:{arguments['QueueUrl'].rpartition('/')[2]}")
        elif service == "AWSStepFunctions":
            yield from self._states_needs(operation, arguments)
        else:
            raise UnreadableCallError(target)

    def _states_needs(self, operation: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
        if operation.startswith("SendTask"):
            resource = self._tokens.get(arguments["taskToken"], "the machine of an unknown task token")
        elif operation == "StartExecution":
            resource = arguments["stateMachineArn"]
        else:
            resource = arguments["executionArn"]
        yield Need(f"states:{operation}", resource)

    def issued(self, token: str, machine: str) -> None:
        """Remember whose task a token answers: that machine is what IAM asks about."""
        self._tokens[token] = machine

    def task(self, machine: str, resource: str, parameters: Mapping[str, Any]) -> None:
        """Note one task that Step Functions does under the machine's role."""
        self._write(MACHINE + machine, [*task_needs(resource, parameters)])

    def _write(self, caller: str, needs: list[Need]) -> None:
        for need in needs:
            line = json.dumps([caller, *need])
            with self._writing:
                if line not in self._known and self._file:
                    self._known.add(line)
                    self._file.write(line + "\n")


def _caller(method: str, headers: Mapping[str, str], body: bytes, query: Query) -> str:
    """Who signed: by header, by the presigned address, or by the form that a browser posts."""
    for found in (headers.get("x-amz-security-token"), *query.get("X-Amz-Security-Token", [])):
        if found:
            return found
    return _form(headers, body).get("x-amz-security-token", "") if method == "POST" else ""


def _form(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """Give the short fields of a posted form; a file's bytes are none of them."""
    kind = headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return {}
    head = f"content-type: {kind}\r\n\r\n".encode("latin-1")
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    return {
        str(part.get_param("name", header="content-disposition")).lower(): str(part.get_content()).strip()
        for part in message.iter_parts()
        if part.get_filename() is None
    }


def dynamodb_needs(operation: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
    """What one call on a table needs; a write of a transaction needs the right to the single write."""
    if operation in {"TransactWriteItems", "TransactGetItems"}:
        for item in arguments["TransactItems"]:
            ((kind, one),) = item.items()
            yield Need(f"dynamodb:{ITEM_ACTIONS[kind]}", _table(one), (_pk(one.get("Item") or one["Key"]),))
    elif operation == "BatchGetItem":
        for table, wanted in arguments["RequestItems"].items():
            yield Need("dynamodb:BatchGetItem", _table_named(table), _distinct(wanted["Keys"]))
    elif operation == "BatchWriteItem":
        for table, writes in arguments["RequestItems"].items():
            items = [one.get("Item") or one["Key"] for write in writes for one in write.values()]
            yield Need("dynamodb:BatchWriteItem", _table_named(table), _distinct(items))
    elif operation == "Query":
        yield Need("dynamodb:Query", _table(arguments), (_queried(arguments),))
    elif operation == "Scan":
        yield Need("dynamodb:Scan", _table(arguments))
    else:
        pk = _pk(arguments.get("Item") or arguments["Key"])
        yield Need(f"dynamodb:{operation}", _table(arguments), (pk,))


def _table(arguments: Mapping[str, Any]) -> str:
    """An index is a resource of its own."""
    index = f"/index/{arguments['IndexName']}" if "IndexName" in arguments else ""
    return _table_named(arguments["TableName"]) + index


def _table_named(name: str) -> str:
    return f"dynamodb:table/{name}"


def _pk(item: Mapping[str, Any]) -> str:
    return str(item["pk"]["S"])


def _distinct(items: list[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_pk, items)))


def _queried(arguments: Mapping[str, Any]) -> str:
    """The partition that a query names: `pk = :name`, alone or before what narrows the sort key."""
    attribute, equals, value = arguments["KeyConditionExpression"].split()[:3]
    attribute = arguments.get("ExpressionAttributeNames", {}).get(attribute, attribute)
    if (attribute, equals) != ("pk", "="):
        raise UnreadableCallError(arguments["KeyConditionExpression"])
    return str(arguments["ExpressionAttributeValues"][value]["S"])


def _key(name: str) -> str:
    return name if ":" in name else f"kms:key/{name}"


def s3_needs(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Query, status: int
) -> Iterator[Need]:
    """What one request on a bucket or an object needs.

    Who asks for an object that isn't there must be allowed to list the bucket, or AWS says 403 instead of 404.
    """
    bucket, _, key = path.lstrip("/").partition("/")
    part = {name for name in query if not name.lower().startswith(("x-amz-", "x-id", "response-"))}
    if key and not part and method in {"GET", "HEAD"}:
        yield Need("s3:GetObject", f"s3:{bucket}/{key}")
        if status == MISSING:
            yield Need("s3:ListBucket", f"s3:{bucket}")
    elif key and not part and method == "PUT":
        yield Need("s3:PutObject", f"s3:{bucket}/{key}")
        if source := headers.get("x-amz-copy-source"):
            yield Need("s3:GetObject", f"s3:{unquote(source).lstrip('/')}")
    elif key and not part and method == "DELETE":
        yield Need("s3:DeleteObject", f"s3:{bucket}/{key}")
    elif not key and method == "GET" and part <= LISTED:
        yield Need("s3:ListBucket", f"s3:{bucket}", tuple(query.get("prefix", [""])))
    elif not key and method == "POST" and part == {"delete"}:
        for found in ElementTree.fromstring(body).iter():
            if found.tag.endswith("Key"):
                yield Need("s3:DeleteObject", f"s3:{bucket}/{found.text}")
    elif not key and method == "POST" and not part:
        yield Need("s3:PutObject", f"s3:{bucket}/{_form(headers, body)['key']}")
    else:
        raise UnreadableCallError(f"{method} {path} {sorted(part)}")


def task_needs(resource: str, parameters: Mapping[str, Any]) -> Iterator[Need]:
    """What a task needs of its machine's role (Step Functions, "IAM policies for integrated services")."""
    integration = resource.partition(":states:::")[2]
    if integration.startswith("lambda:invoke"):
        yield Need("lambda:InvokeFunction", parameters["FunctionName"])
    elif integration.startswith("states:startExecution"):
        machine = parameters["StateMachineArn"]
        yield Need("states:StartExecution", machine)
        if ".sync" in integration:
            execution = machine.replace(":stateMachine:", ":execution:") + ":*"
            rule = "events:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
            yield from (
                Need(f"states:{action}", execution) for action in ("DescribeExecution", "StopExecution")
            )
            yield from (Need(f"events:{a}", rule) for a in ("DescribeRule", "PutRule", "PutTargets"))
    else:
        yield Need(f"unreadable: {resource}", "*")


recorder = Recorder(Path(os.environ[FILE]) if FILE in os.environ else None)
