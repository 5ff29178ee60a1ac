"""What Step Functions does with an execution: states, tasks, retries and catches, one action of the agenda each.

Sources: the Amazon States Language, and of the developer guide "Handling errors", "Service integration patterns" and
"Avoid reaching the history quota".
"""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from daycover.store.aws import AwsError
from tests.simulation.aws import asl
from tests.simulation.aws.asl import Action, Choice, Fail, Map, Pass, Task, Wait, Way
from tests.simulation.aws.executions import (
    YEAR,
    Agenda,
    Execution,
    Failure,
    LambdaError,
    OverError,
    Visit,
    Walk,
    instant,
    read_json,
    text,
    text_within_limit,
)
from tests.simulation.aws.expressions import Names, QueryError, Template

TOKEN = "AQ"
"""How every token begins."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Engine:
    """Moves executions on. `start` starts another one by machine, name and input, and raises AwsError."""

    def __init__(
        self,
        now: Callable[[], datetime],
        agenda: Agenda,
        invoke: Callable[[str, Any], Any],
        luck: random.Random,
        start: Callable[[str, str | None, str], Execution],
    ) -> None:
        self.now = now
        self._agenda = agenda
        self._invoke = invoke
        self._luck = luck
        self._start = start
        self.waiting: dict[str, tuple[Walk, Task]] = {}
        """By the token that an attempt waits for."""
        self.spent: dict[str, Execution] = {}
        """By the tokens that nothing waits for any more."""
        self.faults: Callable[[str], str | None] = lambda _function: None
        self.stops_children: Callable[[], bool] = lambda: luck.random() < 0.5

    def begin(self, execution: Execution) -> None:
        walk = Walk(
            execution,
            execution.machine,
            {},
            lambda output: execution.end(self.now(), "SUCCEEDED", output=output),
            lambda failure: execution.end(self.now(), "FAILED", failure=failure),
        )
        self.go(walk, execution.machine.start_at, execution.context["Execution"]["Input"])

    def succeed_soon(self, walk: Walk, task: Task, result: Any) -> None:
        self.soon(walk, "is answered", lambda: self._succeed(walk, task, result))

    def fail_soon(self, walk: Walk, task: Task, failure: Failure) -> None:
        self.soon(walk, "is refused", lambda: self.fail(walk, task, failure))

    def count(self, walk: Walk, events: int) -> None:
        walk.execution.count(self.now(), events)

    # ---- the agenda ----------------------------------------------------------------------------------

    def soon(self, walk: Walk, what: str, act: Callable[[], None]) -> None:
        self.later(walk, timedelta(0), what, act)

    def later(self, walk: Walk, wait: timedelta, what: str, act: Callable[[], None]) -> None:
        """Have something done, unless the execution or the item has ended by then, or the execution's year."""
        execution = walk.execution
        due, last = self.now() + wait, execution.started + YEAR

        def run() -> None:
            if walk.is_over or execution.status != "RUNNING":
                return
            if due >= last:
                execution.end(self.now(), "TIMED_OUT")
                return
            try:
                act()
            except OverError:
                pass  # it has been ended as it should

        self._agenda.at(min(due, last), f"{execution.name} {walk.name} {what}", run)

    def go(self, walk: Walk, name: str, given: Any) -> None:
        self.soon(walk, f"goes to {name}", lambda: self._enter(walk, name, given))

    # ---- states --------------------------------------------------------------------------------------

    def _enter(self, walk: Walk, name: str, given: Any) -> None:
        now = self.now()
        walk.execution.visits.append(Visit(now, name))
        walk.name, walk.given, walk.entered = name, given, instant(now)
        walk.tries.clear()
        walk.token = ""
        state = walk.machine.states[name]
        try:
            match state:
                case Fail():
                    names = self.names(walk)
                    raise Failure(evaluated(state.error, names), evaluated(state.cause, names))
                case Task() | Map():
                    self.count(walk, 1)
                    self._try(walk, state)
                case Choice():
                    self.count(walk, 1)
                    self.leave(walk, self._chosen(walk, state), given)
                case Wait():
                    self.count(walk, 1)
                    pause, way = self._pause(walk, state), state.way
                    self.later(walk, pause, "has waited", lambda: self._leave_or_fail(walk, way, given))
                case Pass():
                    self.count(walk, 1)
                    self.leave(walk, state.way, given)
        except Failure as failure:  # of a state that has no catchers
            walk.failed(failure)

    def _leave_or_fail(self, walk: Walk, way: Way, output: Any) -> None:
        try:
            self.leave(walk, way, output)
        except Failure as failure:
            walk.failed(failure)

    def leave(self, walk: Walk, way: Way, output: Any, **seen: Any) -> None:
        """Leave a state: variables and output are evaluated before either changes. Raises Failure."""
        if way.assign or way.output is not None:
            names = self.names(walk, **seen)
            assigned = {name: evaluated(value, names) for name, value in way.assign.items()}
            if way.output is not None:
                output = evaluated(way.output, names)
            walk.variables = {**walk.variables, **assigned}
            text_within_limit(output)
        self.count(walk, 1)
        if way.to is None:
            walk.done(output)
        else:
            self.go(walk, way.to, output)

    def names(self, walk: Walk, **seen: Any) -> Names:
        """What expressions see now; `seen` is the result or the error of an attempt."""
        state = {"EnteredTime": walk.entered, "Name": walk.name, "RetryCount": sum(walk.tries.values())}
        context: dict[str, Any] = {**walk.execution.context, "State": state, **walk.item}
        if walk.token:
            context["Task"] = {"Token": walk.token}
        states = {"input": walk.given, "context": context, **seen}
        return Names({**walk.variables, "states": states}, (self.now() - EPOCH) // MILLISECOND)

    def _chosen(self, walk: Walk, choice: Choice) -> Way:
        names = self.names(walk)
        for rule in choice.rules:
            holds = evaluated(rule.condition, names)
            if not isinstance(holds, bool):
                raise Failure("States.QueryEvaluationError", f"a condition of {walk.name} is {holds!r}")
            if holds:
                return rule.way
        if choice.default is None:
            raise Failure("States.NoChoiceMatched", walk.name)
        return choice.default

    def _pause(self, walk: Walk, wait: Wait) -> timedelta:
        names = self.names(walk)
        if wait.seconds is not None:
            return timedelta(seconds=evaluated(wait.seconds, names))
        assert wait.timestamp is not None
        until = datetime.fromisoformat(evaluated(wait.timestamp, names))
        return max(until - self.now(), timedelta(0))

    # ---- tasks ---------------------------------------------------------------------------------------

    def _try(self, walk: Walk, state: Task | Map) -> None:
        if isinstance(state, Task):
            self._try_task(walk, state)
        else:
            self._try_map(walk, state)

    def _try_task(self, walk: Walk, task: Task) -> None:
        walk.attempt += 1
        walk.is_pending = True
        if task.action is Action.INVOKE_AND_WAIT:
            walk.token = f"{TOKEN}{self._luck.randbytes(48).hex()}"
            self.waiting[walk.token] = (walk, task)
        attempt, begun = walk.attempt, self.now()
        try:
            arguments = evaluated(task.arguments, self.names(walk))
            self.count(walk, 2)
            if task.action.is_lambda:
                self._run(walk, task, arguments)
            else:
                self._start_other(walk, task, arguments)
        except Failure as failure:
            if self._is_open(walk, attempt):
                self.settles(walk)
                is_late = self.now() - begun >= timedelta(seconds=task.seconds)
                self.fail(walk, task, Failure("States.Timeout") if is_late else failure)

    def _is_open(self, walk: Walk, attempt: int) -> bool:
        """Whether an attempt still waits for its outcome. Much may have happened while its function ran."""
        is_running = walk.execution.status == "RUNNING" and not walk.is_over
        return is_running and walk.attempt == attempt and walk.is_pending

    def _run(self, walk: Walk, task: Task, arguments: Mapping[str, Any]) -> None:
        """Invoke a function and take its answer, or wait for the token that it was given. Raises Failure."""
        function = str(arguments["FunctionName"]).rpartition(":")[2]
        fault = self.faults(function)
        if fault == "unreached":
            raise Failure("Lambda.ServiceException", "the service was not reached")
        payload = read_json(text_within_limit(arguments.get("Payload", {})))
        attempt, begun, waits = walk.attempt, self.now(), task.action is Action.INVOKE_AND_WAIT
        if waits:
            self._watch(walk, task, begun)
        try:
            answer = read_json(text_within_limit(self._invoke(function, payload)))
        except (NotImplementedError, AssertionError):
            raise  # these are about the simulation, not of it
        except Exception as error:
            if fault != "lost" or waits:
                raise _failure_of(error) from error
            answer = None
        if not self._is_open(walk, attempt):
            return
        if waits:  # whether the answer came or not: the token is waited for
            self.count(walk, 1)
        elif self.now() - begun >= timedelta(seconds=task.seconds):
            raise Failure("States.Timeout")
        elif fault == "lost":
            self._watch(walk, task, begun)
        else:
            self.settles(walk)
            self._succeed(walk, task, {"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200})

    def _start_other(self, walk: Walk, task: Task, arguments: Mapping[str, Any]) -> None:
        """Start an execution and go on, or wait for its end. Raises Failure."""
        fault = self.faults("StartExecution")
        if fault == "unreached":
            raise Failure("StepFunctions.SdkClientException", "the service was not reached")
        given = text(arguments.get("Input", {}))
        try:
            child = self._start(arguments["StateMachineArn"], arguments.get("Name"), given)
        except AwsError as error:
            raise Failure(f"StepFunctions.{error.code.removesuffix('Exception')}Exception") from error
        if task.action is Action.START:
            if fault == "lost":
                self._watch(walk, task, self.now())
            elif self.settles(walk):
                result = {"ExecutionArn": child.arn, "StartDate": (child.started - EPOCH) // MILLISECOND}
                self._succeed(walk, task, result)
            return
        if fault == "lost":
            raise Failure("StepFunctions.SdkClientException", "no answer")
        self.count(walk, 1)
        attempt = walk.attempt

        def ended() -> None:
            self.soon(walk, f"hears of {child.name}", lambda: self._hear(walk, task, attempt, child))

        child.told.append(ended)
        self._watch(walk, task, self.now(), child)

    def _hear(self, walk: Walk, task: Task, attempt: int, child: Execution) -> None:
        if walk.attempt != attempt or not self.settles(walk):
            return
        said = {name[0].upper() + name[1:]: value for name, value in child.described().items()}
        if child.status != "SUCCEEDED":
            self.fail(walk, task, Failure("States.TaskFailed", text(said)))
            return
        said |= {"Input": child.context["Execution"]["Input"], "Output": child.output}
        self._succeed(walk, task, said)

    def _watch(self, walk: Walk, task: Task, begun: datetime, child: Execution | None = None) -> None:
        """Have the attempt time out, unless it has an outcome by then."""
        attempt = walk.attempt

        def time_out() -> None:
            if walk.attempt != attempt or not self.settles(walk):
                return
            if child is not None and child.status == "RUNNING" and self.stops_children():
                child.end(self.now(), "ABORTED")
            self.fail(walk, task, Failure("States.Timeout"))

        left = begun + timedelta(seconds=task.seconds) - self.now()
        self.later(walk, left, "times out", time_out)

    def settles(self, walk: Walk) -> bool:
        """Give the attempt its outcome, unless it has one."""
        was_pending, walk.is_pending = walk.is_pending, False
        if self.waiting.pop(walk.token, None):
            self.spent[walk.token] = walk.execution
        return was_pending

    def _succeed(self, walk: Walk, task: Task, result: Any) -> None:
        try:
            self.count(walk, 1)
            self.leave(walk, task.way, result, result=result)
        except Failure as failure:
            self.rescue(walk, task, failure)

    def fail(self, walk: Walk, state: Task | Map, failure: Failure) -> None:
        self.count(walk, 1)
        self.rescue(walk, state, failure)

    def rescue(self, walk: Walk, state: Task | Map, failure: Failure) -> None:
        """Try the state again where a retrier says so, else go where a catcher says, else fail."""
        for at, retrier in enumerate(state.retriers):
            if not asl.matches(retrier.errors, failure.error):
                continue
            used = walk.tries.get(at, 0)
            if used < retrier.attempts:
                walk.tries[at] = used + 1
                seconds = min(retrier.interval * retrier.backoff**used, retrier.longest or float("inf"))
                if retrier.is_jittered:
                    seconds = self._luck.uniform(0, seconds)
                self.later(walk, timedelta(seconds=seconds), "tries again", lambda: self._try(walk, state))
                return
            break  # the first retrier that takes an error decides
        for catcher in state.catchers:
            if asl.matches(catcher.errors, failure.error):
                told = {"Error": failure.error, "Cause": failure.cause}
                try:
                    self.leave(walk, catcher.way, told, errorOutput=told)
                except Failure as another:
                    walk.failed(another)
                return
        walk.failed(failure)

    # ---- maps ----------------------------------------------------------------------------------------

    def _try_map(self, walk: Walk, state: Map) -> None:
        try:
            items = evaluated(state.items, self.names(walk))
            if not isinstance(items, list):
                raise Failure("States.QueryEvaluationError", f"the items of {walk.name} are no array")
            self.count(walk, 1)
            Iterations(self, walk, state, items).start()
        except Failure as failure:
            self.fail(walk, state, failure)


class Iterations:
    """The items of one Map, so many at a time; the first that fails ends the others."""

    def __init__(self, engine: Engine, walk: Walk, state: Map, items: list[Any]) -> None:
        self._engine = engine
        self._walk = walk
        self._state = state
        self._items = items
        self._results: list[Any] = [None] * len(items)
        self._walks: list[Walk] = []
        self._open = len(items)

    def start(self) -> None:
        """Raises Failure."""
        if not self._items:
            self._engine.soon(self._walk, "has no items", self._finish)
        try:
            for _ in range(min(self._state.concurrency, len(self._items))):
                self._next()
        except Failure:
            self._stop()
            raise

    def _next(self) -> None:
        at, walk, engine = len(self._walks), self._walk, self._engine
        item = {"Map": {"Item": {"Index": at, "Value": self._items[at]}}}
        given = self._items[at]
        processor = self._state.processor
        inner = Walk(
            walk.execution,
            processor,
            walk.variables,
            lambda output: self._done(at, output),
            self._failed,
            item,
        )
        self._walks.append(inner)
        if self._state.selector is not None:
            names = engine.names(walk)
            names.values["states"]["context"].update(item)
            given = evaluated(self._state.selector, names)
        engine.count(walk, 1)
        engine.go(inner, processor.start_at, given)

    def _done(self, at: int, output: Any) -> None:
        self._engine.count(self._walk, 1)
        self._walks[at].is_over = True
        self._results[at] = output
        self._open -= 1
        if not self._open:
            self._finish()
        elif len(self._walks) < len(self._items):
            try:
                self._next()
            except Failure as failure:
                self._failed(failure)

    def _failed(self, failure: Failure) -> None:
        self._stop()
        self._engine.count(self._walk, 1)
        self._engine.fail(self._walk, self._state, failure)

    def _stop(self) -> None:
        for walk in self._walks:
            walk.is_over = True

    def _finish(self) -> None:
        results = self._results
        self._engine.count(self._walk, 1)
        try:
            self._engine.leave(self._walk, self._state.way, results, result=results)
        except Failure as failure:
            self._engine.rescue(self._walk, self._state, failure)


def _failure_of(error: Exception) -> Failure:
    """Name an error as Lambda does: an exception of the handler by its class."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, LambdaError):
        return Failure(error.name, str(error))
    name = type(error).__name__
    return Failure(name, text({"errorMessage": str(error), "errorType": name}))


def evaluated(template: Template, names: Names) -> Any:
    try:
        return template(names)
    except QueryError as error:
        raise Failure("States.QueryEvaluationError", str(error)) from error
