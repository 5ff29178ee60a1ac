"""ReconcileDay as deployed: every state, every choice, every catch; the last test lists what nothing reached."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.back_office import LabourCompany
from tests.support.machines import Execution, Machine, Way, ways_of
from tests.support.waiting import eventually
from tests.support.world import COMPANY, World, today

pytestmark = pytest.mark.stack
QUIET = LabourCompany("lw-quiet", "宁波静安劳务有限公司", "1900008093")


@pytest.fixture(scope="module")
def machine(world: World) -> Machine:
    deployed = Machine(world.stack, "ReconcileDayStateMachine")
    # the definition names itself for its later pages; a copy that begins elsewhere must name the deployed one
    itself = {"{% $states.context.StateMachine.Id %}": deployed.deployed["stateMachineArn"]}
    return Machine(world.stack, "ReconcileDayStateMachine", replaced=itself)


def companies(execution: Execution) -> dict[str, Any]:
    """What the Map left behind; the engine's history does not tell of the states within."""
    outputs = [
        json.loads(event["stateExitedEventDetails"]["output"])
        for event in execution.history
        if event.get("stateExitedEventDetails", {}).get("name") == "ReconcileCompanies"
    ]
    found: dict[str, Any] = outputs[0]
    return found


def files_of(world: World) -> list[Any]:
    rows: list[Any] = world.simulated.insurer_files()
    return rows


def test_day_is_reconciled_when_every_company_s_books_were_compared(world: World, machine: Machine) -> None:
    execution = machine.start({"scheduled_at": datetime.now(UTC).isoformat()})
    execution.end()
    assert execution.entered[-1] == "DayReconciled"
    found = companies(execution)
    assert found["failed"] == 0
    told = {(file["company_id"], file["day"]) for file in files_of(world)}
    assert (COMPANY.company_id, found["day"]) in told, "the insurer has the day's file"
    machine.seen |= {Way("SendDailyFile", "next", "ReconcileCompany"), Way("ReconcileCompany", "next", "")}


def test_break_is_no_failure_when_the_day_is_reconciled(world: World, machine: Machine) -> None:
    """A policy of today without a statement yet: a difference that finance sees, and the day is reconciled.

    The company pays no claims: a day with payouts is not reconciled before its money files have been read.
    """
    World.opened(world.stack, QUIET).insured_worker()
    given = {
        "day": today().isoformat(),
        "company_ids": [QUIET.company_id],
        "next_token": "",
        "scheduled_at": datetime.now(UTC).isoformat(),
    }

    def reconciled() -> Execution:
        execution = machine.start(given, "ReconcileCompanies")
        execution.end()
        return execution

    # the stream tells of the policy some time after it was issued
    execution = eventually(reconciled, lambda one: companies(one)["breaks"] >= 1, "the break is found")
    assert execution.entered[-1] == "DayReconciled"
    again = machine.start(given, "ReconcileCompanies")
    again.end()
    finance = world.staff("staff-qiao")
    listed = finance.api.get("/v1/staff/breaks").expect(200)["breaks"]
    mine = [item for item in listed if item["company_id"] == QUIET.company_id]
    assert "STATEMENT_MISSING" in {item["kind"] for item in mine}
    subjects = [(item["kind"], item["subject"], item["day"]) for item in mine]
    assert len(subjects) == len(set(subjects)), "a break is found once"


def test_day_does_not_look_reconciled_when_a_company_fails(machine: Machine) -> None:
    given = {"day": "not-a-day", "company_ids": ["lw-e2e"], "next_token": "", "scheduled_at": "2026-11-24"}
    execution = machine.start(given, "ReconcileCompanies")
    assert execution.end("FAILED")["error"] == "CompaniesNotReconciled"
    assert companies(execution)["failed"] == 1
    # neither task can read that day: had the file's failure not been caught, the Map itself would have failed
    machine.seen |= {
        Way("SendDailyFile", "catch States.ALL", "ReconcileCompany"),
        Way("ReconcileCompany", "catch States.ALL", "NoteFailure"),
        Way("NoteFailure", "next", ""),
    }


@pytest.mark.parametrize(("token", "status"), [("", "SUCCEEDED"), ("no page of ours", "FAILED")])
def test_day_is_reconciled_only_with_its_later_pages_when_there_are_more(
    token: str, status: str, machine: Machine
) -> None:
    given = {"scheduled_at": datetime.now(UTC).isoformat(), "day": "2026-11-24", "failed": 0}
    start_at = "AreThereMore" if token else "ReconcileTheRest"
    execution = machine.start(given | {"next_token": token}, start_at)
    execution.end(status)
    assert "ReconcileTheRest" in execution.entered


def paid_claim(world: World) -> str:
    """A claim whose money has arrived in the worker's wallet; gives the payout's number."""
    worker, claim_no = world.approved_claim()
    worker.answer_amount(claim_no).expect(200)
    bill = world.wait_for_bill(worker, claim_no)
    world.simulated.confirm_transfer(bill)
    world.wait_for_claim(worker, claim_no, "PAID", "CLOSED")
    return bill


def call(world: World, logical_id: str, payload: dict[str, Any]) -> Any:
    functions = world.stack.boto3_client("lambda")
    answer = functions.invoke(FunctionName=world.stack.resource_id(logical_id), Payload=json.dumps(payload))
    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body


def test_money_is_compared_both_ways_when_wechat_s_file_of_the_day_is_there(world: World) -> None:
    """One payout that the file has, one that it lacks, and a movement that no payout of ours knows."""
    known, lost, stray = paid_claim(world), paid_claim(world), "CL" + "9" * 24 + "P1"
    world.simulated.omit_flow(lost)
    world.simulated.move_money(stray, 500)
    tomorrow = {"scheduled_at": f"{today() + timedelta(days=1)}T10:30:00+08:00"}
    company = {"company_id": COMPANY.company_id, "day": today().isoformat()}
    with world.pay_clock_ahead(36 * 3600):
        call(world, "ReconcileBankFunction", tomorrow)
        assert call(world, "ReconcileWalletFunction", tomorrow)["lines"] >= 2
    for _ in range(2):  # again finds nothing twice
        call(world, "ReconcileCompanyFunction", company)
    finance = world.staff("staff-qiao")
    listed = finance.api.get("/v1/staff/breaks").expect(200)["breaks"]
    money = [(item["kind"], item["subject"], item["owner"]) for item in listed]
    assert money.count(("TRANSFER_ORPHAN", stray, "FINANCE")) == 1
    assert money.count(("TRANSFER_MISSING", lost, "FINANCE")) == 1
    assert known not in {item["subject"] for item in listed}


def test_no_way_is_left_when_all_tests_of_this_file_have_run(machine: Machine) -> None:
    assert sorted(ways_of(machine.states) - machine.seen) == []
