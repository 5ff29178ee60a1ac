"""The deployed definitions with the deployed handlers: every state, every choice, every catch.

Copies hurry the waits and may begin at any state (`tests.support.machines` says what else stays the same). A
number that no claim or payout has makes any task fail for good. The last test lists what nothing reached.
"""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.actors import WorkerApp
from tests.support.machines import Execution, Machine, Way, ways_of
from tests.support.people import make_person
from tests.support.waiting import eventually
from tests.support.world import LARGE_BILLS_FEN, LARGE_DAYS, World, today

pytestmark = pytest.mark.stack

LARGE_FEN = 1_200_000
NO_CLAIM = {"claim_no": "CL000000000000000000000000"}


ITSELF = "{% $states.context.StateMachine.Id %}"


def arn_of(machine: Machine) -> str:
    return str(machine.deployed["stateMachineArn"])


class Machines:
    """`aged` are copies of the claim's that any wait finds older than 300 days, `lost` do not find themselves."""

    def __init__(self, world: World) -> None:
        self.payout = Machine(world.stack, "PayoutStateMachine")
        deployed = {self.payout.deployed["stateMachineArn"]: self.payout.copy()}
        self.claim = Machine(world.stack, "ClaimToPayoutStateMachine", replaced=deployed)
        day = Machine(world.stack, "CloseDayStateMachine")
        # a definition that names itself: a copy that begins elsewhere must name the deployed one
        self.day = Machine(world.stack, "CloseDayStateMachine", replaced={ITSELF: arn_of(day)})
        too_old, *_ = self.claim.states["IsYearEnding"]["Choices"]
        aged = {too_old["Condition"]: "{% true %}", ITSELF: arn_of(self.claim)}
        # the engine leaves out the prefix that the integration has on AWS
        aged["StepFunctions.ExecutionAlreadyExists"] = "ExecutionAlreadyExists"
        self.aged = Machine(world.stack, "ClaimToPayoutStateMachine", replaced=aged, seen=self.claim.seen)
        silent, *_ = self.payout.states["IsExecutionOld"]["Choices"]
        months = {silent["Condition"]: "{% true %}", ITSELF: arn_of(self.payout)}
        months["StepFunctions.ExecutionAlreadyExists"] = "ExecutionAlreadyExists"
        self.silent = Machine(world.stack, "PayoutStateMachine", replaced=months, seen=self.payout.seen)
        gone = {ITSELF: f"{arn_of(self.payout)}-that-is-not-there"}
        self.gone = Machine(world.stack, "PayoutStateMachine", replaced=gone, seen=self.payout.seen)
        lost = {ITSELF: f"{arn_of(self.claim)}-that-is-not-there"}
        self.lost = Machine(world.stack, "ClaimToPayoutStateMachine", replaced=lost, seen=self.claim.seen)

    def follow(self, claim_no: str) -> Execution:
        """Let a hurried copy take over the claim: its waits are the newer ones, which every act ends."""
        return self.claim.start({"claim_no": claim_no})


@pytest.fixture(scope="module")
def machines(world: World) -> Iterator[Machines]:
    machines = Machines(world)
    yield machines
    for execution in machines.payout.nested():
        execution.note()


def hand_in(worker: WorkerApp, reported: Any, bills_fen: tuple[int, ...] = (60_000,), days: int = 0) -> None:
    worker.hand_in_all(reported, worker.medical_papers(reported["claim_no"], bills_fen, days))


def pay(world: World, worker: WorkerApp, claim_no: str) -> None:
    world.simulated.confirm_transfer(world.wait_for_bill(worker, claim_no))


def call(world: World, logical_id: str, payload: dict[str, Any]) -> Any:
    """Run one task's function by hand."""
    functions = world.stack.boto3_client("lambda")
    answer = functions.invoke(FunctionName=world.stack.resource_id(logical_id), Payload=json.dumps(payload))
    assert "FunctionError" not in answer, answer["Payload"].read()
    return json.loads(answer["Payload"].read())


def agreed(world: World) -> tuple[WorkerApp, str]:
    """A claim whose amount is agreed and whose payout nobody drives: its machine never hears of the answer.

    To stop the machine would not do: the engine goes on with a stopped execution when its token is answered.
    """
    return undriven(world, *world.approved_claim())


def agreed_large(world: World) -> tuple[WorkerApp, str]:
    """The same for a sum that needs an identity check and still fits the wallet."""
    worker, claim_no = world.referred_claim()
    world.staff("staff-shen").decide(claim_no, amount_fen=LARGE_FEN).expect(200)
    world.staff("staff-lu").acknowledge(claim_no).expect(200)
    return undriven(world, worker, claim_no)


