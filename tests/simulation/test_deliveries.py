"""Streams, filters and schedules: what the template sets, and every misfortune that Lambda's guide names."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from tests.simulation.agenda import Agenda
from tests.simulation.aws.dynamodb import DynamoDB
from tests.simulation.deliveries import (
    RETENTION,
    Schedule,
    StreamReader,
    matches,
    schedules,
    sources,
    stream_readers,
    timeout_of,
)
from tests.support.fakes.port import Crash
from tests.support.functions import HANDLERS
from tests.support.template import template

START = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROPERTIES = {
    "BatchSize": 8,
    "MaximumRetryAttempts": 5,
    "MaximumRecordAgeInSeconds": 43_200,
    "BisectBatchOnFunctionError": True,
}
ALL_DONE: dict[str, Any] = {"batchItemFailures": []}


class Stream:
    """A table, one reader of its stream, and a function that keeps what it was given."""

    def __init__(
        self,
        function: Callable[["Stream", list[str]], Any] = lambda stream, names: ALL_DONE,
        *,
        duplicates: float = 0.0,
        out: timedelta = timedelta(),
        patterns: Sequence[Any] = ({},),
        **properties: Any,
    ) -> None:
        self.agenda = Agenda(START, Random(1))
        self.table = DynamoDB(self.agenda.now, Random(2))
        self.table.create_table("t")
        self.batches: list[list[str]] = []
        """The sort keys of each batch that the function was given."""
        self.reader = StreamReader(
            "consumer",
            PROPERTIES | properties,
            patterns,
            self.agenda,
            Random(3),
            lambda _, event: self._invoked(function, event),
            duplicates,
            START + out,
        )
        self.table.listeners.append(self.reader.hear)

    def _invoked(self, function: Callable[["Stream", list[str]], Any], event: Any) -> Any:
        names = [record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"]]
        self.batches.append(names)
        return function(self, names)

    def put(self, *names: str, pk: str = "one") -> None:
        for name in names:
            self.table.call("PutItem", TableName="t", Item={"pk": {"S": pk}, "sk": {"S": name}})

    def run(self, after: timedelta = 48 * HOUR) -> "Stream":
        self.agenda.run(self.agenda.now() + after)
        return self

    @property
    def seen(self) -> list[str]:
        return [name for batch in self.batches for name in batch]

    @property
    def failed(self) -> list[str]:
        return [change.key.sk for change in self.reader.failed]


def names(most: int) -> list[str]:
    return [f"{number:02}" for number in range(most)]


def failing(*poison: str) -> Callable[[Stream, list[str]], Any]:
    """A function that ends without an answer where it meets one of these."""

    def function(_: Stream, given: list[str]) -> Any:
        if set(poison) & set(given):
            raise RuntimeError
        return ALL_DONE

    return function


def test_shard_is_read_in_order_in_batches_of_the_template_s_size() -> None:
    stream = Stream()
    stream.put(*names(20))
    stream.run()
    assert (stream.seen, [len(batch) for batch in stream.batches]) == (names(20), [8, 8, 4])


def test_records_of_one_key_stay_in_order_when_others_are_read_beside_them() -> None:
    stream = Stream()
    for name in names(30):
        stream.put(f"a{name}", pk="one")
        stream.put(f"b{name}", pk="two")
    stream.run()
    for letter in "ab":
        assert [name for name in stream.seen if name[0] == letter] == [f"{letter}{n}" for n in names(30)]


def test_one_batch_of_a_shard_is_under_way_at_a_time_when_the_function_takes_long() -> None:
    """More comes while the function is left; nothing of it is skipped, and nothing is given twice."""
    under_way, most = 0, 0

    def slow(stream: Stream, given: list[str]) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        stream.agenda.sleep(60 if given[0] == "00" else 1)
        under_way -= 1
        return ALL_DONE

    stream = Stream(slow)
    for seconds, name in enumerate(names(30)):
        stream.agenda.after(timedelta(seconds=3 * seconds), "put", partial(stream.put, name))
    stream.run()
    assert (stream.seen, most, stream.reader.waits) == (names(30), 1, 0)


def test_record_that_fails_alone_is_halved_down_to_and_alone_given_up() -> None:
    stream = Stream(failing("05"))
    stream.put(*names(8))
    stream.run()
    assert stream.failed == ["05"]
    assert set(names(8)) - {"05"} <= set(stream.seen)
    assert [len(batch) for batch in stream.batches[:3]] == [8, 4, 4]
    assert stream.batches[-1] == ["06", "07"]


def test_record_is_tried_once_and_as_often_again_as_the_template_says() -> None:
    stream = Stream(failing("00"), MaximumRetryAttempts=5)
    stream.put("00")
    stream.run()
    assert (len(stream.batches), stream.failed) == (6, ["00"])


def test_batch_stays_whole_when_the_template_does_not_bisect() -> None:
    stream = Stream(failing("05"), BisectBatchOnFunctionError=False, MaximumRetryAttempts=2)
    stream.put(*names(8))
    stream.run(timedelta(seconds=70))
    assert [len(batch) for batch in stream.batches] == [8, 8, 8]


def test_records_before_the_one_that_a_function_names_are_done() -> None:
    def names_one(stream: Stream, given: list[str]) -> Any:
        if "03" not in given or len(stream.batches) > 1:
            return ALL_DONE
        number = next(change.number for change in stream.table.changes if change.key.sk == "03")
        return {"batchItemFailures": [{"itemIdentifier": f"{number:021d}"}]}

    stream = Stream(names_one)
    stream.put(*names(6))
    stream.run()
    assert stream.batches[0] == names(6)
    assert [name for batch in stream.batches[1:] for name in batch] == ["03", "04", "05"]
    assert stream.failed == []


def test_batch_comes_again_when_its_process_died() -> None:
    def dies_once(stream: Stream, _: list[str]) -> Any:
        if len(stream.batches) == 1:
            raise Crash
        return ALL_DONE

    stream = Stream(dies_once)
    stream.put("00", "01")
    stream.run()
    assert stream.batches == [["00", "01"], ["00"], ["01"]]


def test_everything_comes_twice_when_deliveries_are_repeated() -> None:
    stream = Stream(duplicates=1.0)
    stream.put(*names(5))
    stream.run()
    assert Counter(stream.seen) == dict.fromkeys(names(5), 2)


@pytest.mark.parametrize(("hours", "lost"), [(11.9, []), (12.1, names(3)), (25, names(3))])
def test_outage_loses_to_the_failure_queue_what_is_older_than_the_template_allows(
    hours: float, lost: list[str]
) -> None:
    stream = Stream(out=hours * HOUR)
    stream.put(*names(3))
    stream.agenda.after(11 * HOUR, "put", lambda: stream.put("late"))
    stream.run(36 * HOUR)
    assert stream.failed == lost + (["late"] if hours > 23 else [])
    assert {*stream.seen, *stream.failed} == {*names(3), "late"}
    assert not {*stream.seen} & {*stream.failed}


def test_outage_longer_than_a_stream_s_retention_loses_records_whatever_the_template_allows() -> None:
    stream = Stream(out=RETENTION + timedelta(minutes=1), MaximumRecordAgeInSeconds=7 * 86_400)
    stream.put("00")
    stream.run()
    assert (stream.seen, stream.failed) == ([], ["00"])
    stream.reader.redrive()
    stream.run()
    assert (stream.seen, stream.failed) == ([], [])  # a stream keeps nothing that long: sweepers find it


def test_what_failed_comes_again_when_operations_put_it_back_in_time() -> None:
    def fails_for_an_hour(stream: Stream, _: list[str]) -> Any:
        if stream.agenda.now() <= START + HOUR:
            raise RuntimeError
        return ALL_DONE

    stream = Stream(fails_for_an_hour)
    stream.put("00")
    stream.run(2 * HOUR)
    assert stream.failed == ["00"]
    assert stream.reader.redrive() == 1
    stream.run()
    assert (stream.batches[-1], stream.failed, stream.reader.waits) == (["00"], [], 0)


def test_reader_is_given_what_one_of_its_patterns_wants_and_nothing_else() -> None:
    wanted = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "POLICY#"}]}}}}
    stream = Stream(patterns=[wanted])
    stream.put("a", pk="POLICY#1")
    stream.put("a", pk="CLAIM#1")
    stream.table.call("DeleteItem", TableName="t", Key={"pk": {"S": "POLICY#1"}, "sk": {"S": "a"}})
    stream.run()
    assert stream.batches == [["a"]]


A_RECORD: dict[str, Any] = {
    "eventName": "MODIFY",
    "dynamodb": {"NewImage": {"status": {"S": "ISSUED"}, "pk": {"S": "POLICY#1"}, "n": {"N": "1"}}},
}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({}, True),
        ({"eventName": ["INSERT", "MODIFY"]}, True),
        ({"eventName": ["INSERT"]}, False),
        ({"dynamodb": {"NewImage": {"status": {"S": ["ISSUED"]}}}}, True),
        ({"dynamodb": {"NewImage": {"status": {"S": ["ENDED"]}}}}, False),
        ({"dynamodb": {"NewImage": {"ended": {"S": ["ISSUED"]}}}}, False),
        ({"dynamodb": {"NewImage": {"pk": {"S": [{"prefix": "POLICY#"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"pk": {"S": [{"prefix": "CLAIM#"}]}}}}, False),
        ({"dynamodb": {"NewImage": {"status": {"S": [{"exists": True}]}}}}, True),
        ({"dynamodb": {"NewImage": {"ended": {"S": [{"exists": False}]}}}}, True),
        ({"dynamodb": {"OldImage": {"status": {"S": [{"exists": True}]}}}}, False),
        ({"userIdentity": {"type": [{"exists": False}]}}, True),
        ({"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"status": {"S": ["ENDED"]}}}}, False),
    ],
)
def test_pattern_is_met_as_eventbridge_meets_it(pattern: Any, fits: bool) -> None:
    """Source: Amazon EventBridge User Guide, "Comparison operators for use in event patterns"."""
    assert matches(A_RECORD, pattern) is fits


def test_pattern_that_is_not_known_is_not_taken_for_unmet() -> None:
    with pytest.raises(NotImplementedError):
        matches(A_RECORD, {"eventName": [{"anything-but": ["INSERT"]}]})


# ---- what the template says --------------------------------------------------------------------------


def test_every_stream_reader_of_the_template_hears_its_table() -> None:
    agenda = Agenda(START, Random(1))
    table = DynamoDB(agenda.now, Random(2))
    for name in ("policies", "operations"):
        table.create_table(name)
    readers = stream_readers(
        table,
        {"PoliciesTable": "policies", "OperationsTable": "operations"},
        agenda,
        Random(3),
        lambda function, event: ALL_DONE,
        duplicates=0.0,
        outage=lambda function: START,
    )
    assert sorted(reader.function for reader in readers) == sorted(
        function for function, kind, _ in sources() if kind == "DynamoDB"
    )
    text = json.dumps(template()["Resources"])
    assert len(readers) == text.count('"Type": "DynamoDB"') > 0
    assert {kind for _, kind, _ in sources()} == {"DynamoDB", "SQS", "ScheduleV2"}
    # the patterns of each are ones that can be read
    table.call("PutItem", TableName="policies", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    table.call("PutItem", TableName="operations", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})


def test_function_has_the_time_that_the_template_gives_it() -> None:
    resources = template()["Resources"]
    usual = timedelta(seconds=template()["Globals"]["Function"]["Timeout"])
    times = {function: timeout_of(function) for function in HANDLERS}
    assert times["record_cover"] == timedelta(
        seconds=resources["RecordCoverFunction"]["Properties"]["Timeout"]
    )
    assert usual in times.values()


@pytest.mark.parametrize(
    ("expression", "zone", "instant", "following"),
    [
        ("cron(30 1 * * ? *)", "Asia/Shanghai", "2026-12-01T00:00", "2026-12-01T17:30"),
        ("cron(30 1 * * ? *)", "Asia/Shanghai", "2026-12-01T17:29", "2026-12-01T17:30"),
        ("cron(30 1 * * ? *)", "Asia/Shanghai", "2026-12-01T17:30", "2026-12-02T17:30"),
        ("cron(0 19 * * ? *)", "UTC", "2026-12-31T20:00", "2027-01-01T19:00"),
        ("rate(1 hour)", "UTC", "2026-12-01T00:00", "2026-12-01T03:00"),
        ("rate(5 minutes)", "UTC", "2026-12-01T00:00", "2026-12-01T03:00"),
        ("rate(6 hours)", "UTC", "2026-12-01T00:00", "2026-12-01T06:00"),
    ],
)
def test_schedule_comes_round_at_its_time_of_its_zone(
    expression: str, zone: str, instant: str, following: str
) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert Schedule("one", expression, zone, "{}").next_after(at(instant)) == at(following)


def test_every_schedule_of_the_template_comes_round_within_a_day() -> None:
    resources = template()["Resources"]
    text = json.dumps(resources)
    assert len(schedules()) == text.count('"Type": "ScheduleV2"') > 0
    for schedule in schedules():
        first = schedule.next_after(START)
        assert START < first <= START + 24 * HOUR, schedule.name
        assert first < schedule.next_after(first) <= first + 24 * HOUR
        json.loads(schedule.event(first))
        assert schedule.name in (resources if schedule.is_machine else HANDLERS)
        assert schedule.is_machine is (schedule.failure_queue is None), (
            "an execution that fails is listed itself"
        )


def test_schedule_hands_over_the_time_that_it_was_planned_for() -> None:
    schedule = Schedule("one", "rate(1 hour)", "UTC", '{"at": "<aws.scheduler.scheduled-time>"}')
    assert json.loads(schedule.event(START + HOUR)) == {"at": "2026-12-01T01:00:00Z"}
