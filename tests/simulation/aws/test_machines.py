"""The product's four definitions on Step Functions in memory, with scripted functions, through their main ways."""

import json
import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.aws.deployed import deploy_machines
from tests.simulation.aws.executions import Execution
from tests.simulation.aws.scripted import Functions, Line
from tests.simulation.aws.states import StateMachines
from tests.support.histories import BEGIN_AND_END, definition, events_of

CLAIM, PAYOUT = "ClaimToPayoutStateMachine", "PayoutStateMachine"
CLOSE, RECONCILE = "CloseDayStateMachine", "ReconcileDayStateMachine"
PLACEHOLDERS = re.compile(r"\$\{(\w+)\}")
MINUTE, DAY = 60, 86_400
STRAIGHT: dict[str, Any] = {
    "AssessClaimFunction": {"outcome": "AUTO_APPROVED"},
    "ReservePayoutFunction": {"outcome": "RESERVED", "payout_id": "CL1P1"},
    "SubmitPayoutFunction": {"outcome": "PENDING"},
    "ConfirmPayoutFunction": {"outcome": "SUCCEEDED"},
    "PostPayoutFunction": {"outcome": "SUCCEEDED"},
    "RecordPayoutFailureFunction": {"outcome": "FAILED"},
}


class ConcurrentChangeError(Exception):
    pass


class ClaimNotFoundError(Exception):
    pass


class Played:
    def __init__(self, **answers: Any) -> None:
        self.line = Line()
        self.functions = Functions(**(STRAIGHT | answers))
        self.machines = StateMachines(self.line.now, self.line, self.functions, random.Random(11))
        self.arns = deploy_machines(self.machines)

    def start(self, machine: str, name: str = "CL1", **given: Any) -> Execution:
        text = json.dumps(given)
        said = self.machines.call("StartExecution", stateMachineArn=self.arns[machine], name=name, input=text)
        self.line.run()
        return self.machines.executions[said["executionArn"]]

    def answer(self, step: str, **output: Any) -> None:
        """What the product does when somebody acts: end the wait by its token."""
        token = self.functions.token(step)
        self.machines.call("SendTaskSuccess", taskToken=token, output=json.dumps(output))
        self.line.run()

    def payout(self) -> Execution:
        return next(one for one in self.machines.executions.values() if one.machine_arn == self.arns[PAYOUT])


def claim(played: Played) -> Execution:
    execution = played.start(CLAIM, claim_no="CL1")
    played.answer("documents")
    return execution


def test_four_machines_are_deployed_when_the_template_is_read() -> None:
    assert set(Played().arns) == {CLAIM, PAYOUT, CLOSE, RECONCILE}


def test_claim_is_paid_when_everybody_answers() -> None:
    played = Played()
    execution = claim(played)
    played.answer("agreement", answer="ACCEPTED")
    assert played.payout().name.startswith("CL1-")
    played.answer("HoldPayoutFunction")
    assert execution.status == "SUCCEEDED"
    assert execution.entered == [
        *("RegisterClaim", "AwaitDocuments", "VerifyBills", "AssessClaim", "IsApproved", "AwaitAgreement"),
        *("IsAgreed", "PayClaim", "IsPaid", "CloseClaim"),
    ]
    assert played.payout().entered == [
        *("ReservePayout", "IsReserved", "SubmitPayout", "IsSubmitted", "AwaitConfirmation", "ConfirmPayout"),
        *("IsConfirmed", "PostPayout"),
    ]
    assert played.functions.payloads("ReservePayoutFunction") == [
        {"claim_no": "CL1", "obligation": 0, "advance": 0}
    ]


@pytest.mark.parametrize(("machine", "file"), [(CLAIM, "claim_to_payout"), (PAYOUT, "payout")])
def test_history_is_as_long_as_it_is_counted_elsewhere_when_nothing_fails(machine: str, file: str) -> None:
    played = Played()
    execution = claim(played)
    played.answer("agreement", answer="ACCEPTED")
    played.answer("HoldPayoutFunction")
    execution = execution if machine == CLAIM else played.payout()
    states = definition(file)["States"]
    straight = [events_of(states[name] | {"Retry": ()}, 0) for name in execution.entered]
    assert execution.events == BEGIN_AND_END + sum(straight)


def test_two_people_decide_when_the_machine_does_not() -> None:
    played = Played(AssessClaimFunction={"outcome": "REFERRED"})
    execution = claim(played)
    played.answer("decision")
    played.answer("acknowledgement", acknowledged=False)
    assert execution.entered[-3:] == ["AwaitAcknowledgement", "IsAcknowledged", "AwaitDecision"]
    played.answer("decision")
    played.answer("acknowledgement", acknowledged=True, decision="PAID")
    played.answer("agreement", answer="DISPUTED")
    played.answer("decision")
    played.answer("acknowledgement", acknowledged=True, decision="DECLINED")
    assert execution.entered[-3:] == ["IsAcknowledged", "NotifyRefusal", "CloseClaim"]