def undriven(world: World, worker: WorkerApp, claim_no: str) -> tuple[WorkerApp, str]:
    without_its_machine(world, claim_no)
    worker.answer_amount(claim_no).expect(200)
    return worker, claim_no


def submitted(world: World) -> tuple[WorkerApp, str, str]:
    """An agreed claim whose payout was sent by hand; gives the payout's number too."""
    worker, claim_no = agreed(world)
    payout_id = str(call(world, "ReservePayoutFunction", {"claim_no": claim_no})["payout_id"])
    call(world, "SubmitPayoutFunction", {"payout_id": payout_id})
    return worker, claim_no, payout_id


def without_its_machine(world: World, claim_no: str) -> None:
    """Take away what the claim's own execution waits by, so that the payout machine is started by the test alone."""
    table, name = world.stack.boto3_client("dynamodb"), world.stack.resource_id("OperationsTable")
    key = {"pk": {"S": f"CLAIM#{claim_no}"}, "sk": {"S": "TOKEN#agreement"}}
    eventually(
        lambda: table.delete_item(TableName=name, Key=key, ReturnValues="ALL_OLD").get("Attributes"),
        bool,
        "the machine waits for the worker",
    )


def test_claim_is_paid_when_the_worker_is_silent_twice(world: World, machines: Machines) -> None:
    worker, reported = world.reported_claim()
    claim_no = reported["claim_no"]
    following = machines.follow(claim_no)
    eventually(lambda: following.entered, lambda seen: "RemindDocuments" in seen, "documents are reminded")
    hand_in(worker, reported)
    eventually(lambda: following.entered, lambda seen: "RemindAgreement" in seen, "the answer is reminded")
    worker.answer_amount(claim_no).expect(200)
    bill = world.wait_for_bill(worker, claim_no)
    eventually(
        lambda: [state for nested in machines.payout.nested() for state in nested.entered],
        lambda seen: seen.count("AwaitWorker") >= 2,
        "Payout asks, then waits for the worker",
    )
    world.simulated.confirm_transfer(bill)
    following.end()
    claim = worker.claim(claim_no)
    assert claim["status"] == "CLOSED"
    assert [line["event"] for line in claim["timeline"]].count("REMINDED") >= 2
    again = machines.payout.start({"claim_no": claim_no}).end()
    assert json.loads(again["output"])["outcome"] == "ALREADY_PAID"


def test_claim_is_refused_by_two_people_when_it_was_sent_back_and_disputed(
    world: World, machines: Machines
) -> None:
    worker, reported = world.reported_claim("MEDICAL", "HOSPITAL")
    claim_no = reported["claim_no"]
    following = machines.follow(claim_no)
    hand_in(worker, reported, LARGE_BILLS_FEN, LARGE_DAYS)
    adjuster, senior = world.staff("staff-shen"), world.staff("staff-lu")
    eventually(lambda: following.entered.count("AwaitDecision"), lambda n: n > 1, "a day without decision")
    adjuster.decide(claim_no).expect(200)
    eventually(lambda: following.entered.count("AwaitAcknowledgement"), lambda n: n > 1, "and a second one")
    path = f"/v1/staff/claims/{claim_no}/acknowledgement"
    senior.api.post(path, {"acknowledged": False, "reason": "请再看票据"}).expect(200)
    following.wait_until_in("AwaitDecision")
    adjuster.decide(claim_no).expect(200)
    senior.acknowledge(claim_no).expect(200)
    following.wait_until_in("AwaitAgreement")
    worker.answer_amount(claim_no, "DISPUTE").expect(200)
    world.wait_for_claim(worker, claim_no, "IN_REVIEW")
    adjuster.decide(claim_no, "DECLINED").expect(200)
    senior.acknowledge(claim_no).expect(200)
    following.end()
    assert following.entered[-2:] == ["NotifyRefusal", "CloseClaim"]
    assert worker.claim(claim_no)["decision"] == "DECLINED"


