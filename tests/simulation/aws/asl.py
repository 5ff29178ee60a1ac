"""Definitions of state machines, read into what the engine runs; what it can't run raises NotImplementedError.

Amazon States Language in its JSONata form. A definition that AWS would refuse raises DefinitionError.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.simulation.aws.expressions import EXPRESSION, Template, template

PLACEHOLDER = re.compile(r"^\$\{(\w+)\}$")
DEFAULT_TIMEOUT = 99_999_999
"""Seconds, where a task names none."""
DEFAULT_CONCURRENCY = 40
"""Of an inline Map that names none, or 0."""
INTERVAL, ATTEMPTS, BACKOFF = 1, 3, 2.0
"""Of a retrier that does not say."""
NEVER_BY_ALL = frozenset({"States.DataLimitExceeded", "States.Runtime"})


class DefinitionError(Exception):
    """AWS would not create this machine."""


class Action(Enum):
    """What a task does, by the end of its resource's ARN."""

    INVOKE = "lambda:invoke"
    INVOKE_AND_WAIT = "lambda:invoke.waitForTaskToken"
    START = "states:startExecution"
    START_AND_WAIT = "states:startExecution.sync:2"

    @property
    def is_lambda(self) -> bool:
        return self in {Action.INVOKE, Action.INVOKE_AND_WAIT}


