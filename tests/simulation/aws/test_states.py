"""Step Functions in memory does what its documentation says: names, tokens, retries, timeouts, limits, Maps."""

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.simulation.aws.executions import MOST_EVENTS, LambdaError
from tests.simulation.aws.scripted_states import DAY, RETRY, Aws, BusyError, refused, task, waiting

# ---- executions -------------------------------------------------------------------------------------


def test_start_gives_the_same_execution_when_name_and_input_are_those_of_one_that_runs() -> None:
    aws = Aws()
    arn = aws.deploy({"A": waiting()})
    first = aws.start(arn, {"a": 1})
    aws.line.run(5)
    assert aws.start(arn, {"a": 1}) is first
    assert refused(lambda: aws.start(arn, {"a": 2})) == "ExecutionAlreadyExists"
    assert len(aws.functions.calls) == 1


def test_name_is_taken_for_ninety_days_when_its_execution_has_ended() -> None:
    aws = Aws()
    arn = aws.deploy({"A": {"Type": "Succeed"}})
    first = aws.start(arn)
    aws.line.run()
    assert first.status == "SUCCEEDED"
    aws.line.run(90 * DAY - 1)
    assert refused(lambda: aws.start(arn)) == "ExecutionAlreadyExists"
    aws.line.run(1)
    assert refused(lambda: aws.machines.call("DescribeExecution", executionArn=first.arn)) == (
        "ExecutionDoesNotExist"
    )
    assert aws.start(arn) is not first


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a:b", "a#b", "a\n", "x" * 81, "a\ud800"])
def test_start_is_refused_when_the_name_is_none(name: str) -> None:
    aws = Aws()
    arn = aws.deploy({"A": {"Type": "Succeed"}})
    assert refused(lambda: aws.start(arn, name=name)) == "InvalidName"


def test_start_is_refused_when_machine_or_input_is_none() -> None:
    aws = Aws()
    arn = aws.deploy({"A": {"Type": "Succeed"}})
    call = aws.machines.call
    assert refused(lambda: call("StartExecution", stateMachineArn=arn + "x")) == "StateMachineDoesNotExist"
    assert refused(lambda: call("StartExecution", stateMachineArn="machine")) == "InvalidArn"
    assert refused(lambda: call("StartExecution", stateMachineArn=arn, input="{")) == "InvalidExecutionInput"
    large = json.dumps("x" * 262_143)
    assert refused(lambda: call("StartExecution", stateMachineArn=arn, input=large)) == "ValidationException"
    with pytest.raises(NotImplementedError):
        call("StartExecution", stateMachineArn=arn, traceHeader="t")
    with pytest.raises(NotImplementedError):
        call("StopExecution", executionArn=arn)


def test_execution_is_described_when_it_has_ended() -> None:
    aws = Aws()
    execution = aws.run(
        {"A": {"Type": "Pass", "Output": {"x": "{% $states.input.y %}"}, "End": True}}, {"y": 3}
    )
    said = aws.machines.call("DescribeExecution", executionArn=execution.arn)
    assert (said["status"], said["output"], said["input"]) == ("SUCCEEDED", '{"x":3}', '{"y": 3}')
    assert said["executionArn"].endswith(":execution:machine:one")


def test_execution_times_out_when_its_year_is_over() -> None:
    aws = Aws()
    execution = aws.start(aws.deploy({"A": waiting(TimeoutSeconds=400 * DAY)}))
    aws.line.run(365 * DAY - 1)
    assert execution.status == "RUNNING"
    aws.line.run(1)
    assert (execution.status, execution.error) == ("TIMED_OUT", "")
    token = aws.functions.token("F")
    answer = {"taskToken": token, "output": "{}"}
    assert refused(lambda: aws.machines.call("SendTaskSuccess", **answer)) == "TaskTimedOut"


def test_execution_fails_when_its_history_is_full() -> None:
    aws = Aws()
    execution = aws.run({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}})
    assert (execution.status, execution.events) == ("FAILED", MOST_EVENTS)
    assert len(execution.visits) == (MOST_EVENTS - 2) // 2 + 1


@pytest.mark.parametrize(("turns", "status"), [(6249, "SUCCEEDED"), (6250, "FAILED")])
def test_last_event_is_the_end_when_the_history_has_room_for_it(turns: int, status: str) -> None:
    """One event begins it, four are each turn's, two the last state's and one the end's."""
    aws = Aws()
    again = {"Condition": f"{{% $n < {turns} %}}", "Next": "A"}
    states = {
        "A": {"Type": "Pass", "Assign": {"n": "{% $exists($n) ? $n + 1 : 1 %}"}, "Next": "B"},
        "B": {"Type": "Choice", "Choices": [again], "Default": "C"},
        "C": {"Type": "Succeed"},
    }
    execution = aws.run(states)
    assert (execution.status, execution.events) == (status, MOST_EVENTS)


