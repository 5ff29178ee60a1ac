"""One simulated world: AWS in memory, everybody outside, the product's processes, and all that comes by itself."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any, NamedTuple

from daycover.errors import DaycoverError
from daycover.store.aws import AwsError, StoreUnavailableError
from daycover.wiring import adapters as container
from tests.functional.claims.aws import ARCHIVE, BUCKET, OPERATIONS, POLICIES
from tests.simulation.agenda import Agenda, Fiber
from tests.simulation.aws.deployed import deploy_machines
from tests.simulation.aws.dynamodb import DynamoDB
from tests.simulation.aws.executions import LambdaError
from tests.simulation.aws.kms import Keys
from tests.simulation.aws.s3 import Buckets
from tests.simulation.aws.secrets import Secrets
from tests.simulation.aws.states import StateMachines
from tests.simulation.deliveries import Schedule, StreamReader, schedules, sources, stream_readers, timeout_of
from tests.simulation.faults import CALM, Faults, Rates
from tests.simulation.outside import Outside
from tests.simulation.processes import Services, SimulatedAdapters
from tests.simulation.surroundings import KEY_ID, HeardQueues, configured
from tests.support.fakes.port import Crash
from tests.support.functions import HANDLERS, load, logical_id

API_TIMEOUT = timedelta(seconds=10)
DAY_MACHINES = "CloseDayStateMachine", "ReconcileDayStateMachine"


@dataclass(frozen=True, slots=True)
class Weather:
    """What may go wrong in a history, and how often, of 1."""

    rates: Rates = CALM
    interleaving: float = 0.0
    stale: float = 0.0
    duplicates: float = 0.0
    outage_hours: int = 0
    """How long each stream reader stands still once in the history."""
    ttl_lag_days: float = 0.0
    skew_seconds: int = 0
    machines: float = 0.0
    """How often Step Functions does not reach what a task calls, or loses the answer."""
    queues: float = 0.0
    """How often a queue does not take one message of a batch."""
    buckets: float = 0.0
    """How often another conditional write of the same key is under way."""
    store_minutes: int = 0
    """How long DynamoDB answers nothing, at the most, a few times in the history."""


class Step(NamedTuple):
    """What somebody did, and what they were told: `ok`, a refusal's class, `unavailable` or `unknown`."""

    at: datetime
    who: str
    what: str
    told: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an act: a result, a refusal of ours, or nothing that says whether it happened."""

    result: Any = None
    refusal: DaycoverError | None = None
    is_unknown: bool = False

    @property
    def is_ok(self) -> bool:
        return self.refusal is None and not self.is_unknown


class World:
    def __init__(
        self,
        seed: int | str,
        start: datetime,
        weather: Weather = Weather(),
        said: list[object] | None = None,
    ) -> None:
        """`said`: a list that takes the lines of the log, if somebody keeps them."""
        self.seed, self.weather = seed, weather
        self.said: list[object] = [] if said is None else said
        """What was written where people of ours or machines keep it: the log, messages, what tasks are given and say.
        Whoever judges it empties it."""
        self.agenda = Agenda(start, self._luck("agenda"), interleaving=weather.interleaving)
        self.faults = Faults(self._luck("faults"), self.agenda, weather.rates)
        now = self.agenda.now
        self.dynamodb = DynamoDB(now, self._luck("reads"))
        for table in (OPERATIONS, POLICIES):
            self.dynamodb.create_table(table)
        self.queues = HeardQueues(now, self._luck("queues"), weather.duplicates, self.said)
        self.config = configured(self.queues)
        self.s3 = Buckets(now, self._luck("s3"))
        for bucket in (BUCKET, ARCHIVE):
            self.s3.create(bucket, is_locked=bucket == ARCHIVE)
        self.secrets = Secrets(now, self._luck("secrets"))
        kms = Keys(self._luck("kms"))
        kms.create(KEY_ID)
        for name in ("token_secret", "qr_secret", "index_secret", "certificate_secret"):
            self.secrets.create(getattr(self.config, name))
            self.secrets.put(getattr(self.config, name), f"secret of {name}")
        self.machines = StateMachines(now, self.agenda, self._invoked, self._luck("machines"))
        self._arns = arns = deploy_machines(self.machines)
        self.config = replace(
            self.config,
            claim_to_payout_arn=arns["ClaimToPayoutStateMachine"],
            payout_arn=arns["PayoutStateMachine"],
        )
        self.services: Services = {
            "dynamodb": self.dynamodb,
            "sqs": self.queues,
            "s3": self.s3,
            "kms": kms,
            "secretsmanager": self.secrets,
            "states": self.machines,
        }
        self.clocks_differ = timedelta(seconds=2 * weather.skew_seconds)
        self.outside = Outside(now, self.faults, self.clocks_differ)
        self.steps: list[Step] = []
        self.failures: list[str] = []
        """Errors of ours that nobody planned, with where they were met."""
        self.is_clear = False
        self._run_again: set[str] = set()
        self._failed_schedules: list[tuple[Schedule, str]] = []
        """What the failure queues of scheduled functions hold: whose, and the event."""
        self._free: list[SimulatedAdapters] = []
        self._skews = self._luck("skews")
        self._picks = self._luck("processes")
        self.agenda.resumed, self.agenda.left = self._resumed, self._left
        self._disturb()
        self.observer = SimulatedAdapters(self.config, self.services, self.outside, None, now)
        """Reads what stands, and fails never."""
        self.readers = self._stream_readers()

    def _luck(self, what: str) -> Random:
        return Random(f"{self.seed}:{what}")

    def now(self) -> datetime:
        return self.agenda.now()

    def _resumed(self, fiber: Fiber) -> None:
        container.current = fiber.process
        self.dynamodb.stale = 0.0 if self.is_clear else self.weather.stale

    def _left(self) -> None:
        self.dynamodb.stale = 0.0  # whoever judges sees what stands

    # ---- processes -------------------------------------------------------------------------------

    def _process(self) -> SimulatedAdapters:
        most = self.weather.skew_seconds
        skew = timedelta(seconds=self._skews.randint(-most, most)) if most else timedelta()
        return SimulatedAdapters(self.config, self.services, self.outside, self.faults, self.agenda.now, skew)

    @contextmanager
    def process(self, limit: timedelta) -> Iterator[SimulatedAdapters]:
        """A container for one thing at a time; one that dies is not used again."""
        free = self._free
        chosen = free.pop(self._picks.randrange(len(free))) if free else self._process()
        fiber = self.agenda.fiber
        if fiber is not None:
            before, fiber.process, fiber.deadline = (
                (fiber.process, fiber.deadline),
                chosen,
                self.now() + limit,
            )
        container.current = chosen
        try:
            yield chosen
        finally:
            if fiber is not None:
                fiber.process, fiber.deadline = before
        self._free.append(chosen)

    def perform(
        self, who: str, what: str, act: Callable[[SimulatedAdapters], Any], limit: timedelta = API_TIMEOUT
    ) -> Told:
        """Let somebody ask something of the API; note what they were told."""
        try:
            with self.process(limit) as process:
                told = Told(act(process))
                said = "ok"
        except StoreUnavailableError:
            told, said = Told(is_unknown=True), "unavailable"
        except DaycoverError as refusal:
            told, said = Told(refusal=refusal), type(refusal).__name__
            if refusal.kind is None:  # it has no words for a caller, who is answered a 500
                self._fail(f"{who}: {what}", refusal)
        except Crash:
            told, said = Told(is_unknown=True), "unknown"
        except Exception as error:  # a 500: the worker sees nothing that they could act on
            self._fail(f"{who}: {what}", error)
            told, said = Told(is_unknown=True), f"500 {type(error).__name__}"
        self.steps.append(Step(self.now(), who, what, said))
        return told

    def redrive(self) -> None:
        """Operations put back what failed, as the runbook says."""
        for reader in self.readers:
            reader.redrive()
        self.queues.redrive()
        failed, self._failed_schedules = self._failed_schedules, []
        for schedule, event in failed:  # before the days' machines: a day's books want the files of its money
            self.agenda.after(
                timedelta(), f"again {schedule.name}", partial(self.start_scheduled, schedule, event)
            )
        for execution in list(self.machines.executions.values()):
            is_of_day = execution.machine_arn in {self._arns[name] for name in DAY_MACHINES}
            if is_of_day and execution.status == "FAILED" and execution.arn not in self._run_again:
                self._run_again.add(execution.arn)
                self.machines.call(
                    "StartExecution", stateMachineArn=execution.machine_arn, input=execution.text
                )

    def invoke(self, function: str, payload: Any) -> Any:
        """Run a handler as Lambda does. Raises Crash, and what the handler raises."""
        with self.process(timeout_of(function)):
            return load(function).lambda_handler(payload, None)

    def _invoked(self, resource: str, payload: Any) -> Any:
        """The same for Step Functions, which reads the names of errors."""
        function = handler_of(resource)
        self.said.append(payload)  # an execution keeps what it gives and is given
        try:
            answer = self.invoke(function, payload)
        except Crash as error:
            raise LambdaError("Lambda.Unknown", "the process died") from error
        except Exception as error:
            self._judge(f"task {function}", error)
            raise
        self.said.append(answer)
        self.steps.append(Step(self.now(), "machine", function, str(answer.get("outcome", "ok"))))
        return answer

    def _judge(self, where: str, error: Exception) -> None:
        """A planned error is a class of ours, also where it only sets an alarm off; anything else nobody thought of."""
        is_ours = type(error).__module__.startswith("daycover.") and not isinstance(error, AwsError)
        if not is_ours:
            self._fail(where, error)

    def _fail(self, where: str, error: Exception) -> None:
        self.failures.append(f"{where}: {type(error).__name__}: {error}")
        if os.environ.get("SIMULATION_RAISES"):
            raise error

    # ---- what comes by itself --------------------------------------------------------------------

    def _stream_readers(self) -> list[StreamReader]:
        luck = self._luck("streams")
        most = self.weather.outage_hours

        def outage(_function: str) -> datetime:
            return self.now() + timedelta(hours=luck.uniform(0, most) if most and luck.random() < 0.3 else 0)

        return stream_readers(
            self.dynamodb,
            {"PoliciesTable": POLICIES, "OperationsTable": OPERATIONS},
            self.agenda,
            luck,
            self._delivered,
            duplicates=self.weather.duplicates,
            outage=outage,
        )

    def _delivered(self, function: str, event: Any) -> Any:
        answer = self.invoke(function, event)
        self.steps.append(Step(self.now(), "event", function, str(len(answer["batchItemFailures"]))))
        return answer

    def begin(self, until: datetime) -> None:
        """Let queues be read, and, until the history ends, schedules come round and TTL delete."""
        for function, kind, properties in sources():
            if kind == "SQS":
                name = properties["Queue"]["GetAtt"].partition(".")[0]
                self._poll(function, name, int(properties["BatchSize"]))
        for schedule in schedules():
            self._schedule(schedule, until)
        self._expire(until)

    def _poll(self, function: str, name: str, size: int) -> None:
        """Read a queue whenever something in it can be received."""
        planned: list[datetime] = []

        def plan(due: datetime) -> None:
            due = max(due, self.now() + timedelta(seconds=1))
            if not planned or due < planned[0]:
                planned[:] = [due]
                self.agenda.at(due, f"queue {function}", lambda: poll(due))

        def poll(due: datetime) -> None:
            if planned == [due]:
                planned.clear()
            delivery = self.queues.deliver(name, size)
            if delivery is not None:
                try:
                    delivery.answered(self._delivered(function, delivery.event))
                except (Crash, Exception):
                    pass  # no answer: what was received comes again
            following = self.queues.due(name)
            if following is not None:
                plan(following)

        self.queues.heard[name] = plan

    def waiting(self) -> list[str]:
        """The records and messages that nobody has taken yet, counted by where they wait."""
        return [
            *(f"{reader.function}: {reader.waits} records" for reader in self.readers if reader.waits),
            *(f"{name}: {count} messages" for name, count in self.queues.waiting().items() if count),
        ]

    def settle(self, until: datetime, each: Callable[[str], None]) -> None:
        """Go on until everything that was sent has come, at the longest until then.

        A wait of a workflow may end in the very moment in which a history does, and what it writes is not lost
        for being a moment old. What still waits after this waits for ever.
        """
        while self.waiting() and self.now() < until:
            self.agenda.run(min(until, self.now() + timedelta(minutes=1)), each)

    def _schedule(self, schedule: Schedule, until: datetime) -> None:
        when = schedule.next_after(self.now())
        if when > until:
            return

        def come_round() -> None:
            self._schedule(schedule, until)
            self.start_scheduled(schedule, schedule.event(when))

        self.agenda.at(when, f"schedule {schedule.name}", come_round)

    def start_scheduled(self, schedule: Schedule, event: str) -> None:
        """Do what a schedule does; Lambda tries again after a minute where a function failed, and then keeps the event
        in its failure queue."""
        name = schedule.name
        if name == "query_insurer" and not self.dynamodb.has_any(OPERATIONS, "WAITING#"):
            return  # it would read 768 empty partitions, every time
        if schedule.is_machine:
            self.machines.call("StartExecution", stateMachineArn=self._arns[name], input=event)
            return
        for _ in range(3):
            try:
                answer = self.invoke(name, json.loads(event))
            except (Crash, DaycoverError):
                self.agenda.sleep(60)
                continue
            except Exception as error:
                self._judge(f"schedule {name}", error)
                break
            self.steps.append(Step(self.now(), "schedule", name, str(answer)[:60]))
            return
        if schedule.failure_queue is not None:
            self._failed_schedules.append((schedule, event))

    def _expire(self, until: datetime) -> None:
        """TTL deletes whenever it likes, most of it within days."""
        luck, lag = self._luck("ttl"), self.weather.ttl_lag_days * 86_400

        def expire() -> None:
            for table in (POLICIES, OPERATIONS):
                self.dynamodb.expire(table, lambda _place, seconds: luck.random() * lag <= seconds)
            if self.now() + timedelta(hours=7) <= until:
                self.agenda.after(timedelta(hours=7), "ttl", expire)

        self.agenda.after(timedelta(hours=3), "ttl", expire)

    def _disturb(self) -> None:
        """Let the services of AWS fail in their own ways."""
        luck, weather = self._luck("disturbed"), self.weather

        def strikes(rate: float, what: str) -> bool:
            struck = not self.is_clear and rate > 0 and luck.random() < rate
            if struck:
                self.faults.count(what)
            return struck

        def of_machines(_function: str) -> str | None:
            if not strikes(weather.machines, "MACHINES"):
                return None
            return luck.choice(("unreached", "lost"))

        self.machines.faults = of_machines
        self.queues.refuses = lambda _body: strikes(weather.queues, "QUEUES")
        self.s3.conflicts = lambda _key: strikes(weather.buckets, "BUCKETS")

    def lose_the_store(self, until: datetime) -> None:
        """Plan when DynamoDB answers nothing: the outages of a history, before it ends."""
        luck, most = self._luck("store"), self.weather.store_minutes
        for _ in range(luck.randint(1, 4) if most else 0):
            at = self.now() + (until - self.now()) * luck.random()
            lasts = timedelta(minutes=luck.uniform(0.1, most))

            def begin(lasts: timedelta = lasts) -> None:
                self.faults.count("STORE_OUT")
                self.faults.out.add("dynamodb")
                self.agenda.after(lasts, "the store answers", lambda: self.faults.out.discard("dynamodb"))

            self.agenda.at(at, "the store is out", begin)

    def clear_up(self) -> None:
        """End the bad weather: from here on everything answers, and what failed is put back."""
        self.faults.rates, self.faults.strike = CALM, None
        self.faults.out.clear()
        self.is_clear = True
        for reader in self.readers:
            reader.duplicates, reader.out_until = 0.0, self.now()


@cache
def handler_of(resource: str) -> str:
    """`SubmitPayoutFunction` → `submit_payout`."""
    return next(name for name in HANDLERS if logical_id(name) == resource)