def test_payout_that_failed_waits_for_finance_when_it_is_tried_again(
    world: World, machines: Machines
) -> None:
    worker, reported = world.reported_claim()
    claim_no = reported["claim_no"]
    following = machines.follow(claim_no)
    hand_in(worker, reported)
    world.wait_for_claim(worker, claim_no, "ACKNOWLEDGED")
    worker.answer_amount(claim_no).expect(200)
    first = world.wait_for_bill(worker, claim_no)
    world.simulated.fail_transfer(first, "REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED")
    eventually(lambda: following.entered.count("AwaitPayout"), lambda n: n > 1, "a day before finance")
    submitted = machines.payout.start(
        {"claim_no": claim_no}, "SubmitPayout", {"payout_id": first, "round": 0}
    )
    submitted.end()  # a payout that has failed is not sent again
    assert submitted.entered == ["SubmitPayout", "IsSubmitted", "RecordPayoutFailure"]
    world.staff("staff-qiao").trigger_payout(claim_no).expect(202)
    second = eventually(
        lambda: world.wait_for_bill(worker, claim_no), lambda bill: bill != first, "a new bill"
    )
    world.simulated.confirm_transfer(second)
    following.end()
    assert worker.claim(claim_no)["status"] == "CLOSED"


@pytest.mark.parametrize("at", ["AwaitDocuments", "AwaitDecision"])
def test_claim_ends_without_a_decision_when_it_is_withdrawn(
    at: str, world: World, machines: Machines
) -> None:
    worker, reported = world.reported_claim("MEDICAL", "HOSPITAL")
    claim_no = reported["claim_no"]
    following = machines.follow(claim_no)
    if at == "AwaitDecision":
        hand_in(worker, reported, LARGE_BILLS_FEN, LARGE_DAYS)
    following.wait_until_in(at)
    worker.api.post(f"/v1/claims/{claim_no}/withdrawal", {"reason": "已由单位赔付"}).expect(200)
    following.end()
    assert following.entered[-1] == "ClaimWithdrawn"
    assert worker.claim(claim_no)["decision"] == "PENDING"


def test_claim_appears_before_staff_when_a_state_failed_for_good(world: World, machines: Machines) -> None:
    _, claim_no = world.approved_claim()
    described = machines.claim.start({"claim_no": claim_no}, "CloseClaim").end("FAILED")
    assert described["error"] == "ClaimWorkflowFailed"
    queue = world.staff("staff-shen").queue("DECISION")
    assert [line["attention"] for line in queue if line["claim_no"] == claim_no] == ["WORKFLOW_FAILED"]


def test_claim_goes_on_in_a_new_execution_when_a_wait_runs_out_late_in_the_year(
    world: World, machines: Machines
) -> None:
    worker, claim_no = world.referred_claim()
    old = machines.aged.start({"claim_no": claim_no})
    assert json.loads(old.end()["output"]) == {"outcome": "RENEWED"}
    assert old.entered[-4:] == ["AwaitDecision", "IsYearEnding", "RenewExecution", "ContinuedAnew"]
    name = old.arn.rpartition(":")[2]
    executions = arn_of(machines.claim).replace(":stateMachine:", ":execution:")
    renewed = Execution(machines.claim, f"{executions}:{name}Y")
    renewed.wait_until_in("AwaitDecision")
    world.staff("staff-shen").decide(claim_no, amount_fen=600_000).expect(200)
    world.staff("staff-lu").acknowledge(claim_no).expect(200)
    renewed.wait_until_in("AwaitAgreement")
    worker.answer_amount(claim_no).expect(200)
    pay(world, worker, claim_no)
    renewed.end()
    assert worker.claim(claim_no)["status"] == "CLOSED"
    again = machines.aged.start({"claim_no": claim_no}, "RenewExecution", name=name)
    again.end()
    assert again.entered == ["RenewExecution", "ContinuedAnew"], "it was started before"
    errors = "StepFunctions.ExecutionAlreadyExists StepFunctions.ExecutionAlreadyExistsException"
    machines.claim.seen.add(Way("RenewExecution", f"catch {errors}", "ContinuedAnew"))


def test_claim_appears_before_staff_when_its_execution_cannot_be_renewed(
    world: World, machines: Machines
) -> None:
    _, claim_no = world.referred_claim()
    lost = machines.lost.start({"claim_no": claim_no}, "RenewExecution")
    lost.end("FAILED")
    assert lost.entered == ["RenewExecution", "RecordClaimFailure", "ClaimStopped"]
    queue = world.staff("staff-shen").queue("DECISION")
    assert [line["attention"] for line in queue if line["claim_no"] == claim_no] == ["WORKFLOW_FAILED"]


def test_claim_is_decided_anew_when_its_payout_stops(world: World, machines: Machines) -> None:
    _, claim_no = world.approved_claim()
    stopped = machines.claim.start({"claim_no": claim_no, "outcome": "STOPPED"}, "IsPaid")
    stopped.wait_until_in("AwaitAgreement")
    assert stopped.entered[:4] == ["IsPaid", "AwaitPayout", "IsSettled", "AwaitDecision"]
    stopped.note()


