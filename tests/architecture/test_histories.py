"""No execution comes near the 25,000 events at which Step Functions ends it, on the worst way through a definition."""

import copy

import pytest

from daycover.projects.listing import COMPANIES_PER_EXECUTION
from tests.support.histories import UnboundedError, definition, events_of, worst_events

BOUND = 12_500
"""Half of what Step Functions takes."""
PEOPLE = {"claim_to_payout": ("AwaitDecision", 4), "payout": ("AwaitIdentity", 4)}
"""Where people send a claim round once more: disputed, sent back, reopened; a proof that grew old. Four times."""


MACHINES = ["claim_to_payout", "payout", "close_day", "reconcile_day"]
LAMBDA_FAILS = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
}
"""By no fault of a function's; the last two are what a container says that dies or hangs."""


@pytest.mark.parametrize("name", MACHINES)
def test_every_task_repeats_what_is_no_fault_of_its_function(name: str) -> None:
    states = dict(definition(name)["States"])
    for state in tuple(states.values()):
        states |= state.get("ItemProcessor", {}).get("States", {})
    for task, state in states.items():
        if state.get("Resource", "").startswith("${LambdaInvoke"):
            repeated = {error for retrier in state["Retry"] for error in retrier["ErrorEquals"]}
            assert repeated >= LAMBDA_FAILS, task


@pytest.mark.parametrize("name", MACHINES)
def test_history_stays_below_half_of_the_limit_on_the_worst_way(name: str) -> None:
    events = worst_events(definition(name), COMPANIES_PER_EXECUTION, PEOPLE.get(name, ("", 0)))
    assert 1_000 < events <= BOUND


def test_a_page_of_a_thousand_would_end_a_day_on_the_way() -> None:
    """What was deployed before: the walk finds what reading had found."""
    assert worst_events(definition("close_day"), 1_000) > 25_000
    assert worst_events(definition("reconcile_day"), 1_000) > 25_000


def test_events_of_a_task_are_those_of_all_its_attempts() -> None:
    task = {"Type": "Task", "Resource": "${LambdaInvoke}"}
    assert events_of(task, 0) == 5, "entered, scheduled, started, succeeded, exited"
    assert events_of(task | {"Retry": [{"MaxAttempts": 2}, {"MaxAttempts": 1}]}, 0) == 14
    waiting = {"Type": "Task", "Resource": "${LambdaInvokeWaitForTaskToken}"}
    assert events_of(waiting, 0) == 6
    machine = {"StartAt": "T", "States": {"T": task | {"End": True}}}
    assert events_of({"Type": "Map", "ItemProcessor": machine}, 10) == 4 + 10 * (2 + 5)


def test_loop_without_an_end_of_its_own_is_found() -> None:
    endless = copy.deepcopy(definition("payout"))
    endless["States"]["IsConfirmed"]["Choices"][1]["Condition"] = "{% $states.input.outcome = 'FAILED' %}"
    endless["States"]["ConfirmPayout"]["Assign"] = {}
    with pytest.raises(UnboundedError):
        worst_events(endless, 0, PEOPLE["payout"])
    silent = copy.deepcopy(definition("payout"))
    silent["States"]["RemindIdentity"]["Next"] = "AwaitIdentity"
    with pytest.raises(UnboundedError):
        worst_events(silent, 0, ("", 0))
