"""Step 8 and what must hold at the end: the statement, the balance of the money, silence about people."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from tests.devstack.journey_cover import parse
from tests.devstack.journey_scene import Scene, check
from tests.devstack.seed import CHINA, COMPANIES, JOURNEY_WORKERS, WORKERS
from tests.support.actors import WorkerApp
from tests.support.http import Api
from tests.support.people import Person
from tests.support.personal_data import search_records
from tests.support.simulated import Simulated
from tests.support.waiting import eventually

_AT_ONCE = 4


def policies_of_everybody(scene: Scene) -> None:
    """Let every worker list their policies; it is they who know what was issued."""

    def listed(person: Person) -> list[Any]:
        worker = WorkerApp(person, Api(scene.stack.base_url), Simulated(scene.stack.simulators))
        worker.sign_in().expect(200)
        return worker.policies()

    with ThreadPoolExecutor(_AT_ONCE) as phones:
        policies = [policy for found in phones.map(listed, WORKERS) for policy in found]
    scene.told({"GET": "/v1/policies", "workers": len(WORKERS)}, {"policies": len(policies)})
    seeded = len(WORKERS) - len(JOURNEY_WORKERS)
    check(len(policies) >= seeded, "everybody who checked in has a policy", len(policies))
    scene.known["policies"] = policies
    scene.report.figure("policies_issued", len(policies))
    scene.report.figure("premium_total_fen", sum(policy["premium_fen"] for policy in policies))


def rosters_are_complete(scene: Scene) -> None:
    """Statement and roster follow from the stream: wait until it has brought every policy."""
    expected = len([policy for policy in scene.known["policies"] if policy["in_force"]])

    def insured() -> int:
        return sum(
            scene.provider.roster(project).expect(200)["count"]
            for company in COMPANIES
            for project in scene.provider.projects(company.company_id)
        )

    eventually(insured, lambda count: count == expected, f"the rosters show {expected} insured")


def day_closes(scene: Scene) -> None:
    """Start CloseDay as the schedule will: after midnight, for the day that has then ended."""
    today = datetime.now(UTC).astimezone(CHINA)
    tomorrow = (today + timedelta(days=1)).replace(hour=0, minute=30, second=0, microsecond=0)
    arn, order = scene.stack.outputs["CloseDayArn"], {"scheduled_at": tomorrow.isoformat()}
    step_functions = scene.stack.boto3_client("stepfunctions")
    started = step_functions.start_execution(stateMachineArn=arn, input=json.dumps(order))
    done = eventually(
        lambda: step_functions.describe_execution(executionArn=started["executionArn"]),
        lambda execution: execution["status"] != "RUNNING",
        "the day is closed",
        seconds=120,
    )
    scene.told(
        {"StartExecution": "CloseDay", "input": order},
        {"status": done["status"], "output": json.loads(done.get("output") or "null")},
    )
    check(done["status"] == "SUCCEEDED", "every company has its statement", done["status"])
    scene.known["day"] = today.date()
    scene.report.figure("closed_day", today.date().isoformat())


def statements_add_up(scene: Scene) -> None:
    day = scene.known["day"]
    for company in COMPANIES:
        statement = scene.provider.statement(company.company_id, day.isoformat()).expect(200)
        on_time, late = (
            {
                policy["policy_no"]: policy["premium_fen"]
                for policy in scene.known["policies"]
                if policy["company_id"] == company.company_id
                and (parse(policy["issued_at"]).astimezone(CHINA).date() < day) is earlier
            }
            for earlier in (False, True)
        )
        stated, corrections = (
            {
                line["policy_no"]: line["premium_fen"]
                for line in statement["lines"]
                if line["correction"] is marked
            }
            for marked in (False, True)
        )
        check(stated == on_time, "a line per policy", (len(stated), len(on_time)))
        # of those on shift since yesterday; where yesterday's statement still took them there are none
        check(corrections.items() <= late.items(), "what came late is marked", (len(corrections), len(late)))
        total = sum(stated.values()) + sum(corrections.values())
        check(statement["premium_fen"] == total, f"the total is {total} fen", statement["premium_fen"])
        if statement["insured"]:
            endorsement = statement["endorsement"]
            check(endorsement["policies"] == statement["insured"], "the day's list is endorsed", endorsement)
        scene.report.figure(f"statement_{company.company_id}_fen", total)


def money_balances(scene: Scene) -> None:
    paid_fen = sum(scene.known["paid_fen"].values())
    left_fen = scene.simulated.ledger()["paid_out_fen"] - scene.known["paid_out_before_fen"]
    scene.report.figure("claims_paid_fen", paid_fen)
    scene.report.figure("money_left_the_wallet_fen", left_fen)
    check(paid_fen == left_fen, "what claims cost is what left the wallet", (paid_fen, left_fen))


def look_at_wallet(scene: Scene) -> None:
    """Remember what was paid before the journey."""
    scene.known["paid_out_before_fen"] = scene.simulated.ledger()["paid_out_fen"]
    scene.known["notices_before"] = len(scene.simulated.notices())


def callbacks_arrive(scene: Scene) -> None:
    """Every bill that came to an end was announced by a signed callback, and each was taken."""
    ended = len(scene.known["paid_fen"]) + 1  # the one that failed was announced as well

    def taken() -> set[str]:
        deliveries = scene.simulated.notices()[scene.known["notices_before"] :]
        return {delivery["id"] for delivery in deliveries if delivery["status"] == HTTPStatus.NO_CONTENT}

    eventually(taken, lambda ids: len(ids) == ended, f"{ended} callbacks are answered with 204")


def no_personal_data(scene: Scene) -> None:
    """Search what the run has left behind for every name, ID number, phone and openid."""
    search = search_records(scene.stack, WORKERS)
    scene.told({"searched": "log files, log groups, workflow histories"}, vars(search))
    scene.report.figure("log_lines_searched_for_personal_data", search.lines)
    check(search.lines > len(WORKERS), "there are records to search", search.lines)
    check(not search.findings, "no personal data", sorted(set(search.findings))[:10])