# ---- tasks ------------------------------------------------------------------------------------------


def test_function_gets_its_payload_and_the_state_its_answer_when_a_task_invokes() -> None:
    aws = Aws(F={"x": [1, None]})
    arguments = {
        "FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:F",
        "Payload": {"n": "{% $states.input.n %}"},
    }
    execution = aws.run({"A": task(Arguments=arguments, Output="{% $states.result.Payload %}")}, {"n": 5})
    assert aws.functions.calls == [("F", {"n": 5})]
    assert execution.output == {"x": [1, None]}


def test_wait_ends_once_when_its_token_is_answered() -> None:
    aws = Aws()
    execution = aws.start(aws.deploy({"A": waiting(TimeoutSeconds=DAY)}))
    aws.line.run(10)
    answer = {"taskToken": aws.functions.token("F"), "output": '{"ok": true}'}
    assert (
        refused(lambda: aws.machines.call("SendTaskSuccess", **answer | {"output": "{"})) == "InvalidOutput"
    )
    aws.machines.call("SendTaskSuccess", **answer)
    assert execution.status == "RUNNING", "others may come first"
    assert refused(lambda: aws.machines.call("SendTaskSuccess", **answer)) == "TaskTimedOut"
    aws.line.run()
    assert execution.output == {"ok": True}
    assert refused(lambda: aws.machines.call("SendTaskSuccess", taskToken="x", output="1")) == "InvalidToken"
    unknown = {"taskToken": "AQ00", "output": "1"}
    assert refused(lambda: aws.machines.call("SendTaskSuccess", **unknown)) == "TaskDoesNotExist"


def test_wait_ends_when_the_function_answers_its_own_token() -> None:
    aws = Aws()

    def answer(payload: Any) -> None:
        aws.machines.call("SendTaskSuccess", taskToken=payload["task_token"], output="7")
        raise BusyError

    aws.functions.answers["F"] = answer
    assert aws.run({"A": waiting()}).output == 7


def test_wait_fails_when_its_token_is_refused() -> None:
    aws = Aws()
    catch = [{"ErrorEquals": ["No"], "Output": "{% $states.errorOutput.Cause %}", "Next": "B"}]
    execution = aws.run({"A": waiting(Catch=catch), "B": {"Type": "Succeed"}})
    aws.machines.call("SendTaskFailure", taskToken=aws.functions.token("F"), error="No", cause="why")
    aws.line.run()
    assert (execution.status, execution.output) == ("SUCCEEDED", "why")


def test_token_is_spent_when_the_attempt_that_it_was_given_to_is_over() -> None:
    aws = Aws(F=[LambdaError("Lambda.Unknown"), None])
    execution = aws.run({"A": waiting(Retry=[RETRY], TimeoutSeconds=60)}, seconds=10)
    first, second = (payload["task_token"] for payload in aws.functions.payloads("F"))
    assert (
        refused(lambda: aws.machines.call("SendTaskSuccess", taskToken=first, output="1")) == "TaskTimedOut"
    )
    aws.machines.call("SendTaskSuccess", taskToken=second, output="2")
    aws.line.run()
    assert execution.output == 2


