"""Queues in memory: delays, receipts, what failed comes again, what failed too often lies apart."""

import json
import random
from typing import Any

import pytest

from daycover.platform.batches import sqs_batch
from daycover.store.aws import AwsError
from daycover.store.ended_policies import QueuedEndedPolicies
from tests.simulation.aws.deployed import create_queues
from tests.simulation.aws.scripted import Line
from tests.simulation.aws.sqs import Queues
from tests.support.aws import client_of

LIMITS: dict[str, Any] = {"visibility": 60, "most_receives": 2, "dead": "dead"}


class Sqs:
    def __init__(self, seed: int = 3, **limits: Any) -> None:
        self.line = Line()
        self.queues = Queues(self.line.now, random.Random(seed))
        self.queues.create("dead", retention=14 * 86_400)
        self.url = self.queues.create("q", **(LIMITS | limits))

    def send(self, body: str = "{}", **more: Any) -> Any:
        return self.queues.call("SendMessage", QueueUrl=self.url, MessageBody=body, **more)

    def bodies(self, limit: int = 10) -> list[str]:
        """Receive without an answer."""
        delivery = self.queues.deliver("q", limit)
        return [] if delivery is None else sorted(record["body"] for record in delivery.event["Records"])

    @property
    def left(self) -> list[str]:
        return sorted(self.queues.queues["q"].bodies)


def code_of(call: Any) -> str:
    with pytest.raises(AwsError) as raised:
        call()
    return raised.value.code


def test_message_comes_after_its_delay_when_it_was_sent_with_one() -> None:
    sqs = Sqs()
    QueuedEndedPolicies(sqs.queues, sqs.url).tell("DC1")
    sqs.send("later", DelaySeconds=900)
    assert sqs.bodies() == ['{"policy_no": "DC1"}']
    sqs.line.run(899)
    assert "later" not in sqs.bodies()
    sqs.line.run(1)
    assert "later" in sqs.bodies()


@pytest.mark.parametrize(("seconds", "found"), [(59.9, []), (60, ["{}"])])
def test_message_is_hidden_while_somebody_may_work_on_it(seconds: float, found: list[str]) -> None:
    sqs = Sqs()
    sqs.send()
    assert sqs.bodies() == ["{}"]
    sqs.line.run(seconds)
    assert sqs.bodies() == found


def test_due_is_when_the_next_message_is_visible() -> None:
    sqs = Sqs()
    assert sqs.queues.due("q") is None
    sqs.send(DelaySeconds=30)
    due = sqs.queues.due("q")
    assert due is not None
    assert (due - sqs.line.time).total_seconds() == 30


def test_what_failed_comes_again_when_a_function_names_it() -> None:
    sqs = Sqs()
    for body in ('{"n": 1}', '{"n": 2}', "no json"):
        sqs.send(body)

    def consume(message: dict[str, Any]) -> None:
        if message["n"] == 2:
            raise ValueError

    delivery = sqs.queues.deliver("q")
    assert delivery is not None
    delivery.answered(sqs_batch(consume)(delivery.event, None))
    assert sqs.left == ["no json", '{"n": 2}']
    assert delivery.event["Records"][0]["attributes"]["ApproximateReceiveCount"] == "1"


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (None, 0),
        ({}, 0),
        ({"batchItemFailures": []}, 0),
        ({"batchItemFailures": None}, 0),
        ({"batchItemFailures": [{"itemIdentifier": "unheard"}]}, 2),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, 2),
        ({"batchItemFailures": [{"wrong": "key"}]}, 2),
    ],
)
def test_answer_is_taken_as_lambda_takes_it(answer: Any, left: int) -> None:
    sqs = Sqs()
    sqs.send("a")
    sqs.send("b")
    delivery = sqs.queues.deliver("q")
    assert delivery is not None
    delivery.answered(answer)
    assert len(sqs.left) == left


def test_late_answer_deletes_nothing_when_somebody_else_has_received_it_since() -> None:
    sqs = Sqs()
    sqs.send()
    slow = sqs.queues.deliver("q")
    assert slow is not None
    sqs.line.run(60)
    other = sqs.queues.deliver("q")
    assert other is not None
    slow.answered({})
    assert sqs.left == ["{}"]
    other.answered({})
    assert sqs.left == []


def test_message_lies_apart_when_it_was_received_too_often() -> None:
    sqs = Sqs()
    sqs.send("poison")
    for _ in range(2):
        assert sqs.bodies() == ["poison"]
        sqs.line.run(60)
    assert sqs.queues.queues["dead"].bodies == []
    assert sqs.bodies() == []
    assert sqs.queues.queues["dead"].bodies == ["poison"]
    assert sqs.left == []


