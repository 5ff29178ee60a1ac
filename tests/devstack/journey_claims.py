"""Steps 6 and 7: an injury paid by the machine, a larger one by two people, a payout started by hand."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.devstack.journey_cover import parse
from tests.devstack.journey_scene import CheckFailedError, Scene, check
from tests.devstack.layout import ENGINE
from tests.devstack.processes import aws_environment, base_environment
from tests.support.actors import WorkerApp
from tests.support.clocks import SINCE_THE_ACCIDENT
from tests.support.waiting import eventually

TOE_BILLS_FEN = (180_000, 95_000, 45_000)
TOE_DAYS = 14
TOE_FEN = 358_000
"""(320,000 - 10,000) x 80 % + (14 - 3) x 10,000: bill and days of worked example 1, in hospital."""
LARGE_BILLS_FEN = (620_000, 280_000)
LARGE_DAYS = 20
LARGE_FEN = 882_000
"""(900,000 - 10,000) x 80 % + (20 - 3) x 10,000: above the machine's limit of 500,000."""
BOUNCED_BILLS_FEN = (60_000,)
BOUNCED_FEN = 40_000
TYPES = ("MEDICAL", "HOSPITAL")


def wait_for(worker: WorkerApp, claim_no: str, *statuses: str) -> Any:
    """Wait until the claim has one of these statuses."""
    return eventually(
        lambda: worker.claim(claim_no),
        lambda claim: claim["status"] in statuses,
        f"claim {claim_no} becomes {' or '.join(statuses)}",
    )


def wait_for_confirmation(worker: WorkerApp, claim_no: str, *, after: str = "") -> Any:
    """Wait until WeChat wants the worker's confirmation of a payout other than `after`."""

    def waits(claim: Any) -> bool:
        payout = claim["payout"] or {}
        return bool(payout.get("confirmation")) and payout["payout_id"] != after

    return eventually(lambda: worker.claim(claim_no), waits, f"claim {claim_no} waits for the confirmation")


def report(worker: WorkerApp, types: Sequence[str] = TYPES) -> Any:
    worker.sign_in().expect(200)
    reported = worker.report(types, datetime.now(UTC) - SINCE_THE_ACCIDENT).expect(202)
    check(bool(reported["claim_no"]), "a claim is open", reported["status"])
    return reported


def hand_in(worker: WorkerApp, reported: Mapping[str, Any], bills_fen: Sequence[int], days: int) -> None:
    receipt = worker.hand_in_all(reported, worker.medical_papers(reported["claim_no"], bills_fen, days))
    check(receipt is not None and receipt["missing"] == [], "nothing is missing", receipt)


def pay_out(scene: Scene, worker: WorkerApp, claim_no: str, *, after: str = "") -> Any:
    """Let the worker confirm in WeChat, and wait for the end of the claim."""
    waiting = wait_for_confirmation(worker, claim_no, after=after)
    bill = next(
        bill
        for bill in scene.simulated.ledger()["bills"]
        if bill["out_bill_no"] == waiting["payout"]["payout_id"]
    )
    check(bill["state"] == "WAIT_USER_CONFIRM", "the bill waits for the user", bill["state"])
    check(bill["transfer_amount"] == waiting["amount_fen"], "over the agreed amount", bill["transfer_amount"])
    scene.simulated.confirm_transfer(bill["out_bill_no"])
    closed = wait_for(worker, claim_no, "CLOSED")
    check(closed["payout"]["state"] == "SUCCEEDED", "paid", closed["payout"]["state"])
    scene.known.setdefault("paid_fen", {})[claim_no] = closed["payout"]["amount_fen"]
    return closed


def seconds_to_pay(claim: Mapping[str, Any]) -> float:
    at = {line["event"]: parse(line["at"]) for line in claim["timeline"]}
    return round((at["PAID"] - at["REGISTERED"]).total_seconds(), 3)


# 6, small


def worker_reports_toe(scene: Scene) -> None:
    reported = report(scene.injured)
    required = [line["doc_type"] for line in reported["documents"] if line["need"] == "REQUIRED"]
    check("INVOICE" in required and "ADMISSION_RECORD" in required, "one list of documents", required)
    scene.known["toe"] = reported


def same_report_is_same_claim(scene: Scene) -> None:
    toe = scene.known["toe"]
    known = scene.injured.claim(toe["claim_no"])
    again = scene.injured.report(TYPES, parse(known["accident"]["occurred_at"])).expect(200, 202)
    check(again["claim_no"] == toe["claim_no"], "the same accident is the same claim")


def worker_hands_in_documents(scene: Scene) -> None:
    hand_in(scene.injured, scene.known["toe"], TOE_BILLS_FEN, TOE_DAYS)


def toe_is_assessed(scene: Scene) -> None:
    claim = wait_for(scene.injured, scene.known["toe"]["claim_no"], "ACKNOWLEDGED")
    check(claim["decision"] == "APPROVED", "approved by the formulas", claim["decision"])
    check("AUTO_APPROVED" in {line["event"] for line in claim["timeline"]}, "and by nobody else")
    check(claim["amount_fen"] == TOE_FEN, f"exactly {TOE_FEN} fen", claim["amount_fen"])
    check(claim["assessment"]["total_fen"] == TOE_FEN, "as assessed", claim["assessment"])
    check(all(line["explanation"] for line in claim["assessment"]["lines"]), "each line says why")
    scene.report.figure("toe_claim_fen", claim["amount_fen"])


