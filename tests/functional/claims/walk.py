"""A walk of the Payout definition through the real handlers, and the cuts that may end it anywhere.

The definition is the deployed one, read from its file: states, choices, catches of timeouts, payloads. Only
what Step Functions itself does is played here, and of JSONata only what this definition uses.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from tests.functional.claims.stage import ROOT, load
from tests.support.fakes.port import Crash
from tests.support.outcomes import GIVES
from tests.support.wired import install

DEFINITION = ROOT / "functions" / "workflows" / "payout.asl.json"
STATES: Mapping[str, Any] = json.loads(DEFINITION.read_text(encoding="utf-8"))["States"]
START: str = json.loads(DEFINITION.read_text(encoding="utf-8"))["StartAt"]
MOST_STATES = 60
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


class Cuts:
    """Counts store writes, HTTP calls and answers to the workflow; ends the process before or after one."""

    def __init__(self, at: int | None = None, *, applied: bool = False) -> None:
        self.names: list[str] = []
        self._at = at
        self._applied = applied

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        struck = len(self.names) == self._at
        self.names.append(name)
        if struck and not self._applied:
            raise Crash
        try:
            return call()
        finally:
            if struck:
                raise Crash


class CutClient:
    """A client of AWS whose writes can be the last thing that a process does."""

    def __init__(self, client: Any, cuts: Cuts) -> None:
        self._client = client
        self._cuts = cuts

    def call(self, operation: str, **request: Any) -> Any:
        if operation not in WRITES:
            return self._client.call(operation, **request)
        return self._cuts.around(operation, lambda: self._client.call(operation, **request))


class CutPool:
    """A connection pool whose requests can be."""

    def __init__(self, pool: Any, cuts: Cuts) -> None:
        self._pool = pool
        self._cuts = cuts

    def request(self, method: str, url: str, body: bytes | None = None, **options: Any) -> Any:
        path = url.split("/", 3)[3]
        return self._cuts.around(
            f"{method} /{path}", lambda: self._pool.request(method, url, body, **options)
        )


class Walk:
    """One execution of Payout."""

    states: ClassVar[Mapping[str, Any]] = STATES
    start: ClassVar[str] = START

    def __init__(
        self,
        claim_no: str,
        process: Any,
        monkeypatch: pytest.MonkeyPatch,
        meanwhile: Callable[[str], None],
        obligation: int | None = None,
    ) -> None:
        """`meanwhile` is what the world does while a state waits; `process` is the adapters of the one that runs."""
        self.entered: list[str] = []
        self._claim_no = claim_no
        self._process = process
        self._monkeypatch = monkeypatch
        self._meanwhile = meanwhile
        self._obligation = obligation
        self._variables: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        """Go from the start to an end; gives the output. Crash ends it where a cut struck."""
        name, given = self.start, {"claim_no": self._claim_no}
        while True:
            self.entered.append(name)
            assert len(self.entered) < MOST_STATES, self.entered
            state = self.states[name]
            assert state["Type"] != "Fail", (self.entered, given)
            if state["Type"] == "Choice":
                assert name not in GIVES or given["outcome"] in GIVES[name], (name, given)
                name = self._choose(state, given)
                continue
            if state["Type"] == "Succeed":
                return dict(state.get("Output", given))
            name, given = self._task(name, state, given)
            if not name:
                return given

    def _task(self, name: str, state: Any, given: Any) -> tuple[str, dict[str, Any]]:
        token = f"{name}-{len(self.entered)}"
        payload = {
            key: self._value(expression, given, token=token)
            for key, expression in state["Arguments"]["Payload"].items()
        }
        function = re.sub(r"(?<!^)(?=[A-Z])", "_", state["Arguments"]["FunctionName"][2:-1]).lower()
        result = self.call(function.removesuffix("_function_arn"), payload)
        if state["Resource"].endswith("WaitForTaskToken}"):
            self._meanwhile(name)
            if token not in self._process.workflows.answers:
                [timeout] = [rule for rule in state["Catch"] if rule["ErrorEquals"] == ["States.Timeout"]]
                return timeout["Next"], {}
        for variable, expression in state.get("Assign", {}).items():
            self._variables[variable] = self._value(expression, given, result=result)
        output = self._value(state["Output"], given, result=result)
        return state.get("Next", ""), output

    def call(self, function: str, event: dict[str, Any]) -> Any:
        """Run a handler in this process, as Lambda does."""
        module = load(function)
        install(self._process, self._monkeypatch)
        return module.lambda_handler(event, None)

    def _choose(self, state: Any, given: Any) -> str:
        for rule in state["Choices"]:
            if self._value(rule["Condition"], given):
                return str(rule["Next"])
        return str(state["Default"])

    def _known(self, given: Any, result: Any, token: str) -> dict[str, Any]:
        """What an expression may name beside the variables."""
        return {
            "states.context.Execution.Input": {"claim_no": self._claim_no, "obligation": self._obligation},
            "states.context.Task.Token": token,
            "states.input": given,
            "states.result.Payload": result,
        }

    def _value(self, expression: Any, given: Any, *, result: Any = None, token: str = "") -> Any:
        if not (isinstance(expression, str) and expression.startswith("{%")):
            return expression
        known = self._known(given, result, token)
        names: dict[str, Any] = {}

        def named(match: re.Match[str]) -> str:
            path = match[1]
            name = f"v{len(names)}"
            prefix = next((p for p in known if path == p or path.startswith(p + ".")), None)
            if prefix is None:
                names[name] = self._variables[path]
            else:
                names[name] = known[prefix]
                for member in path[len(prefix) :].split(".")[1:]:
                    names[name] = names[name].get(member)
            return name

        text = re.sub(r"\$exists\(([^)]+)\)", r"(\1 is not None)", expression[2:-2].strip())
        text = re.sub(r"^(.+) \? (.+) : (.+)$", r"\2 if \1 else \3", text)
        text = re.sub(r"\$([A-Za-z_.]+)", named, text)
        return eval(re.sub(r" = ", " == ", text), {}, names)