def tasks_of(name: str) -> list[str]:
    from tests.workflows.test_claim_definitions import ROOT  # noqa: PLC0415 - one place knows the folder

    path = ROOT / "functions" / "workflows" / f"{name}.asl.json"
    states = json.loads(path.read_text(encoding="utf-8"))["States"]
    return [name for name, state in states.items() if state["Type"] == "Task"]


def fail_waits(world: World, execution: Execution, owner: str, seconds: float = 60.0) -> None:
    """Fail whatever the execution waits on.

    AWS fails the task when the function that got the token fails; the engine goes on waiting for the token.
    """
    steps = execution.machine.client
    table = world.stack.boto3_client("dynamodb")

    def ended() -> bool:
        answer = table.query(
            TableName=world.stack.resource_id("OperationsTable"),
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": owner}, ":sk": {"S": "TOKEN#"}},
        )
        for item in answer["Items"]:
            with contextlib.suppress(steps.exceptions.ClientError):  # a wait that is over
                steps.send_task_failure(taskToken=item["token"]["S"], error="ClaimNotFoundError", cause="")
        return bool(steps.describe_execution(executionArn=execution.arn)["status"] != "RUNNING")

    eventually(ended, bool, f"{execution.arn} ends", seconds=seconds)


CLAIM_TASKS = sorted({*tasks_of("claim_to_payout")} - {"RenewExecution"})
PAYOUT_TASKS = sorted({*tasks_of("payout")} - {"RenewExecution"})


@pytest.fixture(scope="module")
def stopping(world: World, machines: Machines) -> dict[tuple[str, str], tuple[Execution, str]]:
    """Executions that begin in every task, for claims that are not there, and whom their waits belong to.

    Side by side: what each does is wait for its retries.
    """
    started = {}
    variables: dict[str, Any] = {"failed_state": "none"}
    for number, state in enumerate(CLAIM_TASKS):
        claim_no = f"CL{number:024d}"
        execution = machines.claim.start({"claim_no": claim_no}, state, variables, is_hurried=False)
        started["claim", state] = execution, f"CLAIM#{claim_no}"
    for number, state in enumerate(PAYOUT_TASKS, len(CLAIM_TASKS)):
        claim_no = f"CL{number:024d}"
        payout_id = f"{claim_no}P1"
        given = {"claim_no": claim_no, "outcome": "FAILED"}
        variables = {"payout_id": payout_id, "round": 0}
        execution = machines.payout.start(given, state, variables, is_hurried=False)
        started["payout", state] = execution, f"PAYOUT#{payout_id}"
    # goes on by itself after 20 seconds, so it is failed before the tests of the others take their time
    fail_waits(world, *started["payout", "AwaitConfirmation"])
    return started


@pytest.mark.parametrize("state", CLAIM_TASKS)
def test_claim_stops_visibly_when_a_task_fails(
    state: str, world: World, stopping: dict[tuple[str, str], tuple[Execution, str]]
) -> None:
    execution, owner = stopping["claim", state]
    fail_waits(world, execution, owner)
    execution.end("FAILED")
    assert execution.entered[-1] == "ClaimStopped"


@pytest.mark.parametrize("state", PAYOUT_TASKS)
def test_payout_stops_visibly_when_a_task_fails(
    state: str, world: World, stopping: dict[tuple[str, str], tuple[Execution, str]]
) -> None:
    execution, owner = stopping["payout", state]
    fail_waits(world, execution, owner)
    execution.end("FAILED")
    assert execution.entered[-1] == "PayoutStopped"


def test_payout_goes_before_finance_when_one_of_its_tasks_failed_for_good(
    world: World, machines: Machines
) -> None:
    _, claim_no = agreed(world)
    call(world, "ReservePayoutFunction", {"claim_no": claim_no})
    execution = machines.payout.start({"claim_no": claim_no}, "RecordPayoutError")
    assert execution.end("FAILED")["error"] == "PayoutWorkflowFailed"
    assert execution.entered == ["RecordPayoutError", "PayoutStopped"]
    queue = world.staff("staff-qiao").queue("PAYOUT")
    assert [line["attention"] for line in queue if line["claim_no"] == claim_no] == ["PAYOUT_ERROR"]