def test_task_is_tried_again_within_the_bounds_when_its_error_is_named() -> None:
    aws = Aws(F=BusyError())
    retry = RETRY | {"JitterStrategy": "FULL"}
    catch = [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Next": "B"}]
    execution = aws.start(aws.deploy({"A": task(Retry=[retry], Catch=catch), "B": {"Type": "Succeed"}}))
    times = [aws.line.time]
    while execution.status == "RUNNING":
        calls = len(aws.functions.calls)
        aws.line.step()
        if len(aws.functions.calls) > calls:
            times.append(aws.line.time)
    pauses = [(after - before).total_seconds() for before, after in pairwise(times[1:])]
    assert len(pauses) == 3
    assert all(0 <= pause <= most for pause, most in zip(pauses, (2, 4, 5), strict=True))
    assert not {2, 4, 5} & set(pauses), "jitter"
    assert execution.output == "BusyError"


def test_pauses_double_up_to_the_longest_when_there_is_no_jitter() -> None:
    aws = Aws(F=BusyError())
    aws.run({"A": task(Retry=[RETRY])}, seconds=10.9)
    assert len(aws.functions.calls) == 3
    aws.line.run(0.1)
    assert len(aws.functions.calls) == 4
    assert aws.machines.executions[next(iter(aws.machines.executions))].error == "BusyError"


def test_first_retrier_alone_decides_when_two_name_an_error() -> None:
    aws = Aws(F=BusyError())
    execution = aws.run({"A": task(Retry=[RETRY | {"MaxAttempts": 1}, RETRY])}, seconds=100)
    assert (execution.error, len(aws.functions.calls)) == ("BusyError", 2)


def test_tries_begin_anew_when_a_state_is_entered_again() -> None:
    fails: Any = [BusyError(), {"n": 1}, BusyError(), {"n": 2}]
    aws = Aws(F=fails)
    choice = {"Condition": "{% $states.input.n = 1 %}", "Next": "A"}
    states = {
        "A": task(
            Retry=[RETRY | {"MaxAttempts": 1}], Output="{% $states.result.Payload %}", End=False, Next="B"
        ),
        "B": {"Type": "Choice", "Choices": [choice], "Default": "C"},
        "C": {"Type": "Succeed"},
    }
    execution = aws.run(states, seconds=100)
    assert (execution.status, execution.entered) == ("SUCCEEDED", ["A", "B", "A", "B", "C"])


def test_error_is_not_tried_again_when_no_retrier_names_it() -> None:
    aws = Aws(F=ValueError("no"))
    execution = aws.run({"A": task(Retry=[RETRY])}, seconds=100)
    assert (execution.status, execution.error, len(aws.functions.calls)) == ("FAILED", "ValueError", 1)
    assert json.loads(execution.cause) == {"errorMessage": "no", "errorType": "ValueError"}


@pytest.mark.parametrize(
    ("fault", "error", "calls"), [("lost", "States.Timeout", 4), ("unreached", "Lambda.ServiceException", 0)]
)
def test_attempts_run_or_not_when_the_network_fails(fault: str, error: str, calls: int) -> None:
    aws = Aws()
    aws.machines.faults = lambda _function: fault
    execution = aws.run({"A": task(Retry=[RETRY])}, seconds=1000)
    assert (execution.error, len(aws.functions.calls)) == (error, calls)


def test_error_is_unknown_when_the_answer_that_tells_of_it_is_lost() -> None:
    aws = Aws(F=ValueError())
    aws.machines.faults = lambda _function: "lost"
    assert aws.run({"A": task()}, seconds=30).error == "States.Timeout"


def test_function_runs_twice_when_its_answer_was_lost_once() -> None:
    aws = Aws(F={"x": 1})
    faults = iter(["lost", None])
    aws.machines.faults = lambda _function: next(faults)
    execution = aws.run({"A": task(Retry=[RETRY], Output="{% $states.result.Payload %}")}, seconds=31)
    assert execution.status == "RUNNING"
    aws.line.run(1)
    assert (execution.output, len(aws.functions.calls)) == ({"x": 1}, 2)


def test_wait_goes_on_when_only_the_answer_of_its_function_was_lost() -> None:
    aws = Aws()
    aws.machines.faults = lambda _function: "lost"
    execution = aws.run({"A": waiting()}, seconds=10)
    aws.machines.call("SendTaskSuccess", taskToken=aws.functions.token("F"), output="1")
    aws.line.run()
    assert execution.output == 1


def test_wait_times_out_from_its_beginning_when_nobody_answers() -> None:
    aws = Aws()
    catch = [{"ErrorEquals": ["States.Timeout"], "Output": {}, "Assign": {"w": "A"}, "Next": "B"}]
    execution = aws.run(
        {"A": waiting(Catch=catch, TimeoutSeconds=20), "B": {"Type": "Succeed"}}, seconds=19.9
    )
    assert execution.status == "RUNNING"
    aws.line.run(0.1)
    assert execution.entered == ["A", "B"]
    assert execution.visits[1].at - execution.visits[0].at == timedelta(seconds=20)


def test_time_of_a_wait_that_was_answered_is_no_matter_of_the_next_one() -> None:
    aws = Aws()
    states = {"A": waiting(TimeoutSeconds=20, End=False, Next="B"), "B": waiting(TimeoutSeconds=100)}
    execution = aws.run(states, seconds=10)
    aws.machines.call("SendTaskSuccess", taskToken=aws.functions.token("F"), output="1")
    aws.line.run(50)
    assert (execution.status, execution.entered) == ("RUNNING", ["A", "B"])


def test_too_much_is_no_matter_of_all_errors_when_an_answer_is_large() -> None:
    aws = Aws(F={"x": "x" * 262_144})
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    execution = aws.run({"A": task(Catch=catch), "B": {"Type": "Succeed"}})
    assert (execution.status, execution.error) == ("FAILED", "States.DataLimitExceeded")


def test_error_of_an_expression_can_be_caught_when_a_task_has_it() -> None:
    aws = Aws()
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": 1, "Next": "B"}]
    execution = aws.run(
        {"A": task(Catch=catch, Output="{% $states.result.Payload.x %}"), "B": {"Type": "Succeed"}}
    )
    assert (execution.output, aws.functions.names()) == (1, ["F"])


def test_execution_fails_when_a_choice_has_no_answer() -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.x %}", "Next": "B"}]}
    states = {"A": choice, "B": {"Type": "Succeed"}}
    assert Aws().run(states).error == "States.QueryEvaluationError"
    assert Aws().run(states, {"x": "true"}).error == "States.QueryEvaluationError"
    assert Aws().run(states, {"x": False}).error == "States.NoChoiceMatched"
    assert Aws().run(states, {"x": True}).status == "SUCCEEDED"


