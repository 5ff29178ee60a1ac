"""ReconcileDay as deployed: every state, every choice, every catch; the last test lists what nothing reached."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.machines import Execution, Machine, Way, ways_of
from tests.support.world import COMPANY, World, today

pytestmark = pytest.mark.stack


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
    """A policy of today without a statement yet: a difference that finance sees, and the day is reconciled."""
    world.insured_worker()
    given = {
        "day": today().isoformat(),
        "company_ids": [COMPANY.company_id],
        "next_token": "",
        "scheduled_at": datetime.now(UTC).isoformat(),
    }
    execution = machine.start(given, "ReconcileCompanies")
    execution.end()
    assert execution.entered[-1] == "DayReconciled"
    assert companies(execution)["breaks"] >= 1
    again = machine.start(given, "ReconcileCompanies")
    again.end()
    finance = world.staff("staff-qiao")
    listed = finance.api.get("/v1/staff/breaks").expect(200)["breaks"]
    mine = [item for item in listed if item["company_id"] == COMPANY.company_id]
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


def test_no_way_is_left_when_all_tests_of_this_file_have_run(machine: Machine) -> None:
    assert sorted(ways_of(machine.states) - machine.seen) == []
