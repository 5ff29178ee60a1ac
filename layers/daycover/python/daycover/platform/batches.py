"""The entry of queue and stream consumers: each record on its own, failures reported one by one."""

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from daycover.platform.observability import failure, log_failure, logger

Handler = Callable[[dict[str, Any], Any], Any]
T = TypeVar("T")
TTL_PRINCIPAL = "dynamodb.amazonaws.com"
"""The same in every partition."""


def sqs_batch(consume: Callable[[dict[str, Any]], None]) -> Handler:
    """Make a Lambda handler of a function that takes one JSON message. Raising sends it back to the queue."""

    def one(record: SQSRecord) -> None:
        _logged(consume, json.loads(record.body))

    return _handler(one, EventType.SQS, consume.__name__)


def sqs_whole_batch(consume: Callable[[list[dict[str, Any]]], None]) -> Handler:
    """Make a Lambda handler of a function that takes a batch's JSON messages at once.

    Raising sends every message back to the queue, so `consume` must be safe to repeat. What is no JSON object
    goes back alone.
    """

    @functools.wraps(consume)
    def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        messages: dict[str, dict[str, Any]] = {}
        failed: list[str] = []
        for record in event["Records"]:
            try:
                message = json.loads(record["body"])
            except ValueError:
                message = None
            if isinstance(message, dict):
                messages[record["messageId"]] = message
            else:
                failed.append(record["messageId"])
        try:
            if messages:
                consume(list(messages.values()))
        except Exception as error:
            log_failure("batch failed", error)
            failed = [record["messageId"] for record in event["Records"]]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    return _in_one_line(lambda_handler, consume.__name__)


def stream_batch(consume: Callable[[dict[str, Any]], None]) -> Handler:
    """Make a Lambda handler of a function that takes the new image of one inserted item."""

    def one(record: DynamoDBRecord) -> None:
        image = record.dynamodb.new_image if record.dynamodb else None
        if image:
            _logged(consume, dict(image))

    return _handler(one, EventType.DynamoDBStreams, consume.__name__)


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One change of an item: `kind` is INSERT, MODIFY or REMOVE, `image` the item as it last is or was."""

    kind: str
    image: dict[str, Any]
    by_ttl: bool = False


def change_whole_batch(consume: Callable[[list[ItemChange]], Sequence[Exception | None]]) -> Handler:
    """Make a Lambda handler of a function that takes a batch's changes of items at once, removals included.

    It gives each change's failure at its place, and must be safe to repeat; raising sends all of them back.
    """

    @functools.wraps(consume)
    def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        changes: dict[str, ItemChange] = {}
        for raw in event["Records"]:
            record = DynamoDBRecord(raw)
            if record.dynamodb is None or record.event_name is None:
                continue
            image = record.dynamodb.new_image or record.dynamodb.old_image
            if image:
                by_ttl = _is_ttl(record.user_identity)
                change = ItemChange(record.event_name.name, dict(image), by_ttl)
                changes[raw["dynamodb"]["SequenceNumber"]] = change
        failed = _failed(consume, changes)
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}

    return _in_one_line(lambda_handler, consume.__name__)


def _failed(
    consume: Callable[[list[ItemChange]], Sequence[Exception | None]], changes: dict[str, ItemChange]
) -> list[str]:
    if not changes:
        return []
    try:
        failures = consume(list(changes.values()))
    except Exception as error:
        log_failure("batch failed", error)
        return list(changes)
    failed: list[str] = []
    for number, problem in zip(changes, failures, strict=True):
        if problem is not None:
            log_failure("record failed", problem)
            failed.append(number)
    return failed


def _is_ttl(identity: dict[str, Any]) -> bool:
    """Deletes that TTL makes carry the service's own identity; nobody else's do."""
    return identity.get("type") == "Service" and identity.get("principalId") == TTL_PRINCIPAL


def _handler(one: Callable[[Any], None], kind: EventType, name: str) -> Handler:
    @functools.wraps(one)
    def lambda_handler(event: dict[str, Any], context: Any) -> Any:
        # raise_on_entire_batch_failure would hide which records failed behind one exception
        processor = BatchProcessor(event_type=kind, raise_on_entire_batch_failure=False)
        return process_partial_response(event=event, record_handler=one, processor=processor, context=context)

    return _in_one_line(lambda_handler, name)


def followed_by(handler: Handler, then: Callable[[], None]) -> Handler:
    """Make a Lambda handler that does something once its batch is done, in one line with the batch."""

    @functools.wraps(handler)
    def lambda_handler(event: dict[str, Any], context: Any) -> Any:
        answer = handler(event, context)
        then()
        return answer

    return _in_one_line(lambda_handler, handler.__name__)


def _in_one_line(handler: Handler, name: str) -> Handler:
    """What goes wrong with one record has a line of its own."""

    @functools.wraps(handler)
    def lambda_handler(event: dict[str, Any], context: Any) -> Any:
        logger.open()
        try:
            answer = handler(event, context)
        except Exception as error:
            logger.close("ERROR", "batch failed", consumer=name, **failure(error))
            raise
        except BaseException:
            logger.abandon()
            raise
        failed = len(answer["batchItemFailures"])
        logger.close("INFO", "batch done", consumer=name, failed=failed)
        return answer

    lambda_handler.__name__ = name
    return lambda_handler


def _logged(consume: Callable[[T], None], item: T) -> None:
    try:
        consume(item)
    except Exception as error:
        log_failure("record failed", error)
        raise
