"""The definitions of ClaimToPayout and Payout as documents: complete, reachable, and free of literal ARNs."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_all

import daycover
from daycover.claims.claim import claim_number
from daycover.errors import DaycoverError
from daycover.platform.problems import slug_of
from tests.support.builders import NOW
from tests.support.functions import HANDLERS

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "functions" / "workflows" / f"{name}.asl.json" for name in ("claim_to_payout", "payout")]
PLACEHOLDER = re.compile(r'"\$\{[A-Za-z]+\}"')
OF_AWS = re.compile(r"^(States|Lambda|StepFunctions|Sandbox)\.[A-Za-z]+$")
TASK_TOKEN = "{% $states.context.Task.Token %}"


def states_of(path: Path) -> dict[str, dict[str, Any]]:
    states: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["States"]
    return states


STATES = [
    pytest.param(state, id=f"{path.name.split('.')[0]}-{name}")
    for path in FILES
    for name, state in states_of(path).items()
]
TASKS = [parameter for parameter in STATES if parameter.values[0]["Type"] == "Task"]  # type: ignore[index]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_definition_is_json_of_one_query_language_when_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    definition = json.loads(text)
    assert definition["QueryLanguage"] == "JSONata"
    assert definition["Comment"]
    assert "arn:" not in text
    assert text.count("${") == len(PLACEHOLDER.findall(text)), "a placeholder is a whole quoted string"


@pytest.mark.parametrize("state", STATES)
def test_state_says_why_it_exists(state: dict[str, Any]) -> None:
    assert len(state["Comment"]) > 20


@pytest.mark.parametrize("state", TASKS)
def test_task_has_a_timeout_named_retries_and_a_catch(state: dict[str, Any]) -> None:
    assert 0 < state["TimeoutSeconds"] <= 7 * 86400
    assert isinstance(state["TimeoutSeconds"], int), "the local engine takes numbers only"
    for retrier in state["Retry"]:
        assert "States.ALL" not in retrier["ErrorEquals"]
        assert "States.TaskFailed" not in retrier["ErrorEquals"]
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["MaxDelaySeconds"] <= 60
        assert retrier["MaxAttempts"] <= 6
    assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


@pytest.mark.parametrize("state", TASKS)
def test_errors_exist_when_a_retry_or_catch_names_them(state: dict[str, Any]) -> None:
    known = {error.__name__ for error in _all_errors()}
    for rule in [*state["Retry"], *state["Catch"]]:
        for name in rule["ErrorEquals"]:
            assert name in known or OF_AWS.match(name), name


@pytest.mark.parametrize("state", TASKS)
def test_only_ids_enter_when_a_task_is_called(state: dict[str, Any]) -> None:
    payload = state["Arguments"].get("Payload") or state["Arguments"]["Input"]
    allowed = {
        "claim_no",
        "advance",
        "payout_id",
        "obligation",
        "step",
        "state",
        "outcome",
        "task_token",
        "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID",
    }
    assert set(payload) <= allowed
    waits = state["Resource"] == "${LambdaInvokeWaitForTaskToken}"
    assert (payload.get("task_token") == TASK_TOKEN) is waits


@pytest.mark.parametrize("state", TASKS)
def test_wait_never_ends_a_claim_when_its_time_is_over(state: dict[str, Any]) -> None:
    """Silence leads to a reminder, a question or the same wait again; never to a refusal or an end."""
    if state["Resource"] == "${LambdaInvokeWaitForTaskToken}":
        on_timeout = [c["Next"] for c in state["Catch"] if c["ErrorEquals"] == ["States.Timeout"]]
        assert len(on_timeout) == 1
        assert on_timeout[0].startswith(("Remind", "Await", "ConfirmPayout", "IsYearEnding"))


CLAIM = states_of(FILES[0])
WAITS = [name for name, state in CLAIM.items() if state.get("Resource") == "${LambdaInvokeWaitForTaskToken}"]
DAY_SECONDS = 86_400
YEAR_SECONDS = 365 * DAY_SECONDS
"""Step Functions ends an execution after one year."""
MOST_EVENTS = 25_000
"""And when its history has so many events."""
ROUNDS = 4
"""How often people may send a claim through every state beside the waits that run out day by day."""


def age_of_renewal() -> int:
    """After how many seconds an execution is renewed, as the definition says it."""
    renewal, *_ = CLAIM["IsYearEnding"]["Choices"]
    assert renewal["Next"] == "RenewExecution"
    condition = r"{% \$millis\(\) - \$toMillis\(\$states\.context\.Execution\.StartTime\) > (\d+) %}"
    found = re.fullmatch(condition, renewal["Condition"])
    assert found
    return int(found[1]) // 1000


def way_back(wait: str) -> list[str]:
    """The states from a wait that ran out, it included, until it opens again, of an execution that is young."""
    name, passed = wait, list[str]()
    while name != wait or not passed:
        passed.append(name)
        state = CLAIM[name]
        if name == "IsYearEnding":
            targets = {c["Condition"]: c["Next"] for c in state["Choices"]}
            name = targets.get(f"{{% $wait = '{wait}' %}}", state["Default"])
        elif name == wait:
            [caught] = [c for c in state["Catch"] if c["ErrorEquals"] == ["States.Timeout"]]
            assert caught["Assign"] == {"wait": wait}
            name = caught["Next"]
        else:
            name = state["Next"]
    return passed


def most_events(name: str) -> int:
    """What a state adds to the history at most: entry and exit, and four a try of a task, each retry used up."""
    retries = sum(retrier["MaxAttempts"] for retrier in CLAIM[name].get("Retry", ()))
    return 2 + (4 * (1 + retries) if CLAIM[name]["Type"] == "Task" else 0)


@pytest.mark.parametrize("wait", WAITS)
def test_wait_opens_again_when_it_ran_out_in_a_young_execution(wait: str) -> None:
    passed = way_back(wait)
    assert passed[0] == wait
    assert passed[-1] == "IsYearEnding", "before it opens again, it is asked how old the execution is"
    assert all(name.startswith("Remind") for name in passed[1:-1])


def test_execution_is_renewed_before_its_year_is_over() -> None:
    longest = sum(state.get("TimeoutSeconds", 0) for name, state in CLAIM.items() if _may_take_days(name))
    assert age_of_renewal() + ROUNDS * longest < YEAR_SECONDS


def test_history_stays_below_half_of_its_bound_when_every_wait_runs_out_until_the_renewal() -> None:
    rate = max(
        sum(most_events(name) for name in way_back(wait)) / CLAIM[wait]["TimeoutSeconds"] for wait in WAITS
    )
    beside = ROUNDS * sum(most_events(name) for name in CLAIM)
    assert rate * age_of_renewal() + beside <= MOST_EVENTS / 2


def test_renewed_execution_is_the_same_machine_under_a_name_that_a_repeat_finds() -> None:
    renewal = CLAIM["RenewExecution"]
    assert renewal["Arguments"] == {
        "StateMachineArn": "{% $states.context.StateMachine.Id %}",
        "Name": "{% $states.context.Execution.Name & 'Y' %}",
        "Input": {"claim_no": "{% $states.context.Execution.Input.claim_no %}"},
    }
    assert _next_of(renewal) == ["ContinuedAnew", "ContinuedAnew", "RecordClaimFailure"]
    started, repeated = renewal, renewal["Catch"][0]
    assert started["Output"] == repeated["Output"] == {"outcome": "RENEWED"}
    reopened_often = f"{claim_number('PL', NOW)}-R999"
    assert len(reopened_often + 40 * "Y") <= 80, "a name of Step Functions; four decades of renewals"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_definition_is_valid_when_it_stands_in_a_template(path: Path) -> None:
    """The linter does not open the files that a template names."""
    integrations = {
        "LambdaInvoke": "lambda:invoke",
        "LambdaInvokeWaitForTaskToken": "lambda:invoke.waitForTaskToken",
        "StartExecution": "states:startExecution",
        "StartExecutionSync": "states:startExecution.sync:2",
    }

    def filled(match: re.Match[str]) -> str:
        arn = f"arn:aws:lambda:us-east-1:123456789012:function:{match[1]}"
        return f"arn:aws:states:::{integrations[match[1]]}" if match[1] in integrations else arn

    definition = json.loads(re.sub(r"\$\{(\w+)\}", filled, path.read_text(encoding="utf-8")))
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"RoleArn": "arn:aws:iam::123456789012:role/machine", "Definition": definition},
    }
    found = lint_all(json.dumps({"Resources": {"Machine": machine}}))
    assert [str(match) for match in found if match.rule.id[0] in "EW"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_state_is_reached_when_all_ways_are_taken(path: Path) -> None:
    definition = json.loads(path.read_text(encoding="utf-8"))
    states = definition["States"]
    seen, frontier = set(), [definition["StartAt"]]
    while frontier:
        name = frontier.pop()
        if name not in seen:
            seen.add(name)
            frontier += _next_of(states[name])
    assert seen == set(states)


def test_refusal_is_reached_only_through_a_second_person() -> None:
    """Without AwaitAcknowledgement there is no way to NotifyRefusal (no automatic refusal, ever)."""
    states = states_of(FILES[0])
    seen, frontier = set(), ["RegisterClaim"]
    while frontier:
        name = frontier.pop()
        if name not in seen and name != "AwaitAcknowledgement":
            seen.add(name)
            frontier += _next_of(states[name])
    assert "NotifyRefusal" not in seen
    assert "PayClaim" in seen


def test_failure_never_looks_like_success_when_a_state_was_caught() -> None:
    for path, recorders in zip(
        FILES, (("RecordClaimFailure",), ("RecordPayoutError", "PayoutStopped")), strict=True
    ):
        states = states_of(path)
        for recorder in recorders:
            frontier = [recorder]
            while frontier:
                state = states[frontier.pop()]
                frontier += _next_of(state)
                assert state["Type"] == "Fail" or _next_of(state)


def test_handlers_exist_when_the_definitions_name_them() -> None:
    for path in FILES:
        for name in re.findall(r"\$\{(\w+)FunctionArn\}", path.read_text(encoding="utf-8")):
            folder = slug_of(name).replace("-", "_")
            assert folder in HANDLERS, folder


def _next_of(state: dict[str, Any]) -> list[str]:
    ways = [state[key] for key in ("Next", "Default") if key in state]
    return ways + [rule["Next"] for rule in (*state.get("Choices", ()), *state.get("Catch", ()))]


def _may_take_days(name: str) -> bool:
    return bool(CLAIM[name].get("TimeoutSeconds", 0) >= DAY_SECONDS)


def _all_errors() -> Iterator[type[DaycoverError]]:
    for module in pkgutil.walk_packages(daycover.__path__, "daycover."):  # each may define some
        importlib.import_module(module.name)
    pending = [DaycoverError]
    while pending:
        error = pending.pop()
        yield error
        pending += error.__subclasses__()
