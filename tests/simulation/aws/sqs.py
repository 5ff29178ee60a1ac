"""Standard queues of SQS in memory: at least once, in any order, and the dead ones apart.

Sources: the API reference of SendMessage, SendMessageBatch, ReceiveMessage and DeleteMessage; Lambda's developer guide,
"Using Lambda with Amazon SQS" (partial batch responses).
"""

import hashlib
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.simulation.aws.service import Service, refusal

URL = "https://sqs.us-east-1.amazonaws.com/000000000000/"
ARN = "arn:aws:sqs:us-east-1:000000000000:"
MOST_BYTES = 1024 * 1024
"""Of a message, and of the messages of one batch together."""
MOST_TOGETHER = 10
LONGEST_DELAY = 900
RETENTION = timedelta(days=4)
"""Of a queue that does not say."""
AGAIN_WITHIN = 300.0
"""Seconds within which a copy that was not deleted may turn up."""
_ENTRY_ID = re.compile(r"^[A-Za-z0-9_-]{1,80}$")
_NO_TEXT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True, eq=False)
class Message:
    message_id: str
    body: str
    sent: datetime
    visible: datetime
    received: int = 0
    first: datetime | None = None
    """When it was received first."""
    receipt: str = ""
    """Of the last time that it was received; only that one deletes it."""


@dataclass(slots=True)
class Queue:
    name: str
    visibility: timedelta
    retention: timedelta
    most_receives: int | None
    dead: str | None
    """The queue of messages that were received more than `most_receives` times."""
    messages: list[Message] = field(default_factory=list)

    @property
    def bodies(self) -> list[str]:
        return [message.body for message in self.messages]


class Delivery:
    """One batch that Lambda hands to a function; without an answer it comes again after the visibility timeout."""

    def __init__(self, queues: "Queues", queue: Queue, messages: list[Message]) -> None:
        self._queues = queues
        self._queue = queue
        self._messages = {message.message_id: message for message in messages}
        self._receipts = {message.message_id: message.receipt for message in messages}
        self.event = {"Records": [_record(queue, message) for message in messages]}

    def answered(self, answer: Any) -> None:
        """Take the function's answer: what it does not name as failed is deleted.

        Nothing is deleted when the answer is none of Lambda's: a name without a message, or no list at all.
        """
        failed: set[str] = set()
        if answer:
            items = answer.get("batchItemFailures") if isinstance(answer, Mapping) else ()
            for item in items or ():
                failed.add(item.get("itemIdentifier", "") if isinstance(item, Mapping) else "")
        if failed <= self._messages.keys():
            for number in [number for number in self._messages if number not in failed]:
                self._queues.delete(self._queue, self._messages[number], self._receipts[number])


