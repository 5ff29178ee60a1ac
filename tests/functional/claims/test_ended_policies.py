"""From the ending of a policy to its claims, through the real handlers: table, stream, queue, claim file, payout."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from daycover.books.journal import Account
from daycover.claims.answer import AnswerKind
from daycover.claims.attention import Attention
from daycover.claims.claim import Actor, Claim
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.obligation import ObligationState
from daycover.claims.record import opening
from daycover.claims.standing import POLICY_NOT_STANDING
from daycover.claims.steps import WaitStep
from daycover.cover.disclosure import plan_key
from daycover.cover.policy import PolicyStatus
from daycover.errors import DaycoverError
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import PayoutState, payout_number
from daycover.payouts.transfer import TransferState
from daycover.store import keys
from tests.functional.claims.permissions import is_allowed
from tests.functional.claims.stage import Stage
from tests.functional.claims.test_events import assert_permitted
from tests.functional.cover.gate import whole_aws
from tests.support.builders import NOW, WORKER, a_plan, a_project, consents_for
from tests.support.functions import event_file
from tests.support.ledger import balances
from tests.support.policies import Need

S = ClaimStatus
Prepare = Callable[[Stage], Claim]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(whole_aws(), monkeypatch)


# ---- the way of an ending -----------------------------------------------------------------------------


def void(stage: Stage) -> None:
    """The handler that staff call."""
    event = json.loads(event_file("void_policy", "in_force.200").read_text(encoding="utf-8"))
    assert stage.invoke("void_policy", event)["statusCode"] == 200


def withdraw(stage: Stage) -> None:
    """The handler that the worker calls: the policy is terminated at that instant."""
    project = a_project()
    consents = consents_for(project)
    stage.adapters.consents.add(WORKER, project.project_id, plan_key(a_plan(project.plan_id)), consents)
    event = json.loads(event_file("withdraw_consents", "project.200").read_text(encoding="utf-8"))
    assert stage.invoke("withdraw_consents", event)["statusCode"] == 200


def place_of_policy(stage: Stage) -> keys.Key:
    return keys.policy(stage.policy.person_id, stage.policy.sequence)


def on_wire(key: keys.Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def record_of(stage: Stage, place: keys.Key | None = None) -> dict[str, Any]:
    """What the stream of the policies tells of the item as it stands."""
    key = on_wire(place or place_of_policy(stage))
    table = stage.adapters.config.policies_table
    image = boto3.client("dynamodb").get_item(TableName=table, Key=key)["Item"]
    changed = {"Keys": key, "NewImage": image, "SequenceNumber": "100"}
    return {"Records": [{"eventID": "1", "eventName": "MODIFY", "dynamodb": changed}]}


def messages(stage: Stage) -> list[dict[str, Any]]:
    """Take what waits in the queue of ended policies, as Lambda does."""
    queue, url = boto3.client("sqs"), stage.adapters.config.ended_policies_queue_url
    found = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [
        {"messageId": message["MessageId"], "eventSource": "aws:sqs", "body": message["Body"]}
        for message in found
    ]


def brought(stage: Stage, place: keys.Key | None = None) -> list[dict[str, Any]]:
    """Let the stream and the queue run; gives the messages that went through."""
    record = record_of(stage, place)
    assert stage.invoke("record_cover", record) == {"batchItemFailures": []}
    told = messages(stage)
    flag(stage, told)
    return told


def flag(stage: Stage, told: list[dict[str, Any]]) -> None:
    if told:  # Lambda calls with at least one
        assert stage.invoke("flag_claims", {"Records": told}) == {"batchItemFailures": []}
        assert_permitted("flag_claims", stage)


# ---- claims on their way ------------------------------------------------------------------------------


def reserved(stage: Stage) -> Claim:
    claim = stage.agreed()
    assert stage.payouts.pay_obligation.reserve(claim.claim_no).outcome is Outcome.RESERVED
    return claim


def sent(stage: Stage) -> Claim:
    """The bill waits for the worker in WeChat."""
    claim = reserved(stage)
    assert stage.payouts.pay_obligation.submit(payout_number(claim.claim_no, 1)) is Outcome.PENDING
    return claim


def confirmed_by_the_worker(stage: Stage) -> Claim:
    claim = sent(stage)
    stage.adapters.wallet_transfers.finish(payout_number(claim.claim_no, 1))
    return claim


def file_of(stage: Stage, claim: Claim) -> Claim:
    return stage.claims.read_claims.file(claim.claim_no).claim


def flagged(claim: Claim) -> tuple[bool, bool]:
    """Whether the file shows the signal, and that a person must decide for its sake."""
    return (
        POLICY_NOT_STANDING in {signal.rule for signal in claim.signals},
        POLICY_NOT_STANDING in claim.round.referred_for,
    )


@pytest.mark.parametrize(
    ("prepare", "before", "after", "referred"),
    [
        (Stage.reported, S.AWAITING_DOCS, S.AWAITING_DOCS, False),
        (Stage.referred, S.IN_REVIEW, S.IN_REVIEW, True),
        (Stage.decided, S.DECIDED, S.IN_REVIEW, True),
        (Stage.approved, S.ACKNOWLEDGED, S.IN_REVIEW, True),
        (Stage.agreed, S.AGREED, S.IN_REVIEW, True),
        (reserved, S.PAYING, S.IN_REVIEW, True),
    ],
)
def test_claim_is_before_a_person_at_once_when_its_policy_is_voided(
    stage: Stage, prepare: Prepare, before: ClaimStatus, after: ClaimStatus, referred: bool
) -> None:
    claim = prepare(stage)
    assert file_of(stage, claim).status is before
    void(stage)
    assert file_of(stage, claim).status is before, "only the queue brings it"
    brought(stage)
    seen = file_of(stage, claim)
    assert (seen.status, seen.decision) == (after, Decision.PENDING)
    assert flagged(seen) == (True, referred)
    assert seen.round.holding.fen == 0, "the policy has its room back"
    assert stage.adapters.wallet_transfers.bills == {}, "nothing was sent"


@pytest.mark.parametrize("end", [void, withdraw])
def test_claim_is_before_a_person_when_its_policy_ends_after_the_accident(
    stage: Stage, end: Callable[[Stage], None]
) -> None:
    """A termination after the accident still covers it: a person says so, not the machine."""
    claim = stage.agreed()
    end(stage)
    brought(stage)
    seen = file_of(stage, claim)
    assert (seen.status, seen.decision) == (S.IN_REVIEW, Decision.PENDING)
    assert flagged(seen) == (True, True)


def test_reserved_payout_is_never_sent_when_the_policy_is_voided(stage: Stage) -> None:
    claim = reserved(stage)
    number = payout_number(claim.claim_no, 1)
    void(stage)
    brought(stage)
    payout = stage.adapters.payouts.get(number)
    assert (payout.state, payout.fail_reason) == (PayoutState.FAILED, POLICY_NOT_STANDING)
    (obligation,) = file_of(stage, claim).round.obligations
    assert obligation.state is ObligationState.LAPSED
    assert stage.payouts.pay_obligation.submit(number) is Outcome.FAILED
    assert stage.payouts.pay_obligation.reserve(claim.claim_no).outcome is Outcome.STOPPED
    assert stage.adapters.wallet_transfers.bills == {}
    assert_nothing_in_flight(stage)


def test_bill_is_cancelled_when_the_policy_is_voided_before_the_worker_confirms(stage: Stage) -> None:
    claim = sent(stage)
    number = payout_number(claim.claim_no, 1)
    stage.payouts.pay_obligation.hold(number, "the payout waits")
    void(stage)
    brought(stage)
    bank = stage.adapters.wallet_transfers
    assert bank.bills[number].state is TransferState.CANCELING
    assert "the payout waits" in stage.adapters.workflows.answers, "its execution asks at once"
    waiting = file_of(stage, claim)
    assert (waiting.status, waiting.attention) == (S.PAYING, Attention.POLICY_NOT_STANDING)
    # what the execution does then
    pay = stage.payouts.pay_obligation
    assert pay.confirm(number) is Outcome.FAILED
    assert pay.record_failure(claim.claim_no, Outcome.FAILED, number) is Outcome.STOPPED
    seen = file_of(stage, claim)
    assert (seen.status, seen.decision) == (S.IN_REVIEW, Decision.PENDING)
    assert flagged(seen) == (True, True)
    assert stage.adapters.payouts.get(number).state is PayoutState.FAILED
    assert bank.bills[number].state is TransferState.CANCELLED
    assert bank.paid_fen == 0
    assert_nothing_in_flight(stage)


def test_money_that_has_left_is_left_alone_when_the_policy_is_voided(stage: Stage) -> None:
    claim = confirmed_by_the_worker(stage)
    number = payout_number(claim.claim_no, 1)
    void(stage)
    brought(stage)
    pay = stage.payouts.pay_obligation
    assert pay.post(number) is Outcome.SUCCEEDED
    seen = file_of(stage, claim)
    assert seen.status is S.PAID
    assert stage.adapters.payouts.get(number).state is PayoutState.SUCCEEDED
    assert stage.adapters.wallet_transfers.paid_fen == stage.adapters.payouts.get(number).amount_fen


def test_paid_claim_stays_as_it_is_when_its_policy_is_voided(stage: Stage) -> None:
    claim = confirmed_by_the_worker(stage)
    number = payout_number(claim.claim_no, 1)
    pay = stage.payouts.pay_obligation
    assert pay.confirm(number) is Outcome.SUCCEEDED
    pay.post(number)
    paid = file_of(stage, claim)
    void(stage)
    brought(stage)
    assert file_of(stage, claim) == paid


def test_refusal_stands_when_the_policy_is_voided(stage: Stage) -> None:
    claim = stage.refused()
    refused = file_of(stage, claim)
    void(stage)
    brought(stage)
    assert file_of(stage, claim) == refused


@pytest.mark.parametrize("prepare", [Stage.reported, Stage.referred, Stage.agreed, reserved, sent])
def test_nothing_changes_when_record_and_message_come_again(stage: Stage, prepare: Prepare) -> None:
    claim = prepare(stage)
    void(stage)
    told = brought(stage)
    first = stage.adapters.claims.history(claim.claim_no)
    before = stage.adapters.claims.get(claim.claim_no)
    assert brought(stage) != told, "a replayed record is told of again, in case the first try died"
    flag(stage, told)
    assert stage.adapters.claims.history(claim.claim_no) == first
    assert stage.adapters.claims.get(claim.claim_no) == before
    steps = Counter(entry.event for entry in first)
    assert {steps[event] for event in (ClaimEvent.POLICY_ENDED, ClaimEvent.PAYOUT_UNRESOLVED)} <= {0, 1}


def test_workflow_follows_its_claim_to_the_adjuster_when_it_waited_for_the_worker(stage: Stage) -> None:
    claim = stage.approved()
    stage.claims.follow_claim.open_step(claim.claim_no, WaitStep.AGREEMENT, "the claim waits")
    void(stage)
    brought(stage)
    assert stage.adapters.workflows.answers["the claim waits"] == {"answer": "DISPUTED"}
    with pytest.raises(DaycoverError):
        stage.claims.answer_claim(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)


def test_archived_policy_s_claim_is_told_when_it_is_voided(stage: Stage) -> None:
    claim = stage.agreed()
    stage.adapters.archive.add(stage.policy)
    table = stage.adapters.config.policies_table
    boto3.client("dynamodb").delete_item(TableName=table, Key=on_wire(place_of_policy(stage)))
    stage.at = NOW + timedelta(days=40)
    event = json.loads(event_file("void_policy", "archived.200").read_text(encoding="utf-8"))
    assert stage.invoke("void_policy", event)["statusCode"] == 200
    assert_permitted("void_policy", stage)
    assert messages(stage) == [], "it is the stream that tells"
    told = brought(stage, keys.policy_put_back(stage.policy.person_id, stage.policy.policy_no))
    assert [json.loads(message["body"]) for message in told] == [{"policy_no": stage.policy.policy_no}]
    seen = file_of(stage, claim)
    assert seen.status is S.IN_REVIEW
    assert flagged(seen) == (True, True)


def test_nobody_is_told_when_a_policy_is_issued(stage: Stage) -> None:
    assert brought(stage) == []


@pytest.mark.parametrize("prepare", [Stage.referred, Stage.agreed])
def test_old_news_changes_nothing_when_the_policy_stands(stage: Stage, prepare: Prepare) -> None:
    claim = prepare(stage)
    before = stage.adapters.claims.get(claim.claim_no)
    assert stage.adapters.policies.get(stage.policy.policy_no).status is PolicyStatus.ISSUED
    body = json.dumps({"policy_no": stage.policy.policy_no})
    flag(stage, [{"messageId": "m", "eventSource": "aws:sqs", "body": body}])
    assert stage.adapters.claims.get(claim.claim_no) == before


def test_other_policy_s_claim_is_left_alone_when_one_of_the_person_s_ends(stage: Stage) -> None:
    claim = stage.agreed()
    policy = claim.policy.model_copy(update={"policy_no": "DC000AQKFF04HMASW9NF6Y2EQ0002Z"})
    assert policy.person_id == stage.policy.person_id
    other = claim.model_copy(update={"claim_no": "CL" + "1" * 24, "policy": policy, "version": 1})
    stage.adapters.claims.add(other, opening(other, Actor.worker(WORKER)))
    void(stage)
    brought(stage)
    assert stage.adapters.claims.get(claim.claim_no).status is S.IN_REVIEW
    assert stage.adapters.claims.get(other.claim_no).status is S.AGREED


@pytest.mark.parametrize("secret", ["WechatSecret", "BankSecret"])
def test_bills_can_be_cancelled_where_they_are_when_the_role_asks(secret: str) -> None:
    assert is_allowed("flag_claims", Need("secretsmanager:GetSecretValue", secret))
    assert not is_allowed("flag_claims", Need("states:StartExecution", "*-payout"))


def assert_nothing_in_flight(stage: Stage) -> None:
    """Nothing is on its way any more, in the books as little as outside."""
    day = stage.at.date()
    entries = [e for d in (day - timedelta(days=1), day) for e in stage.adapters.journal.of_day("C1", d)]
    assert balances(entries).get(Account.PAYOUT_IN_FLIGHT, 0) == 0