@pytest.mark.parametrize("at", ["assessment", "decision"])
def test_claim_ends_when_it_is_withdrawn(at: str) -> None:
    outcome = "WITHDRAWN" if at == "assessment" else "REFERRED"
    played = Played(AssessClaimFunction={"outcome": outcome})
    execution = claim(played)
    if at == "decision":
        played.answer("decision", withdrawn=True)
    assert (execution.status, execution.output) == ("SUCCEEDED", {"outcome": "WITHDRAWN"})


def test_claimant_is_reminded_each_week_and_the_execution_renewed_when_nothing_comes() -> None:
    played = Played()
    execution = played.start(CLAIM, claim_no="CL1")
    played.line.run(42 * 7 * DAY)
    assert played.functions.names().count("RemindClaimantFunction") == 42
    played.line.run(2 * 7 * DAY)
    assert execution.entered[-3:] == ["IsYearEnding", "RenewExecution", "ContinuedAnew"]
    assert execution.output == {"outcome": "RENEWED"}
    renewed = list(played.machines.executions.values())[-1]
    assert (renewed.name, renewed.status, renewed.entered[-1]) == ("CL1Y", "RUNNING", "AwaitDocuments")
    assert execution.stopped is not None
    assert execution.stopped - execution.started < timedelta(days=365)


def test_claim_waits_for_finance_when_its_payout_fails() -> None:
    played = Played(ReservePayoutFunction=ClaimNotFoundError())
    execution = claim(played)
    played.answer("agreement", answer="ACCEPTED")
    assert played.payout().entered == ["ReservePayout", "RecordPayoutError", "PayoutStopped"]
    assert execution.entered[-2:] == ["PayClaim", "AwaitPayout"]
    played.answer("payout", outcome="DONE")
    assert execution.entered[-2:] == ["IsSettled", "CloseClaim"]


def test_claim_stops_visibly_when_a_state_fails_for_good() -> None:
    played = Played(AssessClaimFunction=ClaimNotFoundError())
    execution = claim(played)
    assert execution.entered[-2:] == ["RecordClaimFailure", "ClaimStopped"]
    assert (execution.status, execution.error) == ("FAILED", "ClaimWorkflowFailed")
    assert execution.cause == "A state failed for good: AssessClaim"
    assert played.functions.payloads("RecordClaimFailureFunction") == [
        {"claim_no": "CL1", "state": "AssessClaim"}
    ]


def tasks_of(name: str) -> list[str]:
    return [task for task, state in definition(name)["States"].items() if state["Type"] == "Task"]


@pytest.mark.parametrize(
    ("file", "machine", "state"),
    [
        *(("claim_to_payout", CLAIM, state) for state in tasks_of("claim_to_payout")),
        *(("payout", PAYOUT, state) for state in tasks_of("payout")),
    ],
)
def test_failure_leads_where_the_definition_says_when_a_task_fails_for_good(
    file: str, machine: str, state: str
) -> None:
    """As `tests/workflows` sees it on the local engine; here a machine begins at that task."""
    played = Played()
    said = definition(file)
    begin = {"Type": "Pass", "Assign": {"failed_state": "none", "payout_id": "P", "round": 0}, "Next": state}
    other = {"Type": "Choice", "Choices": [{"Condition": True, "Next": "Begin"}], "Default": said["StartAt"]}
    states = {"Any": other, "Begin": begin} | {
        name: told | {"Comment": ""} for name, told in said["States"].items()
    }
    copied = {"Comment": "", "QueryLanguage": "JSONata", "StartAt": "Any", "States": states}
    resource = {
        "LambdaInvoke": "lambda:invoke",
        "LambdaInvokeWaitForTaskToken": "lambda:invoke.waitForTaskToken",
    }
    resource |= {
        "StartExecution": "states:startExecution",
        "StartExecutionSync": "states:startExecution.sync:2",
    }
    filled = {name: f"arn:aws:states:::{what}" for name, what in resource.items()}
    filled |= {name: name for name in PLACEHOLDERS.findall(json.dumps(said)) if name not in filled}
    filled["PayoutArn"] = "arn:aws:states:us-east-1:000000000000:stateMachine:gone"
    played.functions.answers = dict.fromkeys(filled, ClaimNotFoundError())
    played.arns["copy"] = played.machines.deploy("copy", copied, filled)
    execution = played.start("copy", claim_no="CL1", outcome="ERROR")
    last = said["States"][state]["Catch"][-1]
    assert last["ErrorEquals"] == ["States.ALL"]
    if state == "RenewExecution":
        assert execution.entered[3] == "ContinuedAnew", "the copy is there, so that it can be started anew"
    else:
        assert execution.entered[:4] == ["Any", "Begin", state, last["Next"]]