def test_payout_is_refused_when_no_amount_is_agreed(world: World, machines: Machines) -> None:
    _, claim_no = world.approved_claim()
    assert machines.payout.start({"claim_no": claim_no}).end("FAILED")["error"] == "ClaimNotPayable"
    paying = machines.claim.start({"claim_no": claim_no}, "PayClaim")
    paying.wait_until_in("AwaitAgreement")
    passed = ["PayClaim", "AwaitPayout", "IsSettled", "AwaitDecision"]
    assert paying.entered[:4] == passed, "nothing is owed: back to people, and on to who has not answered"
    paying.note()


def test_payout_is_sent_under_its_number_when_the_first_sending_was_cut_off(
    world: World, machines: Machines
) -> None:
    worker, claim_no = agreed(world)
    reserved = call(world, "ReservePayoutFunction", {"claim_no": claim_no})
    payout = machines.payout.start(
        {"claim_no": claim_no}, "ConfirmPayout", {"payout_id": reserved["payout_id"], "round": 0}
    )
    pay(world, worker, claim_no)
    payout.end()
    assert payout.entered[:3] == ["ConfirmPayout", "IsConfirmed", "SubmitPayout"]
    assert [bill["state"] for bill in world.bills_of(claim_no)] == ["SUCCESS"]
    claim = world.wait_for_claim(worker, claim_no, "PAID", "CLOSED")
    assert claim["payout"]["state"] == "SUCCEEDED"


def test_wait_for_the_worker_ends_when_wechat_tells_of_the_transfer(world: World, machines: Machines) -> None:
    """Not hurried: nothing else may end this wait, however slow the machine is."""
    worker, claim_no, payout_id = submitted(world)
    waiting = machines.payout.start(
        {"claim_no": claim_no}, "AwaitWorker", {"payout_id": payout_id, "round": 0}, is_hurried=False
    )
    waiting.wait_until_in("AwaitWorker")
    pay(world, worker, claim_no)
    waiting.end()
    assert waiting.entered == ["AwaitWorker", "ConfirmPayout", "IsConfirmed", "PostPayout"]
    assert worker.claim(claim_no)["status"] == "PAID"


@pytest.mark.parametrize(
    ("start_at", "choice"), [("ReservePayout", "IsReserved"), ("SubmitPayout", "IsSubmitted")]
)
def test_payout_is_recorded_when_only_the_record_was_cut_off(
    start_at: str, choice: str, world: World, machines: Machines
) -> None:
    worker, claim_no, payout_id = submitted(world)
    pay(world, worker, claim_no)
    eventually(
        lambda: call(world, "ConfirmPayoutFunction", {"payout_id": payout_id})["outcome"],
        lambda outcome: outcome == "SUCCEEDED",
        "the transfer has come to its end",
    )
    assert worker.claim(claim_no)["status"] == "PAYING"
    given = {"payout_id": payout_id, "round": 0}
    recorded = machines.payout.start({"claim_no": claim_no}, start_at, given)
    recorded.end()
    assert recorded.entered == [start_at, choice, "PostPayout"]
    assert worker.claim(claim_no)["status"] == "PAID"


def test_payout_goes_before_finance_when_nobody_knows_after_all_rounds(
    world: World, machines: Machines
) -> None:
    worker, claim_no, payout_id = submitted(world)
    given = {"claim_no": claim_no, "outcome": "PENDING"}
    asked = machines.payout.start(given, "IsConfirmed", {"payout_id": payout_id, "round": 100})
    asked.end()
    assert asked.entered == ["IsConfirmed", "RecordPayoutFailure"]
    queue = world.staff("staff-qiao").queue("PAYOUT")
    assert [line["attention"] for line in queue if line["claim_no"] == claim_no] == ["PAYOUT_PENDING"]
    assert worker.claim(claim_no)["status"] == "PAYING"


def test_payout_goes_before_finance_when_no_bank_account_was_stated(world: World, machines: Machines) -> None:
    _, claim_no = agreed(world)
    given = {"claim_no": claim_no, "payout_id": None, "outcome": "PAYEE_MISSING"}
    missing = machines.payout.start(given, "IsReserved", {"payout_id": None, "round": 0})
    missing.end()
    assert missing.entered == ["IsReserved", "RecordPayoutFailure"]
    queue = world.staff("staff-qiao").queue("PAYOUT")
    assert [line["attention"] for line in queue if line["claim_no"] == claim_no] == ["PAYOUT_PAYEE_MISSING"]


