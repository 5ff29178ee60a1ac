"""What goes wrong at a call to the outside: a process that dies, an answer that is lost, a service that throttles.

`around` is the only way from the product to anything outside it, so its calls are the points between which a
process can die: n calls have 2n + 1 of them, before each, between its effect and its answer, and after the last.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any, TypeVar

from daycover.store.aws import ATTEMPTS, AwsError, StoreUnavailableError
from tests.simulation.agenda import Agenda
from tests.support.fakes.port import Crash

T = TypeVar("T")


class Fault(StrEnum):
    CRASH_BEFORE = "CRASH_BEFORE"
    CRASH_AFTER = "CRASH_AFTER"
    """The call has its effect, and the process never hears of it."""
    UNREACHED = "UNREACHED"
    """Throttled, in conflict or out of reach: no effect."""
    LOST = "LOST"
    """It has its effect, and the answer is lost; whoever asked is still there."""
    CONFLICT = "CONFLICT"
    """Another write of the same item is under way: DynamoDB cancels the transaction, or refuses the write."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each fault strikes a call, of 1."""

    crash: float = 0.0
    unreached: float = 0.0
    lost: float = 0.0
    conflict: float = 0.0
    """Of DynamoDB's writes alone."""

    @property
    def is_calm(self) -> bool:
        return not (self.crash or self.unreached or self.lost or self.conflict)


CALM = Rates()


@dataclass(slots=True)
class Strike:
    """One crash at one point of the calls that follow: 2n is before call n (from 0), 2n + 1 after its effect."""

    point: int
    seen: int = 0
    struck: str | None = None
    """The call at which it struck."""

    def at(self, name: str) -> Fault | None:
        number, is_after = divmod(self.point, 2)
        self.seen += 1
        if self.seen - 1 != number:
            return None
        self.struck = name
        return Fault.CRASH_AFTER if is_after else Fault.CRASH_BEFORE


@dataclass(slots=True)
class Faults:
    """The weather of one history."""

    luck: Random
    agenda: Agenda
    rates: Rates = CALM
    strike: Strike | None = None
    out: set[str] = field(default_factory=set)
    """Services of the outside that answer nothing at the moment."""
    counts: dict[str, int] = field(default_factory=dict)

    def draw(self, name: str) -> Fault | None:
        if self.strike is not None:
            fault = self.strike.at(name)
        elif name.partition(".")[0] in self.out:
            fault = Fault.UNREACHED
        elif self.rates.is_calm or self.agenda.fiber is None:
            return None
        else:
            fault = self._drawn()
            if fault is None and name in WRITES and self.rates.conflict:
                fault = Fault.CONFLICT if self.luck.random() < self.rates.conflict else None
        if fault is not None:
            self.count(fault)
        return fault

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _drawn(self) -> Fault | None:
        drawn, rates = self.luck.random(), self.rates
        if drawn < rates.crash:
            return Fault.CRASH_BEFORE if drawn * 2 < rates.crash else Fault.CRASH_AFTER
        drawn -= rates.crash
        if drawn < rates.unreached:
            return Fault.UNREACHED
        return Fault.LOST if drawn - rates.unreached < rates.lost else None

    def around(self, name: str, call: Callable[[], T]) -> T:
        """Make one call to the outside. Raises Crash, and Unanswered where the caller must say what that means."""
        self.agenda.pause()
        fault = self.draw(name)
        if fault is None:
            return call()
        if fault is Fault.CRASH_BEFORE:
            raise Crash(name)
        if fault is Fault.UNREACHED:
            raise Unanswered(had_effect=False)
        if fault is Fault.CONFLICT:
            raise Conflicting
        try:
            call()
        except NotImplementedError:
            raise  # what a service can't do here is no weather
        except Exception as error:
            if fault is Fault.LOST:
                # a refusal is lost like any other answer
                raise Unanswered(had_effect=True) from error
        if fault is Fault.CRASH_AFTER:
            raise Crash(name)
        raise Unanswered(had_effect=True)


class Unanswered(Exception):
    def __init__(self, *, had_effect: bool) -> None:
        super().__init__()
        self.had_effect = had_effect


class Conflicting(Exception):
    """The write is refused because another one of the same item is under way."""


TRANSACTION = "dynamodb.TransactWriteItems"
WRITES = frozenset({TRANSACTION, "dynamodb.PutItem", "dynamodb.UpdateItem", "dynamodb.DeleteItem"})
"""Single writes are in conflict with transactions only."""


def in_conflict(name: str, request: Mapping[str, Any]) -> AwsError:
    """What DynamoDB says; for a transaction a reason for each write, and one of them is in conflict.

    Source: Amazon DynamoDB API Reference, TransactWriteItems and TransactionConflictException.
    """
    operation = name.partition(".")[2]
    if name != TRANSACTION:
        return AwsError("TransactionConflictException", 400, operation=operation)
    writes = len(request["TransactItems"])
    reasons = ("None",) * (writes - 1) + ("TransactionConflict",)
    return AwsError("TransactionCanceledException", 400, operation=operation, reasons=reasons)


class CalledService:
    """A client of an AWS service: repeats what had no answer, as `store.aws.AwsClient` does, with the same request."""

    def __init__(self, name: str, service: Any, faults: Faults) -> None:
        self._name, self._service, self._faults = name, service, faults

    def call(self, operation: str, **request: Any) -> Any:
        name = f"{self._name}.{operation}"
        return repeated(
            self._faults,
            name,
            lambda: self._service.call(operation, **request),
            lambda: in_conflict(name, request),
        )


class CalledBucket:
    """The same for S3, whose client has a method for each operation."""

    def __init__(self, service: Any, faults: Faults) -> None:
        self._service, self._faults = service, faults

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self._service, operation)
        if operation.startswith("generate_"):
            return method  # signed here, nobody is called
        return lambda **request: repeated(self._faults, f"s3.{operation}", lambda: method(**request))


def repeated(
    faults: Faults, name: str, call: Callable[[], T], conflict: Callable[[], AwsError] | None = None
) -> T:
    """Raises StoreUnavailableError where none of the attempts had an answer, Crash, AwsError."""
    for _ in range(ATTEMPTS):
        try:
            return faults.around(name, call)
        except Unanswered:
            continue
        except Conflicting:
            assert conflict is not None, f"{name} is no write"
            error = conflict()
        except AwsError as refused:
            error = refused
        if error.is_weather:  # the SDKs do not repeat what a conflict refused
            raise StoreUnavailableError from error
        raise error
    raise StoreUnavailableError


class Reached:
    """A port of the outside: every call passes the faults, and what has no answer is the port's own error."""

    def __init__(
        self,
        name: str,
        port: Any,
        faults: Faults,
        unreached: Callable[[], Exception],
        lost: Callable[[], Exception],
        calls: frozenset[str],
    ) -> None:
        self._name, self._port, self._faults = name, port, faults
        self._unreached, self._lost, self._calls = unreached, lost, calls

    def __getattr__(self, operation: str) -> Any:
        found = getattr(self._port, operation)
        if operation not in self._calls:
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return self._faults.around(f"{self._name}.{operation}", lambda: found(*arguments, **named))
            except Unanswered as error:
                raise (self._lost() if error.had_effect else self._unreached()) from error

        return call