def test_message_is_lost_when_its_retention_is_over() -> None:
    sqs = Sqs(retention=100)
    sqs.send(DelaySeconds=50)
    sqs.line.run(100)
    assert sqs.bodies() == []


def test_order_is_any_and_the_same_again_when_the_seed_is() -> None:
    def order(seed: int) -> list[str]:
        sqs = Sqs(seed)
        for number in range(8):
            sqs.send(str(number))
        delivery = sqs.queues.deliver("q", 5)
        assert delivery is not None
        return [record["body"] for record in delivery.event["Records"]]

    orders = {tuple(order(seed)) for seed in range(10)}
    assert len(orders) > 5
    assert order(4) == order(4)


def test_deleted_message_comes_once_more_when_a_copy_stayed() -> None:
    sqs = Sqs()
    sqs.queues.duplicates = 1.0
    sqs.send("twice")
    delivery = sqs.queues.deliver("q")
    assert delivery is not None
    delivery.answered({})
    sqs.line.run(300)
    sqs.queues.duplicates = 0.0
    again = sqs.queues.deliver("q")
    assert again is not None
    assert again.event["Records"][0]["messageId"] == delivery.event["Records"][0]["messageId"]
    again.answered({})
    assert sqs.left == []


def test_receipt_of_an_earlier_time_deletes_nothing() -> None:
    sqs = Sqs()
    sqs.send()
    call = sqs.queues.call
    [first] = call("ReceiveMessage", QueueUrl=sqs.url)["Messages"]
    sqs.line.run(60)
    [second] = call("ReceiveMessage", QueueUrl=sqs.url)["Messages"]
    call("DeleteMessage", QueueUrl=sqs.url, ReceiptHandle=first["ReceiptHandle"])
    assert sqs.left == ["{}"]
    call("DeleteMessage", QueueUrl=sqs.url, ReceiptHandle=second["ReceiptHandle"])
    assert sqs.left == []
    assert call("ReceiveMessage", QueueUrl=sqs.url) == {}


def test_batch_is_taken_in_part_when_the_service_refuses_one() -> None:
    sqs = Sqs()
    sqs.queues.refuses = lambda body: body == "b"
    entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate("abc")]
    answer = sqs.queues.call("SendMessageBatch", QueueUrl=sqs.url, Entries=entries)
    assert [row["Id"] for row in answer["Successful"]] == ["0", "2"]
    assert [row["Id"] for row in answer["Failed"]] == ["1"]
    assert sqs.left == ["a", "c"]


# moto plays SQS as well: where both refuse, they refuse with one code
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("SendMessage", {"MessageBody": "a", "DelaySeconds": 901}),
    ("SendMessage", {"MessageBody": "a", "QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/x"}),
    ("SendMessageBatch", {"Entries": []}),
    ("SendMessageBatch", {"Entries": [{"Id": str(at), "MessageBody": "a"} for at in range(11)]}),
    ("SendMessageBatch", {"Entries": [{"Id": "a", "MessageBody": "a"}] * 2}),
    ("SendMessageBatch", {"Entries": [{"Id": "a b", "MessageBody": "a"}]}),
]


@pytest.mark.parametrize(("operation", "request_"), WRONG)
def test_request_is_refused_with_the_code_that_aws_gives(operation: str, request_: dict[str, Any]) -> None:
    sqs, other = Sqs(), client_of("sqs")
    url = other.call("CreateQueue", QueueName="q")["QueueUrl"]
    expected = code_of(lambda: other.call(operation, **{"QueueUrl": url} | request_))
    assert code_of(lambda: sqs.queues.call(operation, **{"QueueUrl": sqs.url} | request_)) == expected


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("a\x00", "InvalidMessageContents"),
        ("", "MissingParameter"),
        ("ä" * 524_289, "InvalidParameterValue"),
    ],
)
def test_message_is_refused_when_it_is_no_text_or_too_long(body: str, code: str) -> None:
    assert code_of(lambda: Sqs().send(body)) == code


def test_operation_is_refused_when_it_is_not_played() -> None:
    sqs = Sqs()
    with pytest.raises(NotImplementedError):
        sqs.queues.call("PurgeQueue", QueueUrl=sqs.url)
    with pytest.raises(NotImplementedError):
        sqs.send(MessageAttributes={})


def test_queues_of_the_template_are_created_with_their_limits() -> None:
    queues = Queues(Line().now, random.Random(1))
    urls = create_queues(queues)
    assert json.dumps(urls).count("https://") == len(queues.queues)
    check_ins = queues.queues["CheckInQueue"]
    assert (check_ins.dead, check_ins.most_receives) == ("CheckInFailureQueue", 6)
    assert check_ins.visibility.total_seconds() == 180
    assert queues.queues["InsurerQueue"].retention.days == 14