def test_large_payout_waits_for_the_insured_s_face_when_days_go_by(world: World, machines: Machines) -> None:
    worker, claim_no = agreed_large(world)
    payout = machines.payout.start({"claim_no": claim_no})
    eventually(lambda: payout.entered, lambda seen: seen.count("AwaitIdentity") >= 2, "the payee is reminded")
    assert payout.entered[:4] == ["ReservePayout", "IsReserved", "AwaitIdentity", "RemindIdentity"]
    assert worker.claim(claim_no)["identity_wanted"] is True
    assert world.bills_of(claim_no) == []
    checks = f"/v1/claims/{claim_no}/identity-checks"
    started = worker.api.post(checks).expect(201)
    worker.api.post(f"{checks}/{started['check_id']}/result").expect(202)
    world.simulated.show_face(started["work_card"]["authenticate_number"])
    assert worker.api.post(f"{checks}/{started['check_id']}/result").expect(200)["status"] == "PROVED"
    pay(world, worker, claim_no)
    payout.end()
    assert [bill["state"] for bill in world.bills_of(claim_no)] == ["SUCCESS"]
    claim = world.wait_for_claim(worker, claim_no, "PAID", "CLOSED")
    assert claim["identity_wanted"] is False
    assert [line["event"] for line in claim["timeline"]].count("IDENTITY_PROVED") == 1


def test_payout_goes_on_in_a_new_execution_when_its_payee_was_silent_for_months(
    world: World, machines: Machines
) -> None:
    worker, claim_no = agreed_large(world)
    old = machines.silent.start({"claim_no": claim_no})
    assert json.loads(old.end()["output"]) == {"outcome": "RENEWED"}
    assert old.entered[-4:] == ["RemindIdentity", "IsExecutionOld", "RenewExecution", "ContinuedAnew"]
    name = old.arn.rpartition(":")[2]
    executions = arn_of(machines.payout).replace(":stateMachine:", ":execution:")
    renewed = Execution(machines.payout, f"{executions}:{name}Y")
    renewed.wait_until_in("AwaitIdentity")
    assert renewed.entered == ["ReservePayout", "IsReserved", "AwaitIdentity"]
    again = machines.silent.start({"claim_no": claim_no}, "RenewExecution", name=name)
    again.end()
    assert again.entered == ["RenewExecution", "ContinuedAnew"], "it was started before"
    errors = "StepFunctions.ExecutionAlreadyExists StepFunctions.ExecutionAlreadyExistsException"
    machines.payout.seen.add(Way("RenewExecution", f"catch {errors}", "ContinuedAnew"))
    path, seen = f"/v1/staff/claims/{claim_no}/identity-confirmation", {"document_type": "RESIDENT_ID"}
    for member in ("staff-qiao", "staff-jin"):
        world.staff(member).api.post(path, seen).expect(200)
    pay(world, worker, claim_no)
    renewed.end()
    assert [bill["state"] for bill in world.bills_of(claim_no)] == ["SUCCESS"]


def test_payout_goes_before_finance_when_its_execution_cannot_be_renewed(
    world: World, machines: Machines
) -> None:
    _, claim_no = agreed_large(world)
    call(world, "ReservePayoutFunction", {"claim_no": claim_no})
    gone = machines.gone.start({"claim_no": claim_no}, "RenewExecution")
    gone.end("FAILED")
    assert gone.entered == ["RenewExecution", "RecordPayoutError", "PayoutStopped"]
    queue = world.staff("staff-qiao").queue("PAYOUT")
    assert [line["attention"] for line in queue if line["claim_no"] == claim_no] == ["PAYOUT_ERROR"]


def test_large_payout_waits_for_two_members_of_staff_when_nobody_waited_before_sending(
    world: World, machines: Machines
) -> None:
    worker, claim_no = agreed_large(world)
    reserved = call(world, "ReservePayoutFunction", {"claim_no": claim_no})
    assert reserved["outcome"] == "IDENTITY_REQUIRED"
    given = {"payout_id": reserved["payout_id"], "round": 0}
    payout = machines.payout.start({"claim_no": claim_no}, "SubmitPayout", given)
    payout.wait_until_in("AwaitIdentity", "RemindIdentity")
    assert payout.entered[:3] == ["SubmitPayout", "IsSubmitted", "AwaitIdentity"]
    path, seen = f"/v1/staff/claims/{claim_no}/identity-confirmation", {"document_type": "RESIDENT_ID"}
    assert world.staff("staff-qiao").api.post(path, seen).expect(200)["status"] == "SEEN"
    assert world.bills_of(claim_no) == []
    assert world.staff("staff-jin").api.post(path, seen).expect(200)["status"] == "PROVED"
    pay(world, worker, claim_no)
    payout.end()
    assert [bill["state"] for bill in world.bills_of(claim_no)] == ["SUCCESS"]


