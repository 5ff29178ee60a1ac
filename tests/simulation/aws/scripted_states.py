"""Small definitions on Step Functions in memory, for its tests."""

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest

from daycover.store.aws import AwsError
from tests.simulation.aws.executions import Execution
from tests.simulation.aws.scripted import Functions, Line
from tests.simulation.aws.states import StateMachines

INVOKE = "arn:aws:states:::lambda:invoke"
WAIT = f"{INVOKE}.waitForTaskToken"
START = "arn:aws:states:::states:startExecution"
DAY = 86_400
RETRY = {
    "ErrorEquals": ["BusyError", "States.Timeout", "Lambda.Unknown", "Lambda.ServiceException"],
    "IntervalSeconds": 2,
    "BackoffRate": 2,
    "MaxAttempts": 3,
    "MaxDelaySeconds": 5,
}


class BusyError(Exception):
    pass


class Aws:
    """One Step Functions with the functions that it calls."""

    def __init__(self, **answers: Any) -> None:
        self.line = Line()
        self.functions = Functions(**answers)
        self.machines = StateMachines(self.line.now, self.line, self.functions, random.Random(7))

    def deploy(self, states: Mapping[str, Any], name: str = "machine") -> str:
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
        return self.machines.deploy(name, definition, {})

    def start(self, arn: str, given: Any = None, name: str = "one") -> Execution:
        text = json.dumps({} if given is None else given)
        started = self.machines.call("StartExecution", stateMachineArn=arn, name=name, input=text)
        return self.machines.executions[started["executionArn"]]

    def run(self, states: Mapping[str, Any], given: Any = None, seconds: float = 0.0) -> Execution:
        execution = self.start(self.deploy(states), given)
        self.line.run(seconds)
        return execution


def task(**said: Any) -> dict[str, Any]:
    arguments = {"FunctionName": "F", "Payload": {"n": 1}}
    return {
        "Type": "Task",
        "Resource": INVOKE,
        "Arguments": arguments,
        "TimeoutSeconds": 30,
        "End": True,
    } | said


def waiting(**said: Any) -> dict[str, Any]:
    payload = {"task_token": "{% $states.context.Task.Token %}"}
    return task(Resource=WAIT, Arguments={"FunctionName": "F", "Payload": payload}) | said


def refused(call: Any) -> str:
    with pytest.raises(AwsError) as raised:
        call()
    return raised.value.code
