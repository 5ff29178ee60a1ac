"""One execution of a state machine: its history, where it stands, and the ways in which it can fail."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from tests.simulation.aws.asl import Machine

MOST_EVENTS = 25_000
MOST_BYTES = 256 * 1024
"""Of an input, an output, a payload or an answer."""
YEAR = timedelta(days=365)
"""After which an execution is ended, whatever it waits for."""

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class Agenda(Protocol):
    def at(self, when: datetime, what: str, act: Callable[[], None]) -> None:
        """Have `act` done at that time; what is due at one time is done in any order that the agenda chooses."""
        ...


class LambdaError(Exception):
    """An invocation that failed outside of the handler: `Lambda.Unknown` is a container that died."""

    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(message)
        self.name = name


class Failure(Exception):
    """An error by its name, as retriers and catchers see it."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


class OverError(Exception):
    """The execution ended in the midst of what it was doing."""


class Visit(NamedTuple):
    at: datetime
    state: str


@dataclass(slots=True, eq=False)
class Execution:
    arn: str
    name: str
    machine_arn: str
    machine: Machine
    text: str
    """The input as it was sent."""
    started: datetime
    context: Mapping[str, Any] = field(default_factory=dict)
    """`$states.context.Execution` and `StateMachine`."""
    status: str = "RUNNING"
    stopped: datetime | None = None
    output: Any = None
    error: str = ""
    cause: str = ""
    events: int = 1
    visits: list[Visit] = field(default_factory=list)
    told: list[Callable[[], None]] = field(default_factory=list)
    """Who waits for its end."""

    @property
    def entered(self) -> list[str]:
        """The states in the order of their entry, those within a Map included."""
        return [visit.state for visit in self.visits]

    def end(self, now: datetime, status: str, *, output: Any = None, failure: Failure | None = None) -> None:
        assert self.status == "RUNNING", f"{self.name} ends as {status} after it was {self.status}"
        self.status, self.stopped, self.output = status, now, output
        if failure is not None:
            self.error, self.cause = failure.error, failure.cause
        self.events += 1
        for tell in self.told:
            tell()

    def count(self, now: datetime, events: int) -> None:
        """Add to the history; its last place is for the event that ends the execution. Raises OverError."""
        self.events += events
        if self.events >= MOST_EVENTS:
            self.events = MOST_EVENTS - 1
            cause = f"The execution reached the maximum number of history events ({MOST_EVENTS})."
            self.end(now, "FAILED", failure=Failure("States.Runtime", cause))
            raise OverError

    def described(self) -> dict[str, Any]:
        """Give it as DescribeExecution does."""
        said: dict[str, Any] = {
            "executionArn": self.arn,
            "stateMachineArn": self.machine_arn,
            "name": self.name,
            "status": self.status,
            "startDate": self.started.timestamp(),
            "input": self.text,
            "inputDetails": {"included": True},
        }
        if self.stopped is not None:
            said["stopDate"] = self.stopped.timestamp()
        if self.status == "SUCCEEDED":
            said |= {"output": text(self.output), "outputDetails": {"included": True}}
        if self.status == "FAILED":
            said |= {"error": self.error, "cause": self.cause}
        return said


@dataclass(slots=True, eq=False)
class Walk:
    """One line of control: an execution's own, or that of one item of a Map."""

    execution: Execution
    machine: Machine
    variables: Mapping[str, Any]
    done: Callable[[Any], None]
    failed: Callable[[Failure], None]
    item: Mapping[str, Any] = field(default_factory=dict)
    """`$states.context.Map`, for an item."""
    is_over: bool = False
    name: str = ""
    given: Any = None
    entered: str = ""
    tries: dict[int, int] = field(default_factory=dict)
    """How often each retrier of the state was used."""
    attempt: int = 0
    is_pending: bool = False
    """Whether the attempt has no outcome yet."""
    token: str = ""


def text(value: Any) -> str:
    return _ENCODER.encode(value)


def read_json(written: str) -> Any:
    """Read JSON; a whole number is an int, as it is in JavaScript however it is written. Raises ValueError."""
    return json.loads(written, parse_float=_number)


def _number(written: str) -> float:
    number = float(written)
    return int(number) if number.is_integer() else number


def text_within_limit(value: Any) -> str:
    """Write JSON as it is handed on. Raises Failure where it is too much for Step Functions."""
    written = text(value)
    if len(written) > MOST_BYTES // 4 and len(written.encode()) > MOST_BYTES:
        raise Failure("States.DataLimitExceeded", "more than 256 KiB")
    return written


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