def test_variables_change_together_when_a_state_is_left() -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"a": 1, "b": 2}, "Next": "B"},
        "B": {
            "Type": "Pass",
            "Assign": {"a": "{% $b %}", "b": "{% $a %}"},
            "Output": "{% $a %}",
            "Next": "C",
        },
        "C": {"Type": "Succeed", "Output": "{% [$states.input, $a, $b] %}"},
    }
    assert Aws().run(states).output == [1, 2, 1]


def test_execution_pauses_when_a_state_waits() -> None:
    aws = Aws()
    until = (aws.line.time + timedelta(seconds=50)).isoformat()
    states = {
        "A": {"Type": "Wait", "Seconds": 20, "Next": "B"},
        "B": {"Type": "Wait", "Timestamp": "{% $states.input %}", "End": True},
    }
    execution = aws.run(states, until, seconds=49)
    assert execution.entered == ["A", "B"]
    aws.line.run(1)
    assert execution.status == "SUCCEEDED"


def test_simulation_s_own_errors_pass_when_a_function_raises_them() -> None:
    for error in (NotImplementedError("queue"), AssertionError("an invariant")):
        with pytest.raises(type(error)):
            Aws(F=error).run({"A": task(Retry=[RETRY])})


# ---- while a function runs --------------------------------------------------------------------------


def running(aws: Aws, seconds: float, answer: bool = False) -> Any:
    """A function that takes so long, while everything else goes on; it may answer its token first."""

    def run(payload: Any) -> Any:
        if answer:
            aws.machines.call("SendTaskSuccess", taskToken=payload["task_token"], output="1")
        aws.line.run(seconds)
        return {}

    return run


def test_next_state_is_left_alone_when_a_function_returns_after_its_wait_was_over() -> None:
    aws = Aws()
    aws.functions.answers = {"F": running(aws, 5, answer=True), "G": None}
    second = waiting(TimeoutSeconds=100)
    second["Arguments"] = second["Arguments"] | {"FunctionName": "G"}
    execution = aws.run({"A": waiting(TimeoutSeconds=20, End=False, Next="B"), "B": second})
    assert (execution.entered, execution.events) == (["A", "B"], 1 + 1 + 3 + 1 + 1 + 3)
    aws.line.run(90)
    assert execution.status == "RUNNING"
    aws.line.run(10)
    assert execution.error == "States.Timeout"


def test_wait_times_out_when_its_function_takes_too_long() -> None:
    aws = Aws()
    aws.functions.answers["F"] = running(aws, 25)
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "B"}]
    execution = aws.run({"A": waiting(TimeoutSeconds=20, Catch=catch), "B": {"Type": "Succeed"}})
    assert execution.entered == ["A", "B"]
    assert (execution.visits[1].at - execution.visits[0].at).total_seconds() == 20


@pytest.mark.parametrize(("seconds", "error"), [(29.9, ""), (30, "States.Timeout")])
def test_task_times_out_when_its_function_takes_too_long(seconds: float, error: str) -> None:
    aws = Aws()
    aws.functions.answers["F"] = running(aws, seconds)
    assert aws.run({"A": task()}).error == error


def test_late_error_is_a_timeout_when_a_function_takes_too_long() -> None:
    aws = Aws()

    def fail(payload: Any) -> None:
        aws.line.run(31)
        raise BusyError

    aws.functions.answers["F"] = fail
    assert aws.run({"A": task()}).error == "States.Timeout"


def test_lost_answer_times_out_at_the_same_time_when_its_function_was_slow() -> None:
    aws = Aws()
    aws.functions.answers["F"] = running(aws, 10)
    aws.machines.faults = lambda _function: "lost"
    execution = aws.run({"A": task()}, seconds=30)
    assert execution.error == "States.Timeout"
    assert execution.stopped is not None
    assert (execution.stopped - execution.started).total_seconds() == 30
