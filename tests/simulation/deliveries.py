"""How events come to functions: streams, queues and schedules as the template sets them, with their misfortunes.

Source: AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB" and "with Amazon SQS": a stream's shard
is read in order, what fails comes back until its age or its attempts are used up and then goes to the failure
queue; anything may come twice; what is older than 24 hours is gone from the stream.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from json import loads
from random import Random
from typing import Any
from zlib import crc32

from daycover.china_time import CHINA
from tests.simulation.agenda import Agenda
from tests.simulation.aws.dynamodb import Change, DynamoDB
from tests.support.fakes.port import Crash
from tests.support.functions import HANDLERS, logical_id
from tests.support.template import template

Invoke = Callable[[str, Any], Any]
SHARDS = 2
RETENTION = timedelta(hours=24)
BACKOFF = timedelta(seconds=30)
RARELY = timedelta(hours=3)
"""How often a schedule of less comes round: years of history, not of polling."""


@cache
def sources() -> tuple[tuple[str, str, Mapping[str, Any]], ...]:
    """Function, kind and properties of every event source but routes, from the template."""
    resources = template()["Resources"]
    return tuple(
        (function, event["Type"], event["Properties"])
        for function in HANDLERS
        for event in resources[logical_id(function)]["Properties"].get("Events", {}).values()
        if event["Type"] in {"DynamoDB", "SQS", "ScheduleV2"}
    )


@cache
def timeout_of(function: str) -> timedelta:
    own = template()["Resources"][logical_id(function)]["Properties"].get("Timeout")
    return timedelta(seconds=int(own or template()["Globals"]["Function"]["Timeout"]))


# ---- streams -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class StreamReader:
    """One function's reading of one table's stream."""

    function: str
    properties: Mapping[str, Any]
    patterns: Sequence[Any]
    agenda: Agenda
    luck: Random
    invoke: Invoke
    duplicates: float
    out_until: datetime
    """Until then nothing is delivered."""
    failed: list[Change] = field(default_factory=list)
    """What went to the failure queue, or was lost with the stream's age: the sweepers must find it."""
    _waiting: dict[int, list[Change]] = field(default_factory=dict)
    _planned: set[int] = field(default_factory=set)
    """Shards whose next batch is planned or under way: there is one at a time."""
    _attempts: dict[int, int] = field(default_factory=dict)

    def hear(self, change: Change) -> None:
        record = change.record()
        if not any(matches(record, pattern) for pattern in self.patterns):
            return
        shard = crc32(change.key.pk.encode()) % SHARDS
        self._waiting.setdefault(shard, []).append(change)
        window = float(self.properties.get("MaximumBatchingWindowInSeconds", 0))
        self._plan(shard, timedelta(seconds=window + self.luck.random()))

    @property
    def waits(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _plan(self, shard: int, delay: timedelta) -> None:
        if shard not in self._planned:
            self._planned.add(shard)
            when = max(self.agenda.now() + delay, self.out_until)
            self.agenda.at(when, f"stream {self.function}", lambda: self._deliver(shard))

    def _deliver(self, shard: int) -> None:
        waiting = self._waiting.setdefault(shard, [])
        delay = self._delivered(waiting)
        self._planned.discard(shard)
        if waiting:
            self._plan(shard, delay)

    def _delivered(self, waiting: list[Change]) -> timedelta:
        """Deliver one batch, while more may come to wait; give how long the shard rests then."""
        now = self.agenda.now()
        most = timedelta(seconds=int(self.properties.get("MaximumRecordAgeInSeconds", 86_400)))
        while waiting and now - waiting[0].at > min(most, RETENTION):
            self._give_up(waiting.pop(0))
        if not waiting:
            return timedelta()
        batch = waiting[: int(self.properties["BatchSize"])]
        if self.properties.get("BisectBatchOnFunctionError"):
            # halved at each attempt, until what fails stands alone and takes nothing with it
            batch = batch[: max(1, len(batch) >> self._attempts.get(batch[0].number, 0))]
        failed = self._tried(batch)
        done = batch if failed is None else batch[: batch.index(failed)]
        if failed is None and self.luck.random() < self.duplicates:
            self.agenda.after(BACKOFF, f"stream {self.function} again", lambda: self._again(batch))
        del waiting[: len(done)]
        if failed is not None:
            attempts = self._attempts[failed.number] = self._attempts.get(failed.number, 0) + 1
            if attempts > int(self.properties["MaximumRetryAttempts"]):
                waiting.remove(failed)
                self._give_up(failed)
        return timedelta(seconds=1) if failed is None else BACKOFF

    def _tried(self, batch: Sequence[Change]) -> Change | None:
        """Give the first that failed; the whole batch where the function ended without an answer."""
        try:
            answer = self.invoke(self.function, {"Records": [change.record() for change in batch]})
        except (Crash, Exception):
            return batch[0]
        failed = {line["itemIdentifier"] for line in answer["batchItemFailures"]}
        return next(
            (change for change in batch if change.record()["dynamodb"]["SequenceNumber"] in failed), None
        )

    def _again(self, batch: Sequence[Change]) -> None:
        self._tried(batch)

    def _give_up(self, change: Change) -> None:
        self.failed.append(change)

    def redrive(self) -> int:
        """Operations: put what failed back, as the runbook says; gives how many."""
        again, self.failed = self.failed, []
        for change in again:
            self._attempts.pop(change.number, None)
            if self.agenda.now() - change.at <= RETENTION:
                shard = crc32(change.key.pk.encode()) % SHARDS
                self._waiting.setdefault(shard, []).append(change)
                self._plan(shard, timedelta(seconds=1))
        return len(again)


def stream_readers(
    dynamodb: DynamoDB,
    tables: Mapping[str, str],
    agenda: Agenda,
    luck: Random,
    invoke: Invoke,
    *,
    duplicates: float,
    outage: Callable[[str], datetime],
) -> list[StreamReader]:
    """Make the readers that the template has; `tables` gives each stream's table, `outage` until when a function is
    not read for."""
    readers: dict[str, list[StreamReader]] = {}
    for function, kind, properties in sources():
        if kind != "DynamoDB":
            continue
        patterns = [loads(one["Pattern"]) for one in properties["FilterCriteria"]["Filters"]]
        table = tables[properties["Stream"]["GetAtt"].partition(".")[0]]
        reader = StreamReader(
            function, properties, patterns, agenda, luck, invoke, duplicates, outage(function)
        )
        readers.setdefault(table, []).append(reader)

    def hear(change: Change) -> None:
        for reader in readers.get(change.table, ()):
            reader.hear(change)

    dynamodb.listeners.append(hear)
    return [reader for of_table in readers.values() for reader in of_table]


def matches(record: Any, pattern: Any) -> bool:
    """Whether an event has what a filter pattern of EventBridge wants: exact values, `exists`, `prefix`."""
    if isinstance(pattern, Mapping):
        return all(
            matches(record.get(name) if isinstance(record, Mapping) else None, inner)
            for name, inner in pattern.items()
        )
    return any(_fits(record, wanted) for wanted in pattern)


def _fits(value: Any, wanted: Any) -> bool:
    match wanted:
        case {"exists": bool(is_there)}:
            return (value is not None) is is_there
        case {"prefix": str(prefix)}:
            return isinstance(value, str) and value.startswith(prefix)
        case str():
            return bool(value == wanted)
    raise NotImplementedError(wanted)


# ---- schedules ---------------------------------------------------------------------------------------

_CRON = re.compile(r"cron\((\d+) (\d+|\*) \* \* \? \*\)")
_RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")


@dataclass(frozen=True, slots=True)
class Schedule:
    """`name` is a function, or the logical id of a state machine."""

    name: str
    expression: str
    zone: str
    input: str
    is_machine: bool = False
    failure_queue: str | None = None
    """Which takes the event of a function that failed as often as Lambda tries it; without one it is lost."""

    def next_after(self, instant: datetime) -> datetime:
        """When it comes round next."""
        rate = _RATE.fullmatch(self.expression)
        if rate:
            every = timedelta(**{rate[2] + "s": int(rate[1])})
            return instant + max(every, RARELY)
        cron = _CRON.fullmatch(self.expression)
        if cron is None:
            raise NotImplementedError(self.expression)
        zone = CHINA if self.zone == "Asia/Shanghai" else UTC
        # hourly ones, a segment each, come once a day here, one after the other
        hour = int(cron[1]) // 15 * 6 if cron[2] == "*" else int(cron[2])
        local = instant.astimezone(zone)
        found = datetime.combine(local.date(), time(hour, int(cron[1])), zone)
        return (found if found > local else found + timedelta(days=1)).astimezone(UTC)

    def event(self, at: datetime) -> str:
        """What the scheduler hands over."""
        return self.input.replace("<aws.scheduler.scheduled-time>", f"{at:%Y-%m-%dT%H:%M:%SZ}")


@cache
def schedules() -> tuple[Schedule, ...]:
    """Every schedule of the template."""
    found = []
    for name, resource in template()["Resources"].items():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            if event["Type"] != "ScheduleV2":
                continue
            properties = event["Properties"]
            is_machine = resource["Type"] == "AWS::Serverless::StateMachine"
            function = next((one for one in HANDLERS if logical_id(one) == name), name)
            kept = resource["Properties"].get("EventInvokeConfig", {}).get("DestinationConfig", {})
            found.append(
                Schedule(
                    function,
                    properties["ScheduleExpression"],
                    properties.get("ScheduleExpressionTimezone", "UTC"),
                    properties.get("Input", "{}"),
                    is_machine,
                    kept["OnFailure"]["Destination"]["GetAtt"].partition(".")[0] if kept else None,
                )
            )
    return tuple(found)
