"""The entry of queue and stream consumers: each record on its own, failures reported one by one."""

import functools
import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from daycover.platform.observability import log_failure, logger

Handler = Callable[[dict[str, Any], Any], Any]


def sqs_batch(consume: Callable[[dict[str, Any]], None]) -> Handler:
    """Make a Lambda handler of a function that takes one JSON message. Raising sends it back to the queue."""

    def one(record: SQSRecord) -> None:
        _logged(consume, json.loads(record.body))

    return _handler(one, EventType.SQS, consume.__name__)


def stream_batch(consume: Callable[[dict[str, Any]], None]) -> Handler:
    """Make a Lambda handler of a function that takes the new image of one inserted item."""

    def one(record: DynamoDBRecord) -> None:
        image = record.dynamodb.new_image if record.dynamodb else None
        if image:
            _logged(consume, dict(image))

    return _handler(one, EventType.DynamoDBStreams, consume.__name__)


def _handler(one: Callable[[Any], None], kind: EventType, name: str) -> Handler:
    @functools.wraps(one)
    def lambda_handler(event: dict[str, Any], context: Any) -> Any:
        # raise_on_entire_batch_failure would hide which records failed behind one exception
        processor = BatchProcessor(event_type=kind, raise_on_entire_batch_failure=False)
        answer = process_partial_response(
            event=event, record_handler=one, processor=processor, context=context
        )
        logger.info("batch done", consumer=name, failed=len(answer["batchItemFailures"]))
        return answer

    return lambda_handler


def _logged(consume: Callable[[dict[str, Any]], None], item: dict[str, Any]) -> None:
    try:
        consume(item)
    except Exception as error:
        log_failure("record failed", error)
        raise