def worker_accepts_toe(scene: Scene) -> None:
    scene.injured.answer_amount(scene.known["toe"]["claim_no"]).expect(200)


def toe_is_paid(scene: Scene) -> None:
    closed = pay_out(scene, scene.injured, scene.known["toe"]["claim_no"])
    scene.report.figure("toe_claim_seconds_from_report_to_paid", seconds_to_pay(closed))


# 6, large


def worker_reports_large(scene: Scene) -> None:
    worker = scene.porter
    reported = report(worker)
    hand_in(worker, reported, LARGE_BILLS_FEN, LARGE_DAYS)
    scene.known["large"] = reported


def large_waits_for_people(scene: Scene) -> None:
    claim_no = scene.known["large"]["claim_no"]
    for member in (scene.adjuster, scene.senior, scene.second_senior, scene.finance):
        member.sign_in().expect(200)

    def queued() -> Any:
        return [line for line in scene.adjuster.queue("DECISION") if line["claim_no"] == claim_no]

    line = eventually(queued, bool, "the claim waits in the adjusters' queue")[0]
    check("ABOVE_LIMIT" in line["referred_for"], "the machine says why it would not", line["referred_for"])
    check(line["amount_fen"] == LARGE_FEN, f"assessed at {LARGE_FEN} fen", line["amount_fen"])
    seen = scene.porter.claim(claim_no)
    check(seen["status"] == "IN_REVIEW" and seen["amount_fen"] is None, "nothing is promised", seen["status"])


def adjuster_decides(scene: Scene) -> None:
    decided = scene.senior.decide(scene.known["large"]["claim_no"]).expect(200)
    check(decided["status"] == "DECIDED", "decided, not yet acknowledged", decided["status"])


def same_person_is_refused(scene: Scene) -> None:
    refused = scene.senior.acknowledge(scene.known["large"]["claim_no"])
    if refused.status < 400:
        raise CheckFailedError("the person who decided could acknowledge")
    slug = refused.body["type"].rpartition("/")[2]
    check(slug == "decision-by-same-person", "for this reason", refused.body)


def second_person_acknowledges(scene: Scene) -> None:
    claim_no = scene.known["large"]["claim_no"]
    scene.second_senior.acknowledge(claim_no).expect(200)
    claim = wait_for(scene.porter, claim_no, "ACKNOWLEDGED")
    check(claim["amount_fen"] == scene.known["large_fen"], "the worker sees the amount", claim["amount_fen"])


def large_is_paid(scene: Scene) -> None:
    claim_no = scene.known["large"]["claim_no"]
    scene.porter.answer_amount(claim_no).expect(200)
    closed = pay_out(scene, scene.porter, claim_no)
    scene.report.figure("large_claim_fen", closed["amount_fen"])


# 7


def transfer_fails(scene: Scene) -> None:
    worker = scene.bounced
    reported = report(worker, ("MEDICAL",))
    hand_in(worker, reported, BOUNCED_BILLS_FEN, 0)
    claim = wait_for(worker, reported["claim_no"], "ACKNOWLEDGED")
    check(claim["amount_fen"] == BOUNCED_FEN, f"{BOUNCED_FEN} fen", claim["amount_fen"])
    worker.answer_amount(reported["claim_no"]).expect(200)
    waiting = wait_for_confirmation(worker, reported["claim_no"])
    scene.simulated.fail_transfer(waiting["payout"]["payout_id"], "REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED")
    wait_for(worker, reported["claim_no"], "AGREED")
    scene.known["bounced"] = waiting


def finance_sees_failure(scene: Scene) -> None:
    claim_no = scene.known["bounced"]["claim_no"]

    def queued() -> Any:
        return [line for line in scene.finance.queue("PAYOUT") if line["claim_no"] == claim_no]

    line = eventually(queued, bool, "the claim waits in finance's queue")[0]
    check(line["attention"] == "PAYOUT_FAILED", "the queue says why", line["attention"])


def staff_start_payout(scene: Scene) -> None:
    """Run the very command that the README shows."""
    arguments = start_payout_command(scene, scene.known["bounced"]["claim_no"])
    environment = base_environment() | aws_environment(scene.stack.engine_url, scene.stack.region)
    done = subprocess.run(
        [ENGINE.program("aws"), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    scene.told({"command": " ".join(["aws", *arguments])}, {"exit": done.returncode, "output": done.stdout})
    check(done.returncode == 0, "the command succeeds", done.stderr.strip()[-300:])
    scene.known["execution"] = json.loads(done.stdout)["executionArn"]


def start_payout_command(scene: Scene, claim_no: str) -> list[str]:
    return [
        *("stepfunctions", "start-execution"),
        *("--state-machine-arn", scene.stack.outputs["PayoutArn"]),
        *("--input", json.dumps({"claim_no": claim_no})),
    ]


def bounced_is_paid(scene: Scene) -> None:
    bounced = scene.known["bounced"]
    first = bounced["payout"]["payout_id"]
    check(bool(scene.known["execution"]), "the payout was started")
    closed = pay_out(scene, scene.bounced, bounced["claim_no"], after=first)
    paid = [
        bill
        for bill in scene.simulated.ledger()["bills"]
        if bill["out_bill_no"] in (first, closed["payout"]["payout_id"]) and bill["state"] == "SUCCESS"
    ]
    check(len(paid) == 1, "paid once", [bill["out_bill_no"] for bill in paid])
