"""One walk through ClaimToPayout over the real handlers, from the start to where it waits or ends.

The definition is the deployed one, read from its file. What Step Functions does itself is played: the clock, the
wait that runs out, the start of another execution. Payout is walked within, by its own definition.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from operator import not_
from typing import Any, ClassVar

import pytest

from daycover.payouts.payout import payout_number
from tests.functional.claims.stage import ROOT, Stage
from tests.functional.claims.walk import Walk

DEFINITION: Mapping[str, Any] = json.loads(
    (ROOT / "functions" / "workflows" / "claim_to_payout.asl.json").read_text(encoding="utf-8")
)
MACHINE = "the machine itself"


def nothing(_state: str) -> None:
    """Nobody does anything while a state waits."""


class AtRest(Exception):
    """The walk has come to a wait that nobody ends."""


class ClaimWalk(Walk):
    """One execution of ClaimToPayout, which began some time before the stage's clock."""

    states: ClassVar[Mapping[str, Any]] = DEFINITION["States"]
    start: ClassVar[str] = DEFINITION["StartAt"]

    def __init__(
        self,
        stage: Stage,
        claim_no: str,
        monkeypatch: pytest.MonkeyPatch,
        meanwhile: Callable[[str], None] = nothing,
        *,
        name: str | None = None,
        age: timedelta = timedelta(),
        running_out: int = 0,
    ) -> None:
        """`running_out` is how many waits run out before the walk rests in one."""
        super().__init__(claim_no, stage.adapters, monkeypatch, meanwhile)
        self.name = name or claim_no
        self.started: list[dict[str, Any]] = []
        """What executions of this machine it started."""
        self.is_started_before = False
        """Whether another execution has the next one's name already."""
        self.output: dict[str, Any] = {}
        self.payouts: list[Walk] = []
        """The executions of Payout within it."""
        self._stage = stage
        self._started_at = stage.at - age
        self._running_out = running_out
        self._variables |= {
            "millis": lambda: _millis(stage.at.isoformat()),
            "toMillis": _millis,
            "string": str,
            "not": not_,
        }

    def rest(self) -> str:
        """Go as far as it goes; gives the state in which it waits or ended."""
        try:
            self.output = self.run()
        except AtRest:
            self.output = {}
        return self.entered[-1]

    def _task(self, name: str, state: Any, given: Any) -> tuple[str, dict[str, Any]]:
        token = self.token()
        resource = state["Resource"]
        arguments = self._value(state["Arguments"], given, token=token)
        if resource == "${StartExecution}":
            if self.is_started_before:
                return self._caught(state, "StepFunctions.ExecutionAlreadyExistsException")
            self.started.append(arguments)
            result: Any = {"ExecutionArn": "another"}
        elif resource == "${StartExecutionSync}":
            result = {"Output": self._payout()}
        else:
            result = {"Payload": self.call(_function_of(arguments["FunctionName"]), arguments["Payload"])}
        if resource == "${LambdaInvokeWaitForTaskToken}":
            self._meanwhile(name)
            answers = self._stage.adapters.workflows.answers
            if token not in answers:
                if not self._running_out:
                    raise AtRest
                self._running_out -= 1
                return self._caught(state, "States.Timeout")
            result = answers[token]
        return state.get("Next", ""), self._value(state["Output"], given, result=result)

    def token(self) -> str:
        """The task token of the state that was entered last."""
        return f"{self.name}-{self.entered[-1]}-{len(self.entered)}"

    def _caught(self, state: Any, error: str) -> tuple[str, dict[str, Any]]:
        rule = next(rule for rule in state["Catch"] if {error, "States.ALL"} & set(rule["ErrorEquals"]))
        self._variables |= rule.get("Assign", {})
        return rule["Next"], rule["Output"]

    def _payout(self) -> dict[str, Any]:
        def money_arrives(_state: str) -> None:
            bank, claim = (
                self._stage.adapters.wallet_transfers,
                self._stage.adapters.claims.get(self._claim_no),
            )
            number = payout_number(claim.claim_no, claim.payouts)
            if number in bank.bills:
                bank.finish(number)

        self.payouts.append(Walk(self._claim_no, self._stage.adapters, self._monkeypatch, money_arrives))
        return self.payouts[-1].run()

    def _known(self, given: Any, result: Any, token: str) -> dict[str, Any]:
        return {
            "states.context.Execution.Input": {"claim_no": self._claim_no},
            "states.context.Execution.StartTime": self._started_at.isoformat(),
            "states.context.Execution.Name": self.name,
            "states.context.Execution.Id": f"execution:{self.name}",
            "states.context.StateMachine.Id": MACHINE,
            "states.context.State.EnteredTime": self._stage.at.isoformat(),
            "states.context.Task.Token": token,
            "states.input": given,
            "states.result": result,
        }

    def _value(self, expression: Any, given: Any, *, result: Any = None, token: str = "") -> Any:
        if isinstance(expression, dict):
            return {
                key: self._value(part, given, result=result, token=token) for key, part in expression.items()
            }
        if isinstance(expression, str) and expression.startswith("{%"):
            expression = expression.replace(" & ", " + ")  # JSONata's joining of strings
        return super()._value(expression, given, result=result, token=token)


def _millis(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp() * 1000)


def _function_of(placeholder: str) -> str:
    name = placeholder[2:-1].removesuffix("FunctionArn")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
