"""Copies of the deployed definitions that a test can hurry or start anywhere, and the ways they took.

A copy differs from what is deployed in exactly this: waits for people and for WeChat time out after
`HURRIED_SECONDS`, unless a test ends them itself; where asked, it begins at a given state with given variables;
and ClaimToPayout starts the copy of Payout. States, tasks, handlers, choices, retries and catches are the
deployed ones.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.devstack.stack import Stack
from tests.support.waiting import eventually

HURRIED_SECONDS = 2
ENTER_AT = "EnterAt"
"""The state that a copy begins with to set the variables of a later start; it is no way of the definition."""


class Way(NamedTuple):
    """One thing that can happen in a state: `next`, a choice by its target, or a catch by its errors."""

    state: str
    kind: str
    to: str


def ways_of(states: Mapping[str, Any]) -> set[Way]:
    """Give every way that a definition has, those within a Map included."""
    found: set[Way] = set()
    for name, state in states.items():
        if state["Type"] == "Choice":
            targets = [*(rule["Next"] for rule in state["Choices"]), state["Default"]]
            found |= {Way(name, "choice", target) for target in targets}
        else:
            found.add(Way(name, "next", state.get("Next", "")))
        for rule in state.get("Catch", ()):
            found.add(Way(name, "catch " + " ".join(rule["ErrorEquals"]), rule["Next"]))
        if state["Type"] == "Map":
            found |= ways_of(state["ItemProcessor"]["States"])
    return found


@dataclass
class Machine:
    """One deployed definition, its copies, and what they were seen to do."""

    stack: Stack
    logical_id: str
    replaced: dict[str, str] = field(default_factory=dict)
    seen: set[Way] = field(default_factory=set)
    _copies: dict[str, str] = field(default_factory=dict)
    _deployed: dict[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> Any:
        return self.stack.boto3_client("stepfunctions")

    @property
    def deployed(self) -> dict[str, Any]:
        """The deployed machine: its definition with every placeholder filled in."""
        if not self._deployed:
            arn = self.stack.resource_id(self.logical_id)
            self._deployed = self.client.describe_state_machine(stateMachineArn=arn)
        return self._deployed

    @property
    def states(self) -> dict[str, Any]:
        states: dict[str, Any] = json.loads(self.deployed["definition"])["States"]
        return states

    def copy(
        self,
        start_at: str | None = None,
        variables: Mapping[str, Any] | None = None,
        *,
        is_hurried: bool = True,
    ) -> str:
        """Deploy a copy; gives its ARN."""
        key = json.dumps([start_at, variables, is_hurried])
        if key not in self._copies:
            definition = json.loads(self.deployed["definition"])
            for state in definition["States"].values():
                if is_hurried and state.get("Resource", "").endswith(".waitForTaskToken"):
                    state["TimeoutSeconds"] = HURRIED_SECONDS
            if start_at is not None:
                entry = {"Type": "Pass", "Assign": dict(variables or {}), "Next": start_at}
                definition["States"][ENTER_AT] = entry
                definition["StartAt"] = ENTER_AT
            text = json.dumps(definition)
            for deployed, other in self.replaced.items():
                text = text.replace(json.dumps(deployed), json.dumps(other))
            created = self.client.create_state_machine(
                name=f"copy-{uuid.uuid4().hex[:16]}",
                definition=text,
                roleArn=self.deployed["roleArn"],
                type=self.deployed["type"],
            )
            self._copies[key] = created["stateMachineArn"]
        return self._copies[key]

    def start(
        self,
        given: Mapping[str, Any],
        start_at: str | None = None,
        variables: Mapping[str, Any] | None = None,
        *,
        is_hurried: bool = True,
        name: str | None = None,
    ) -> "Execution":
        """Start a copy, at any state; the engine invents a name where none is given."""
        copy = self.copy(start_at, variables, is_hurried=is_hurried)
        named = {"name": name} if name else {}
        started = self.client.start_execution(stateMachineArn=copy, input=json.dumps(given), **named)
        return Execution(self, started["executionArn"])

    def nested(self) -> list["Execution"]:
        """Every execution of the plain copy, whoever started it."""
        listed = self.client.list_executions(stateMachineArn=self.copy())["executions"]
        return [Execution(self, execution["executionArn"]) for execution in listed]


@dataclass
class Execution:
    machine: Machine
    arn: str

    @property
    def history(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            page = self.machine.client.get_execution_history(executionArn=self.arn, **token)
            events += page["events"]
            if not page.get("nextToken"):
                return events
            token = {"nextToken": page["nextToken"]}

    @property
    def entered(self) -> list[str]:
        """The states in the order of their entry."""
        return [name for name in map(_entered, self.history) if name and name != ENTER_AT]

    def wait_until_in(self, *states: str) -> None:
        eventually(
            lambda: self.entered[-1:], lambda last: bool(last) and last[0] in states, f"it reaches {states}"
        )

    def end(self, status: str = "SUCCEEDED", *, seconds: float = 60.0) -> dict[str, Any]:
        """Wait for the end, note the ways it took, and give the description."""
        described: dict[str, Any] = eventually(
            lambda: self.machine.client.describe_execution(executionArn=self.arn),
            lambda seen: seen["status"] != "RUNNING",
            f"the execution ends, {self.arn}",
            seconds=seconds,
        )
        self.note()
        assert described["status"] == status, (described.get("error"), described.get("cause"), self.entered)
        return described

    def note(self) -> None:
        """Add what this execution did so far to what was seen."""
        self.machine.seen |= taken(self.history, self.machine.states)


def taken(history: list[dict[str, Any]], states: Mapping[str, Any]) -> set[Way]:
    """Read from a history which ways were taken."""
    known = dict(states)
    for state in states.values():
        if state["Type"] == "Map":
            known |= state["ItemProcessor"]["States"]
    found: set[Way] = set()
    current, error = "", None
    for event in history:
        failed = event.get("taskFailedEventDetails") or event.get("taskTimedOutEventDetails")
        if failed:
            error = failed["error"]
        elif "taskSucceededEventDetails" in event:
            error = None
        name = _entered(event)
        ended = event["type"] in {"ExecutionSucceeded", "ExecutionFailed"}
        if name == ENTER_AT or not (name or ended):
            continue
        if current:
            found |= _ways_to(current, known[current], name or "", error)
        current, error = name or "", None
    return found


def _ways_to(name: str, state: Mapping[str, Any], to: str, error: str | None) -> set[Way]:
    if state["Type"] == "Choice":
        return {Way(name, "choice", to)}
    if error is not None:
        for rule in state.get("Catch", ()):
            if rule["Next"] == to and {error, "States.ALL"} & set(rule["ErrorEquals"]):
                return {Way(name, "catch " + " ".join(rule["ErrorEquals"]), to)}
        return set()
    return {Way(name, "next", state.get("Next", ""))}


def _entered(event: Mapping[str, Any]) -> str | None:
    details = event.get("stateEnteredEventDetails")
    return str(details["name"]) if details else None