DAY_60 = 61 * 86_400
PART_FEN = 500_000


def test_advance_is_paid_while_the_claim_stays_in_review_and_the_rest_when_it_is_decided(
    world: World, machines: Machines
) -> None:
    worker, claim_no = world.referred_claim()
    adjuster, senior, finance = (world.staff(sub) for sub in ("staff-shen", "staff-lu", "staff-qiao"))
    adjuster.accept_documents(claim_no)
    assert adjuster.state_advance(claim_no, PART_FEN).status == 409, "day 60 has not come"
    with (
        world.function_clock_ahead("StateAdvanceFunction", DAY_60),
        world.function_clock_ahead("AcknowledgeAdvanceFunction", DAY_60),
        world.function_clock_ahead("ListStaffClaimsFunction", DAY_60),
    ):
        assert claim_no in [line["claim_no"] for line in adjuster.queue("ADVANCE")]
        adjuster.state_advance(claim_no, PART_FEN).expect(200)
        senior.acknowledge_advance(claim_no).expect(200)
    finance.trigger_payout(claim_no, obligation=1).expect(202)  # beside the one that runs: it can't pay twice
    [advance] = eventually(
        lambda: worker.claim(claim_no)["advances"],
        lambda seen: bool(seen and seen[0]["payout"] and seen[0]["payout"]["confirmation"]),
        "the advance waits for the worker",
    )
    assert advance["payout"]["payout_id"] == f"{claim_no}P1"
    world.simulated.confirm_transfer(f"{claim_no}P1")
    claim = eventually(
        lambda: worker.claim(claim_no),
        lambda seen: seen["advances"][0]["state"] == "PAID",
        "the advance is paid",
    )
    assert (claim["status"], claim["decision"], claim["payout"]) == ("IN_REVIEW", "PENDING", None)
    again = machines.payout.start({"claim_no": claim_no, "advance": 1}).end()
    assert json.loads(again["output"])["outcome"] == "ALREADY_PAID"
    adjuster.decide(claim_no).expect(200)
    decided = senior.acknowledge(claim_no).expect(200)["amount_fen"]
    world.wait_for_claim(worker, claim_no, "ACKNOWLEDGED")
    worker.answer_amount(claim_no).expect(200)
    pay(world, worker, claim_no)
    world.wait_for_claim(worker, claim_no, "CLOSED")
    bills = {bill["out_bill_no"]: bill["transfer_amount"] for bill in world.bills_of(claim_no)}
    assert bills == {f"{claim_no}P1": PART_FEN, f"{claim_no}P2": decided - PART_FEN}


def test_payout_is_held_when_the_policy_does_not_stand(world: World, machines: Machines) -> None:
    given = {"claim_no": NO_CLAIM["claim_no"], "outcome": "STOPPED", "payout_id": None}
    for state in ("IsReserved", "IsSubmitted"):
        held = machines.payout.start(given, state, {"payout_id": None, "round": 0})
        assert json.loads(held.end()["output"])["outcome"] == "STOPPED"
        assert held.entered == [state, "PayoutHeld"]


def test_advance_ends_quietly_when_the_decision_overtook_it(world: World, machines: Machines) -> None:
    given = {"claim_no": NO_CLAIM["claim_no"], "advance": 1, "outcome": "LAPSED", "payout_id": None}
    lapsed = machines.payout.start(given, "IsReserved", {"payout_id": None, "round": 0})
    assert json.loads(lapsed.end()["output"])["outcome"] == "LAPSED"
    assert lapsed.entered == ["IsReserved", "AdvanceLapsed"]