def test_task_is_tried_again_when_its_error_passes() -> None:
    played = Played(
        AssessClaimFunction=[ConcurrentChangeError(), ConcurrentChangeError(), {"outcome": "REFERRED"}]
    )
    execution = claim(played)
    played.line.run(6)
    assert execution.entered[-1] == "AwaitDecision"
    assert execution.entered.count("AssessClaim") == 1


def test_payee_is_asked_every_day_when_a_large_payout_waits_for_an_identity() -> None:
    played = Played(ReservePayoutFunction={"outcome": "IDENTITY_REQUIRED", "payout_id": "CL1P1"})
    execution = played.start(PAYOUT, claim_no="CL1")
    played.line.run(59 * DAY)
    assert execution.entered[-2:] == ["IsExecutionOld", "AwaitIdentity"]
    played.line.run(3 * DAY)
    assert execution.entered[-2:] == ["RenewExecution", "ContinuedAnew"]
    assert played.functions.payloads("ReservePayoutFunction")[-1] == {
        "claim_no": "CL1",
        "obligation": 0,
        "advance": 0,
    }


def test_payout_is_asked_about_for_more_than_a_day_when_no_answer_is_one() -> None:
    played = Played(ConfirmPayoutFunction={"outcome": "PENDING"})
    execution = played.start(PAYOUT, claim_no="CL1", advance=2)
    played.line.run(3 * 20)
    assert execution.entered[-2:] == ["IsConfirmed", "AwaitWorker"]
    played.line.run(97 * 20 * MINUTE)
    assert played.functions.names().count("ConfirmPayoutFunction") == 100
    assert (execution.status, execution.entered[-1]) == ("SUCCEEDED", "RecordPayoutFailure")
    assert played.functions.payloads("RecordPayoutFailureFunction") == [
        {"claim_no": "CL1", "advance": 2, "payout_id": "CL1P1", "outcome": "PENDING"}
    ]


def companies(*pages: list[str]) -> Callable[[Any], Any]:
    """A listing of the companies, page by page."""

    def list_page(payload: Any) -> Any:
        at = int(payload["page_token"] or 0)
        token = str(at + 1) if at + 1 < len(pages) else ""
        return {"company_ids": pages[at], "day": "2026-11-23", "next_token": token}

    return list_page


def statement(payload: Any) -> Any:
    if payload["company_id"] == "broken":
        raise ClaimNotFoundError
    return {"company_id": payload["company_id"], "policies": 2, "premium_fen": 140}


def exits(played: Played, machine: str) -> list[tuple[str, str]]:
    return [
        (one.status, one.entered[-1])
        for one in played.machines.executions.values()
        if one.machine_arn == played.arns[machine]
    ]


def test_day_is_closed_page_by_page_when_there_are_more_companies() -> None:
    pages = companies(["a", "b"], ["c"], [])
    played = Played(ListCompaniesFunction=pages, IssueStatementFunction=statement)
    execution = played.start(CLOSE, "day", scheduled_at="2026-11-24T00:30:00+08:00")
    assert exits(played, CLOSE) == [("SUCCEEDED", "DayClosed")] * 3
    assert execution.output["premium_fen"] == 280
    assert [payload["company_id"] for payload in played.functions.payloads("IssueStatementFunction")] == [
        "a",
        "b",
        "c",
    ]


def test_day_is_not_closed_when_a_company_of_a_later_page_fails() -> None:
    played = Played(ListCompaniesFunction=companies(["a"], ["broken"]), IssueStatementFunction=statement)
    played.start(CLOSE, "day", scheduled_at="2026-11-24T00:30:00+08:00")
    assert exits(played, CLOSE) == [("FAILED", "DayNotClosed")] * 2


def test_day_is_reconciled_when_only_a_file_did_not_get_through() -> None:
    played = Played(
        ListCompaniesFunction=companies(["a", "b"]),
        SendDailyFileFunction=ClaimNotFoundError(),
        ReconcileCompanyFunction=lambda payload: {"company_id": payload["company_id"], "breaks": 1},
    )
    execution = played.start(RECONCILE, "day", scheduled_at="2026-11-24T11:00:00+08:00")
    assert (execution.status, execution.entered[-1]) == ("SUCCEEDED", "DayReconciled")
    assert (execution.output["breaks"], execution.output["failed"]) == (2, 0)
