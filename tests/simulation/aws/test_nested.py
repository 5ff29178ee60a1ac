"""Executions within executions, Maps and what definitions may say, on Step Functions in memory."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.simulation.aws.asl import DefinitionError
from tests.simulation.aws.scripted_states import DAY, INVOKE, RETRY, START, Aws, BusyError, task, waiting

# ---- executions within executions -------------------------------------------------------------------


def nested(**said: Any) -> dict[str, Any]:
    arguments = {
        "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:inner",
        "Name": "{% $states.context.Execution.Name & 'x' %}",
        "Input": {"a": 1},
    }
    return {
        "Type": "Task",
        "Resource": f"{START}.sync:2",
        "Arguments": arguments,
        "TimeoutSeconds": 60,
        "End": True,
    } | said


def with_inner(inner: Mapping[str, Any], **answers: Any) -> Aws:
    aws = Aws(**answers)
    aws.deploy(inner, "inner")
    return aws


def test_outer_execution_gets_the_output_when_the_inner_one_ends() -> None:
    aws = with_inner({"A": task(Output={"o": "{% $states.result.Payload.x %}"})}, F={"x": 3})
    execution = aws.run({"A": nested(Output="{% $states.result.Output.o + $states.result.Input.a %}")})
    assert execution.output == 4
    assert [one.name for one in aws.machines.executions.values()] == ["one", "onex"]


def test_outer_task_fails_when_the_inner_execution_fails() -> None:
    aws = with_inner({"A": {"Type": "Fail", "Error": "E", "Cause": "C"}})
    execution = aws.run({"A": nested()})
    assert execution.error == "States.TaskFailed"
    assert json.loads(execution.cause)["Error"] == "E"


@pytest.mark.parametrize("stops", [True, False])
def test_inner_execution_is_stopped_or_not_when_the_outer_task_times_out(stops: bool) -> None:
    aws = with_inner({"A": waiting(TimeoutSeconds=DAY)})
    aws.machines.stops_children = lambda: stops
    execution = aws.run({"A": nested()}, seconds=60)
    inner = list(aws.machines.executions.values())[1]
    assert (execution.error, inner.status) == ("States.Timeout", "ABORTED" if stops else "RUNNING")
    aws.line.run(DAY)
    assert inner.status == ("ABORTED" if stops else "FAILED")


def test_stopped_execution_stays_stopped_when_its_function_returns() -> None:
    aws = with_inner({"A": task(TimeoutSeconds=300)})
    aws.machines.stops_children = lambda: True

    def run(payload: Any) -> Any:
        aws.line.run(100)
        return {}

    aws.functions.answers["F"] = run
    execution = aws.run({"A": nested()})
    inner = list(aws.machines.executions.values())[1]
    assert (execution.error, inner.status) == ("States.Timeout", "ABORTED")


def test_inner_execution_is_the_same_when_its_start_is_repeated() -> None:
    aws = with_inner({"A": waiting()}, F=lambda payload: None)
    faults = iter(["lost", None, None])
    aws.machines.faults = lambda _function: next(faults)
    retry = {"ErrorEquals": ["StepFunctions.SdkClientException"], "MaxAttempts": 1}
    execution = aws.run({"A": nested(Retry=[retry])}, seconds=2)
    aws.machines.call("SendTaskSuccess", taskToken=aws.functions.token("F"), output="1")
    aws.line.run()
    assert (execution.status, len(aws.machines.executions)) == ("SUCCEEDED", 2)


def test_start_has_the_service_s_name_when_it_is_refused() -> None:
    aws = with_inner({"A": {"Type": "Succeed"}})
    states = {"A": nested(Resource=START, End=False, Next="B"), "B": nested(Resource=START)}
    execution = aws.run(states, seconds=10)
    assert execution.error == "StepFunctions.ExecutionAlreadyExistsException"
    execution = Aws().run({"A": nested(Resource=START)})
    assert execution.error == "StepFunctions.StateMachineDoesNotExistException"


# ---- maps -------------------------------------------------------------------------------------------


def mapped(step: Mapping[str, Any], **said: Any) -> dict[str, Any]:
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Step", "States": {"Step": step}}
    selector = {"v": "{% $states.context.Map.Item.Value %}", "i": "{% $states.context.Map.Item.Index %}"}
    return {
        "Type": "Map",
        "Items": "{% $states.input.items %}",
        "ItemSelector": selector,
        "ItemProcessor": processor,
        "End": True,
    } | said


STEP = task(
    Arguments={"FunctionName": "F", "Payload": "{% $states.input %}"}, Output="{% $states.result.Payload %}"
)


def test_results_are_in_the_order_of_the_items_when_a_map_is_done() -> None:
    aws = Aws(F=lambda payload: payload["v"] * 10 + payload["i"])
    execution = aws.run({"A": mapped(STEP, Output="{% $states.result %}")}, {"items": [5, 4, 3]})
    assert execution.output == [50, 41, 32]
    assert execution.entered == ["A", "Step", "Step", "Step"]
    assert execution.events == 2 + 4 + 3 * (2 + 2 + 3)


def test_nothing_runs_when_a_map_has_no_items() -> None:
    aws = Aws()
    assert aws.run({"A": mapped(STEP)}, {"items": []}).output == []
    assert aws.functions.calls == []


def test_only_so_many_run_at_once_when_a_map_says_so() -> None:
    aws = Aws(F=lambda payload: payload)
    aws.machines.faults = lambda _function: "lost"
    execution = aws.run({"A": mapped(STEP, MaxConcurrency=2)}, {"items": [1, 2, 3]})
    assert len(aws.functions.calls) == 2
    aws.machines.faults = lambda _function: None
    step = STEP | {"Retry": [RETRY]}
    aws.deploy({"A": mapped(step, MaxConcurrency=2)}, "other")
    other = aws.start(aws.machines.arn_of("other"), {"items": [1, 2, 3]}, "two")
    aws.line.run(10)
    assert (execution.status, len(other.output)) == ("RUNNING", 3)


def test_others_end_when_an_item_fails_for_good() -> None:
    def answer(payload: Any) -> Any:
        if payload["v"] == 2:
            raise BusyError
        return payload

    aws = Aws(F=answer)
    catch = [{"ErrorEquals": ["BusyError"], "Output": "caught", "Next": "B"}]
    states = {"A": mapped(STEP, MaxConcurrency=1, Catch=catch), "B": {"Type": "Succeed"}}
    execution = aws.run(states, {"items": [1, 2, 3]})
    assert (execution.output, len(aws.functions.calls)) == ("caught", 2)


def test_others_do_nothing_more_when_an_item_has_failed() -> None:
    def answer(payload: Any) -> Any:
        raise BusyError if payload["v"] == 1 else ValueError

    aws = Aws(F=answer)
    step = STEP | {"Retry": [RETRY]}
    catch = [{"ErrorEquals": ["ValueError"], "Output": "caught", "Next": "B"}]
    states = {"A": mapped(step, Catch=catch), "B": {"Type": "Wait", "Seconds": 100, "End": True}}
    execution = aws.run(states, {"items": [1, 2]}, seconds=100)
    assert (execution.output, len(aws.functions.calls)) == ("caught", 2)


def test_states_of_an_item_see_it_when_they_ask_the_context() -> None:
    aws = Aws(F=lambda payload: payload)
    payload = {"v": "{% $states.context.Map.Item.Value & $states.context.State.Name %}"}
    step = STEP | {"Arguments": {"FunctionName": "F", "Payload": payload}}
    assert aws.run({"A": mapped(step)}, {"items": ["x", "y"]}).output == [{"v": "xStep"}, {"v": "yStep"}]


# ---- definitions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "states",
    [
        {"A": {"Type": "Parallel", "Branches": [], "End": True}},
        {"A": task(HeartbeatSeconds=5)},
        {"A": task(Resource="arn:aws:states:::sqs:sendMessage")},
        {"A": task(TimeoutSeconds="{% 5 %}")},
        {"A": {"Type": "Pass", "InputPath": "$.a", "End": True}},
        {"A": {"Type": "Pass", "Output": "{% $uuid() %}", "End": True}},
        {"A": mapped(STEP, ToleratedFailurePercentage=5)},
        {"A": mapped(STEP | {"Assign": {"x": 1}})},
        {"A": task(Arguments={"FunctionName": "F", "InvocationType": "Event"})},
        {"A": task(Retry=[RETRY | {"Other": 1}])},
    ],
)
def test_definition_is_not_played_when_it_has_something_unknown(states: Any) -> None:
    with pytest.raises(NotImplementedError):
        Aws().deploy(states)


@pytest.mark.parametrize(
    "states",
    [
        {"A": task(Next="B")},
        {"A": task(End=False)},
        {"A": task(End=False, Next="B")},
        {"A": task(), "B": task()},
        {"A": task(Catch=[{"ErrorEquals": ["States.ALL", "E"], "Next": "A"}])},
        {
            "A": task(
                Catch=[{"ErrorEquals": ["States.ALL"], "Next": "A"}, {"ErrorEquals": ["E"], "Next": "A"}]
            )
        },
    ],
)
def test_definition_is_refused_when_aws_would_refuse_it(states: Any) -> None:
    with pytest.raises(DefinitionError):
        Aws().deploy(states)


def test_definition_is_refused_when_a_placeholder_has_no_value() -> None:
    aws = Aws()
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": task(Resource="${Invoke}")}}
    with pytest.raises(DefinitionError):
        aws.machines.deploy("machine", definition, {})
    aws.machines.deploy("machine", definition, {"Invoke": INVOKE})
