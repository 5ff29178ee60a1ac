"""Step Functions in memory: standard workflows, and the operations that the product calls, by the API reference."""

import random
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.aws import asl
from tests.simulation.aws.asl import Machine, Task
from tests.simulation.aws.engine import TOKEN, Engine
from tests.simulation.aws.executions import MOST_BYTES, Agenda, Execution, Failure, Walk, instant, read_json
from tests.simulation.aws.service import Service, refusal

KEPT = timedelta(days=90)
"""How long an execution that ended can be described, and its name can't be used again."""
ARN = "arn:aws:states:us-east-1:000000000000"
_UNNAMEABLE = re.compile(r'[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]')
_MACHINE = re.compile(r"^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:[^:]+$")


class StateMachines(Service):
    """The service. `faults` and `stops_children` may be set to let things go wrong."""

    def __init__(
        self,
        now: Callable[[], datetime],
        agenda: Agenda,
        invoke: Callable[[str, Any], Any],
        luck: random.Random,
        arn: str = ARN,
    ) -> None:
        """`invoke` runs a function by name; its exceptions are Lambda's errors by their class, or LambdaErrors."""
        self._now = now
        self._luck = luck
        self._arn = arn
        self._machines: dict[str, Machine] = {}
        self.executions: dict[str, Execution] = {}
        """By ARN, the last of each name."""
        self.engine = Engine(now, agenda, invoke, luck, self._start)

    @property
    def faults(self) -> Callable[[str], str | None]:
        """Asked before each attempt, with the function's name or `StartExecution`. `lost`: it is done, and its answer
        never comes; `unreached`: it is not done, and Step Functions says so."""
        return self.engine.faults

    @faults.setter
    def faults(self, faults: Callable[[str], str | None]) -> None:
        self.engine.faults = faults

    @property
    def stops_children(self) -> Callable[[], bool]:
        """Whether an execution is stopped when the task that waits for it times out: tried, and not promised."""
        return self.engine.stops_children

    @stops_children.setter
    def stops_children(self, stops_children: Callable[[], bool]) -> None:
        self.engine.stops_children = stops_children

    def arn_of(self, name: str) -> str:
        return f"{self._arn}:stateMachine:{name}"

    def deploy(self, name: str, definition: Mapping[str, Any], substitutions: Mapping[str, str]) -> str:
        """Create a machine, or replace its definition for executions to come; gives its ARN.

        Raises NotImplementedError for what is not played here, DefinitionError for what AWS would refuse.
        """
        self._machines[self.arn_of(name)] = asl.read(asl.substituted(dict(definition), substitutions))
        return self.arn_of(name)

    # ---- operations ----------------------------------------------------------------------------------

    def StartExecution(self, stateMachineArn: str, name: str | None = None, input: str = "{}") -> Any:
        execution = self._start(stateMachineArn, name, input)
        return {"executionArn": execution.arn, "startDate": execution.started.timestamp()}

    def SendTaskSuccess(self, taskToken: str, output: str) -> Any:
        try:
            result = read_json(output)
        except ValueError as error:
            raise refusal("InvalidOutput", "SendTaskSuccess") from error
        if len(output.encode()) > MOST_BYTES:
            raise refusal("ValidationException", "SendTaskSuccess")
        walk, task = self._waiting(taskToken, "SendTaskSuccess")
        self.engine.succeed_soon(walk, task, result)
        return {}

    def SendTaskFailure(self, taskToken: str, error: str, cause: str = "") -> Any:
        walk, task = self._waiting(taskToken, "SendTaskFailure")
        self.engine.fail_soon(walk, task, Failure(error, cause))
        return {}

    def DescribeExecution(self, executionArn: str) -> Any:
        execution = self.executions.get(executionArn)
        if execution is None or self._is_forgotten(execution):
            raise refusal("ExecutionDoesNotExist", "DescribeExecution")
        return execution.described()

    # ---- executions ----------------------------------------------------------------------------------

    def _start(self, machine_arn: str, name: str | None, text: str) -> Execution:
        if not _MACHINE.match(machine_arn):
            raise refusal("InvalidArn", "StartExecution")
        machine = self._machines.get(machine_arn)
        if machine is None:
            raise refusal("StateMachineDoesNotExist", "StartExecution")
        if name is None:
            name = str(uuid.UUID(bytes=self._luck.randbytes(16), version=4))
        if not 1 <= len(name) <= 80 or _UNNAMEABLE.search(name):
            raise refusal("InvalidName", "StartExecution")
        if len(text.encode()) > MOST_BYTES:
            raise refusal("ValidationException", "StartExecution")
        try:
            given = read_json(text)
        except ValueError as error:
            raise refusal("InvalidExecutionInput", "StartExecution") from error
        arn = f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        known = self.executions.get(arn)
        if known is not None and known.status == "RUNNING" and known.text == text:
            return known
        if known is not None and not self._is_forgotten(known):
            raise refusal("ExecutionAlreadyExists", "StartExecution")
        execution = Execution(arn, name, machine_arn, machine, text, self._now())
        execution.context = {
            "Execution": {
                "Id": arn,
                "Input": given,
                "Name": name,
                "RedriveCount": 0,
                "StartTime": instant(execution.started),
            },
            "StateMachine": {"Id": machine_arn, "Name": machine_arn.rpartition(":")[2]},
        }
        self.executions[arn] = execution
        self.engine.begin(execution)
        return execution

    def _is_forgotten(self, execution: Execution) -> bool:
        return execution.stopped is not None and self._now() - execution.stopped >= KEPT

    def _waiting(self, token: str, operation: str) -> tuple[Walk, Task]:
        """Settle the attempt that waits for a token; only one who asks gets it."""
        if not token.startswith(TOKEN):
            raise refusal("InvalidToken", operation)
        if token not in self.engine.waiting:
            known = self.engine.spent.get(token)
            gone = known is None or self._is_forgotten(known)
            raise refusal("TaskDoesNotExist" if gone else "TaskTimedOut", operation)
        walk, task = self.engine.waiting[token]
        if walk.execution.status != "RUNNING":
            raise refusal("TaskTimedOut", operation)
        self.engine.settles(walk)
        return walk, task