def died(world: World, beneficiaries: list[dict[str, Any]]) -> tuple[WorkerApp, str]:
    """A death claim whose amount each beneficiary has accepted at a counter."""
    worker, reported = world.reported_claim("DEATH")
    claim_no = str(reported["claim_no"])
    worker.hand_in_all(reported, {})
    adjuster = world.staff("staff-shen")
    eventually(
        lambda: [line["claim_no"] for line in adjuster.queue("DECISION")],
        lambda queue: claim_no in queue,
        "the claim waits for a decision",
    )
    files = adjuster.claim_file(claim_no).expect(200)["files"]
    [relation] = [file["document_id"] for file in files if file["doc_type"] == "RELATION_PROOF"]
    verdict = {"status": "ACCEPTED", "reason_code": "GENUINE", "reason": "户口簿原件相符"}
    adjuster.api.post(f"/v1/staff/claims/{claim_no}/documents/{relation}/verdict", verdict).expect(200)
    adjuster.decide(claim_no, amount_fen=700_001).expect(200)
    world.staff("staff-lu").acknowledge(claim_no).expect(200)
    without_its_machine(world, claim_no)
    path, intake = f"/v1/staff/claims/{claim_no}/beneficiaries", world.staff("staff-jin")
    stated = intake.api.post(path, {"beneficiaries": beneficiaries}).expect(200)
    world.staff("staff-qiao").api.post(f"{path}/confirmation", {"version": stated["version"]}).expect(200)
    answer = {"answer": "ACCEPT", "reason": "两位受益人已在书面同意书上签字"}
    intake.api.post(f"{path}/answer", answer).expect(200)
    return worker, claim_no


def a_beneficiary(name: str, share: str) -> dict[str, Any]:
    person = make_person(today(), age=40)
    return {
        "name": name,
        "document_type": "RESIDENT_ID",
        "document_number": person.id_number,
        "relation": "PARENT",
        "share": share,
        "account_no": f"6222{person.id_number[3:17]}",
        "bank_name": "中国工商银行",
    }


def test_death_claim_pays_each_beneficiary_apart_when_two_people_have_named_them(
    world: World, machines: Machines
) -> None:
    worker, claim_no = died(world, [a_beneficiary("钱母", "3/5"), a_beneficiary("钱父", "2/5")])
    path = f"/v1/staff/claims/{claim_no}/beneficiaries"
    apart = machines.payout.start({"claim_no": claim_no})
    apart.end()
    assert apart.entered == ["ReservePayout", "IsReserved", "PaidApart"]
    for obligation in (1, 2):
        machines.payout.start({"claim_no": claim_no, "obligation": obligation}).end()
    world.wait_for_claim(worker, claim_no, "PAID", "CLOSED")
    shown = world.staff("staff-fang").api.get(path).expect(200)["beneficiaries"]
    assert [(heir["payout_state"], heir["amount_fen"]) for heir in shown] == [
        ("SUCCEEDED", 420_001),
        ("SUCCEEDED", 280_000),
    ]
    assert world.bills_of(claim_no) == [], "nothing goes to the wallet of the dead"


def failed_companies(execution: Execution) -> int:
    """What the Map of CloseDay counted; the engine's history does not tell of the states within."""
    outputs = [
        json.loads(event["stateExitedEventDetails"]["output"])
        for event in execution.history
        if event.get("stateExitedEventDetails", {}).get("name") == "CloseCompanies"
    ]
    return int(outputs[0]["failed"])


def test_day_is_closed_when_every_company_has_its_statement(world: World, machines: Machines) -> None:
    closed = machines.day.start({"scheduled_at": datetime.now(UTC).isoformat()})
    closed.end()
    assert closed.entered[-1] == "DayClosed"
    assert failed_companies(closed) == 0
    machines.day.seen.add(Way("IssueStatement", "next", ""))


def test_day_does_not_look_closed_when_a_company_fails(machines: Machines) -> None:
    given = {"day": "not-a-day", "company_ids": ["lw-e2e"], "next_token": "", "scheduled_at": "2026-11-24"}
    execution = machines.day.start(given, "CloseCompanies")
    assert execution.end("FAILED")["error"] == "StatementsMissing"
    assert failed_companies(execution) == 1
    caught = Way("IssueStatement", "catch States.ALL", "NoteFailure")
    machines.day.seen |= {caught, Way("NoteFailure", "next", "")}


@pytest.mark.parametrize(("token", "status"), [("", "SUCCEEDED"), ("no page of ours", "FAILED")])
def test_day_is_closed_only_with_its_later_pages_when_there_are_more(
    token: str, status: str, machines: Machines
) -> None:
    given = {"scheduled_at": datetime.now(UTC).isoformat(), "day": "2026-11-24", "failed": 0}
    start_at = "AreThereMore" if token else "CloseTheRest"
    execution = machines.day.start(given | {"next_token": token}, start_at)
    execution.end(status)
    assert "CloseTheRest" in execution.entered


@pytest.mark.parametrize("name", ["claim", "payout", "day"])
def test_no_way_is_left_when_all_tests_of_this_file_have_run(name: str, machines: Machines) -> None:
    for execution in machines.payout.nested():
        execution.note()
    machine: Machine = getattr(machines, name)
    assert sorted(ways_of(machine.states) - machine.seen) == []