@dataclass(frozen=True, slots=True)
class Retrier:
    errors: frozenset[str]
    interval: float
    backoff: float
    attempts: int
    longest: float | None
    """Seconds between two attempts at most."""
    is_jittered: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How a state is left: what is remembered, what is handed on, and to which state (None: the end)."""

    assign: Mapping[str, Template]
    output: Template | None
    to: str | None


@dataclass(frozen=True, slots=True)
class Catcher:
    errors: frozenset[str]
    way: Way


@dataclass(frozen=True, slots=True)
class Rule:
    condition: Template
    way: Way


@dataclass(frozen=True, slots=True)
class Task:
    action: Action
    arguments: Template
    seconds: int
    retriers: tuple[Retrier, ...]
    catchers: tuple[Catcher, ...]
    way: Way


@dataclass(frozen=True, slots=True)
class Map:
    items: Template
    selector: Template | None
    concurrency: int
    processor: "Machine"
    retriers: tuple[Retrier, ...]
    catchers: tuple[Catcher, ...]
    way: Way


@dataclass(frozen=True, slots=True)
class Choice:
    rules: tuple[Rule, ...]
    default: Way | None


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: Template | None
    timestamp: Template | None
    way: Way


@dataclass(frozen=True, slots=True)
class Pass:
    """A Pass, or a Succeed: the same, with no state behind it."""

    way: Way


@dataclass(frozen=True, slots=True)
class Fail:
    error: Template
    cause: Template


State = Task | Map | Choice | Wait | Pass | Fail


@dataclass(frozen=True, slots=True)
class Machine:
    start_at: str
    states: Mapping[str, State]


def matches(errors: frozenset[str], error: str) -> bool:
    """Whether a retrier or catcher that names `errors` takes `error`."""
    if error in errors:
        return True
    if "States.ALL" in errors:
        return error not in NEVER_BY_ALL
    return "States.TaskFailed" in errors and error not in {"States.Timeout", *NEVER_BY_ALL}


def substituted(definition: Any, substitutions: Mapping[str, str]) -> Any:
    """Fill in the placeholders, each a whole string, as CloudFormation does with DefinitionSubstitutions."""
    if isinstance(definition, dict):
        return {name: substituted(value, substitutions) for name, value in definition.items()}
    if isinstance(definition, list):
        return [substituted(value, substitutions) for value in definition]
    if isinstance(definition, str) and (found := PLACEHOLDER.match(definition)):
        if found[1] not in substitutions:
            raise DefinitionError(f"no substitution for {definition}")
        return substitutions[found[1]]
    return definition


def read(definition: Mapping[str, Any]) -> Machine:
    """Read a definition whose placeholders are filled in."""
    known = {"Comment", "QueryLanguage", "StartAt", "States"}
    _nothing_else(definition, known, "the definition")
    if definition.get("QueryLanguage") != "JSONata":
        raise NotImplementedError("a query language other than JSONata")
    return _machine(definition, is_within=False)


def _machine(definition: Mapping[str, Any], *, is_within: bool) -> Machine:
    states = {name: _state(name, said, is_within=is_within) for name, said in definition["States"].items()}
    reached, unread = set[str](), [str(definition["StartAt"])]
    while unread:
        name = unread.pop()
        if name not in states:
            raise DefinitionError(f"there is no state {name}")
        if name not in reached:
            reached.add(name)
            unread += _targets(states[name])
    if unreachable := states.keys() - reached:
        raise DefinitionError(f"nothing leads to {sorted(unreachable)}")
    return Machine(definition["StartAt"], states)


def _targets(state: State) -> list[str]:
    ways = []
    match state:
        case Task() | Map():
            ways = [state.way, *(catcher.way for catcher in state.catchers)]
        case Choice():
            ways = [*(rule.way for rule in state.rules), *([state.default] if state.default else [])]
        case Wait() | Pass():
            ways = [state.way]
    return [way.to for way in ways if way.to is not None]


_OF_ALL = {"Comment", "Type", "QueryLanguage"}
_LEAVING = {"Next", "End", "Assign", "Output"}
_FIELDS: Mapping[str, set[str]] = {
    "Task": {"Resource", "Arguments", "TimeoutSeconds", "Retry", "Catch"} | _LEAVING,
    "Map": {"Items", "ItemSelector", "MaxConcurrency", "ItemProcessor", "Retry", "Catch"} | _LEAVING,
    "Choice": {"Choices", "Default", "Assign", "Output"},
    "Wait": {"Seconds", "Timestamp"} | _LEAVING,
    "Pass": _LEAVING,
    "Succeed": {"Output"},
    "Fail": {"Error", "Cause"},
}
_ARGUMENTS: Mapping[bool, set[str]] = {
    True: {"FunctionName", "Payload"},
    False: {"StateMachineArn", "Name", "Input"},
}


def _state(name: str, said: Mapping[str, Any], *, is_within: bool) -> State:
    kind = said["Type"]
    if kind not in _FIELDS:
        raise NotImplementedError(f"{name}: a state of type {kind}")
    _nothing_else(said, _OF_ALL | _FIELDS[kind], name)
    if said.get("QueryLanguage", "JSONata") != "JSONata":
        raise NotImplementedError(f"{name}: a query language other than JSONata")
    if is_within and "Assign" in str(said):
        raise NotImplementedError(f"{name}: variables of one iteration")
    if not 1 <= len(name) <= 80:
        raise DefinitionError(f"{name}: a name has at most 80 characters")
    match kind:
        case "Task":
            return _task(name, said, is_within=is_within)
        case "Map":
            return _map(name, said)
        case "Wait":
            return _wait(name, said)
        case "Choice":
            rules = tuple(_rule(name, rule) for rule in said["Choices"])
            default = _way({**said, "Next": said["Default"]}, name) if "Default" in said else None
            return Choice(rules, default)
        case "Fail":
            return Fail(template(said.get("Error", "")), template(said.get("Cause", "")))
        case _:  # a Pass, or a Succeed
            return Pass(_way({**said, "End": True} if kind == "Succeed" else said, name))


def _wait(name: str, said: Mapping[str, Any]) -> Wait:
    if ("Seconds" in said) is ("Timestamp" in said):
        raise DefinitionError(f"{name}: either seconds or a timestamp")
    seconds, timestamp = (template(said[one]) if one in said else None for one in ("Seconds", "Timestamp"))
    return Wait(seconds, timestamp, _way(said, name))


def _task(name: str, said: Mapping[str, Any], *, is_within: bool) -> Task:
    _, parted, what = said["Resource"].partition(":states:::")
    if not parted or what not in {action.value for action in Action}:
        raise NotImplementedError(f"{name}: {said['Resource']}")
    action = Action(what)
    if is_within and action is not Action.INVOKE:
        raise NotImplementedError(f"{name}: a task within a Map that waits")
    _nothing_else(said["Arguments"], _ARGUMENTS[action.is_lambda], name)
    seconds = said.get("TimeoutSeconds", DEFAULT_TIMEOUT)
    if not isinstance(seconds, int):
        raise NotImplementedError(f"{name}: a timeout that is computed")
    return Task(action, template(said["Arguments"]), seconds, *_rescues(said, name), _way(said, name))


def _map(name: str, said: Mapping[str, Any]) -> Map:
    processor = said["ItemProcessor"]
    _nothing_else(processor, {"ProcessorConfig", "StartAt", "States", "Comment"}, name)
    if processor.get("ProcessorConfig", {"Mode": "INLINE"}) != {"Mode": "INLINE"}:
        raise NotImplementedError(f"{name}: a distributed Map")
    concurrency = said.get("MaxConcurrency", 0)
    if not isinstance(concurrency, int):
        raise NotImplementedError(f"{name}: a concurrency that is computed")
    return Map(
        template(said.get("Items", "{% $states.input %}")),
        template(said["ItemSelector"]) if "ItemSelector" in said else None,
        min(concurrency, DEFAULT_CONCURRENCY) or DEFAULT_CONCURRENCY,
        _machine(processor, is_within=True),
        *_rescues(said, name),
        _way(said, name),
    )


def _rule(name: str, said: Mapping[str, Any]) -> Rule:
    _nothing_else(said, {"Comment", "Condition", "Next", "Assign", "Output"}, name)
    condition = said["Condition"]
    if not (isinstance(condition, bool) or EXPRESSION.match(condition)):
        raise DefinitionError(f"{name}: a condition that is no expression")
    return Rule(template(condition), _way(said, name))


def _way(said: Mapping[str, Any], name: str) -> Way:
    if ("Next" in said) is (said.get("End") is True):
        raise DefinitionError(f"{name}: either the next state or the end")
    assign = {variable: template(value) for variable, value in said.get("Assign", {}).items()}
    if "states" in assign:
        raise DefinitionError(f"{name}: $states is reserved")
    output = template(said["Output"]) if "Output" in said else None
    return Way(assign, output, said.get("Next"))


def _rescues(said: Mapping[str, Any], name: str) -> tuple[tuple[Retrier, ...], tuple[Catcher, ...]]:
    retry, catch = said.get("Retry", ()), said.get("Catch", ())
    for rules in (retry, catch):
        for at, rule in enumerate(rules):
            if "States.ALL" in rule["ErrorEquals"] and (
                rule["ErrorEquals"] != ["States.ALL"] or rule is not rules[-1]
            ):
                raise DefinitionError(f"{name}: States.ALL stands alone and last, not at {at}")
    return tuple(_retrier(rule, name) for rule in retry), tuple(_catcher(rule, name) for rule in catch)


def _retrier(said: Mapping[str, Any], name: str) -> Retrier:
    known = {"Comment", "ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxAttempts", "MaxDelaySeconds"}
    _nothing_else(said, known | {"JitterStrategy"}, name)
    return Retrier(
        frozenset(said["ErrorEquals"]),
        said.get("IntervalSeconds", INTERVAL),
        said.get("BackoffRate", BACKOFF),
        said.get("MaxAttempts", ATTEMPTS),
        said.get("MaxDelaySeconds"),
        said.get("JitterStrategy", "NONE") == "FULL",
    )


def _catcher(said: Mapping[str, Any], name: str) -> Catcher:
    _nothing_else(said, {"Comment", "ErrorEquals", "Next", "Assign", "Output"}, name)
    return Catcher(frozenset(said["ErrorEquals"]), _way(said, name))


def _nothing_else(said: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := said.keys() - known:
        raise NotImplementedError(f"{where}: {sorted(unknown)}")