class Queues(Service):
    """The service. `duplicates` is the chance that a message which was deleted comes once more."""

    def __init__(self, now: Callable[[], datetime], luck: random.Random, duplicates: float = 0.0) -> None:
        self._now = now
        self._luck = luck
        self.duplicates = duplicates
        self.queues: dict[str, Queue] = {}
        self.refuses: Callable[[str], bool] = lambda _body: False
        """Whether a message of a batch is not taken, for a reason of the service's own."""

    def create(
        self,
        name: str,
        *,
        visibility: float = 30,
        retention: float = RETENTION.total_seconds(),
        most_receives: int | None = None,
        dead: str | None = None,
    ) -> str:
        """Create a queue, times in seconds; gives its URL."""
        times = timedelta(seconds=visibility), timedelta(seconds=retention)
        self.queues[name] = Queue(name, *times, most_receives, dead)
        return URL + name

    def due(self, name: str) -> datetime | None:
        """When the next message can be received, None for an empty queue."""
        return min((message.visible for message in self.queues[name].messages), default=None)

    def deliver(self, name: str, limit: int = MOST_TOGETHER) -> Delivery | None:
        """Receive for a function that the queue invokes; None where there is nothing to receive.

        Lambda puts several receipts together where an event source has a larger batch size.
        """
        messages = self._receive(self.queues[name], limit)
        return Delivery(self, self.queues[name], messages) if messages else None

    def delete(self, queue: Queue, message: Message, receipt: str) -> None:
        """Delete by the receipt of the last time that it was received; an older one succeeds and deletes nothing."""
        if message not in queue.messages or message.receipt != receipt:
            return
        if self._luck.random() < self.duplicates:  # a server that was away did not delete its copy
            message.visible = self._now() + timedelta(seconds=self._luck.uniform(0, AGAIN_WITHIN))
        else:
            queue.messages.remove(message)

    # ---- operations ----------------------------------------------------------------------------------

    def SendMessage(self, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> Any:
        queue = self._queue(QueueUrl, "SendMessage")
        _check(MessageBody, DelaySeconds, "SendMessage")
        message = self._add(queue, MessageBody, DelaySeconds)
        return {"MessageId": message.message_id, "MD5OfMessageBody": _md5(MessageBody)}

    def SendMessageBatch(self, QueueUrl: str, Entries: list[Mapping[str, Any]]) -> Any:
        queue = self._queue(QueueUrl, "SendMessageBatch")
        _check_batch(Entries)
        taken, failed = [], []
        for entry in Entries:
            body, delay = entry["MessageBody"], entry.get("DelaySeconds", 0)
            _check(body, delay, "SendMessageBatch")
            if self.refuses(body):
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
                continue
            message = self._add(queue, body, delay)
            said = {"MessageId": message.message_id, "MD5OfMessageBody": _md5(body)}
            taken.append({"Id": entry["Id"]} | said)
        return {name: rows for name, rows in (("Successful", taken), ("Failed", failed)) if rows}

    def ReceiveMessage(self, QueueUrl: str, MaxNumberOfMessages: int = 1) -> Any:
        queue = self._queue(QueueUrl, "ReceiveMessage")
        if not 1 <= MaxNumberOfMessages <= MOST_TOGETHER:
            raise refusal("InvalidParameterValue", "ReceiveMessage")
        messages = [
            {
                "MessageId": message.message_id,
                "ReceiptHandle": message.receipt,
                "MD5OfBody": _md5(message.body),
                "Body": message.body,
            }
            for message in self._receive(queue, MaxNumberOfMessages)
        ]
        return {"Messages": messages} if messages else {}

    def DeleteMessage(self, QueueUrl: str, ReceiptHandle: str) -> Any:
        queue = self._queue(QueueUrl, "DeleteMessage")
        for message in tuple(queue.messages):
            self.delete(queue, message, ReceiptHandle)
        return {}

    # ---- messages ------------------------------------------------------------------------------------

    def _queue(self, url: str, operation: str) -> Queue:
        name = url.rpartition("/")[2]
        if url != URL + name or name not in self.queues:
            raise refusal("AWS.SimpleQueueService.NonExistentQueue", operation)
        return self.queues[name]

    def _add(self, queue: Queue, body: str, delay: float) -> Message:
        now = self._now()
        number = str(uuid.UUID(bytes=self._luck.randbytes(16), version=4))
        message = Message(number, body, now, now + timedelta(seconds=delay))
        queue.messages.append(message)
        return message

    def _receive(self, queue: Queue, limit: int) -> list[Message]:
        """Receive what is visible, in any order; what was received too often goes to the dead ones instead."""
        now = self._now()
        queue.messages = [message for message in queue.messages if now - message.sent < queue.retention]
        visible = [message for message in queue.messages if message.visible <= now]
        self._luck.shuffle(visible)
        received: list[Message] = []
        for message in visible:
            if len(received) == limit:
                break
            if queue.dead is not None and message.received == queue.most_receives:
                queue.messages.remove(message)
                message.visible, message.received = now, 0
                self.queues[queue.dead].messages.append(message)
                continue
            message.received += 1
            message.first = message.first or now
            message.visible = now + queue.visibility
            message.receipt = self._luck.randbytes(24).hex()
            received.append(message)
        return received


def _record(queue: Queue, message: Message) -> dict[str, Any]:
    return {
        "messageId": message.message_id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.received),
            "SentTimestamp": _millis(message.sent),
            "SenderId": "AROAEXAMPLE:simulated",
            "ApproximateFirstReceiveTimestamp": _millis(message.first or message.sent),
        },
        "messageAttributes": {},
        "md5OfBody": _md5(message.body),
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN + queue.name,
        "awsRegion": "us-east-1",
    }


def _check(body: str, delay: Any, operation: str) -> None:
    if not body:
        raise refusal("MissingParameter", operation)
    if len(body.encode(errors="surrogatepass")) > MOST_BYTES or not isinstance(delay, int):
        raise refusal("InvalidParameterValue", operation)
    if not 0 <= delay <= LONGEST_DELAY:
        raise refusal("InvalidParameterValue", operation)
    if _NO_TEXT.search(body):
        raise refusal("InvalidMessageContents", operation)


def _check_batch(entries: list[Mapping[str, Any]]) -> None:
    problem = None
    ids = [entry["Id"] for entry in entries]
    if not entries:
        problem = "EmptyBatchRequest"
    elif len(entries) > MOST_TOGETHER:
        problem = "TooManyEntriesInBatchRequest"
    elif not all(map(_ENTRY_ID.match, ids)):
        problem = "InvalidBatchEntryId"
    elif len(set(ids)) < len(ids):
        problem = "BatchEntryIdsNotDistinct"
    elif sum(len(entry["MessageBody"].encode(errors="surrogatepass")) for entry in entries) > MOST_BYTES:
        problem = "BatchRequestTooLong"
    if problem is not None:
        raise refusal(f"AWS.SimpleQueueService.{problem}", "SendMessageBatch")
    for entry in entries:
        if unknown := entry.keys() - {"Id", "MessageBody", "DelaySeconds"}:
            raise NotImplementedError(f"SendMessageBatch: {sorted(unknown)}")


def _md5(body: str) -> str:
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def _millis(at: datetime) -> str:
    return str(int(at.astimezone(UTC).timestamp() * 1000))
