"""Notices to workers: every event file through the handler, with a WeChat that remembers what it sent."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from daycover.claims.claim import Actor, Claim, Queue
from daycover.claims.documents import DocumentType
from daycover.claims.due import Clock
from daycover.claims.inform import Delivery
from daycover.claims.notice import DeliveryChannel
from daycover.platform.config import Config
from daycover.store.notices import StoredAccessToken, StoredDeliveries
from daycover.wechat.credentials import MerchantCredentials
from daycover.wechat.subscribe import SubscribeMessages
from tests.functional.claims.aws import BUCKET, OPERATIONS, cipher, operations_table
from tests.functional.claims.stage import CREDENTIALS, Stage, body_of
from tests.functional.claims.test_events import assert_permitted
from tests.simulators.mini_program import MiniProgramServer
from tests.support.builders import WORKER
from tests.support.claims import REPORTED_AT, an_announcement
from tests.support.fakes.claims import FakeMessages
from tests.support.functions import event_file, events_of, key_of
from tests.support.papers import a_jpeg
from tests.support.queues import queued

CLAIM = "CLNE9FRNYEM14TDZ91CD9VHG33"
EVENTS = events_of("inform_worker")


EXPECTED: dict[str, tuple[str | None, Delivery | None]] = {
    "paid": ("已到账", Delivery.SENT),
    "advance_paid": ("先予到账", Delivery.SENT),
    "advance_account_wanted": ("待填账户", Delivery.SENT),
    "told_before": ("已到账", Delivery.SENT),
    "not_wanted": ("已到账", Delivery.NOT_WANTED),
    "no_news": (None, None),
    "account_wanted": ("待填账户", Delivery.SENT),
    "wechat_is_silent": (None, None),
}


@pytest.mark.parametrize("path", EVENTS, ids=key_of)
def test_worker_is_told_once_when_the_step_is_news(
    path: Path, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, messages = Stage(aws, monkeypatch), FakeMessages()
    monkeypatch.setattr(type(stage.adapters), "subscribe_messages", messages)
    claim = stage.paid()
    case, expected = path.name.split(".")[:2]
    assert claim.claim_no == CLAIM
    messages.silent = case == "wechat_is_silent"
    messages.answer = Delivery.NOT_WANTED if case == "not_wanted" else Delivery.SENT
    event = json.loads(path.read_text(encoding="utf-8"))
    for _ in range(2):
        answer: dict[str, Any] = stage.invoke("inform_worker", event)
        failed = answer["batchItemFailures"]
        assert failed == ([] if expected == "ok" else [{"itemIdentifier": "100"}])
        assert_permitted("inform_worker", stage)
    phrase, delivery = EXPECTED[case]
    assert [notice.phrase for notice in messages.sent] == ([phrase] if phrase else [])
    image = event["Records"][0]["dynamodb"]["NewImage"]
    kept = StoredDeliveries(operations_table()).find(CLAIM, int(image["version"]["N"]))
    assert kept is delivery
    assert stage.adapters.claims.get(CLAIM).status == "PAID"


def test_nothing_is_sent_or_kept_when_the_stack_has_no_template(
    aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, messages = Stage(replace(aws, claim_message_template=""), monkeypatch), FakeMessages()
    monkeypatch.setattr(type(stage.adapters), "subscribe_messages", messages)
    stage.paid()
    event = json.loads(event_file("inform_worker", "paid.ok").read_text(encoding="utf-8"))
    assert stage.invoke("inform_worker", event)["batchItemFailures"] == []
    assert (messages.sent, stage.adapters.calls) == ([], [])


def test_token_is_kept_sealed_and_the_longer_one_stands(aws: Config) -> None:
    table = operations_table()
    cache = StoredAccessToken(table, cipher(aws), "wx1")
    assert cache.find() is None
    late = REPORTED_AT + timedelta(hours=2)
    cache.keep(("new-token", late))
    cache.keep(("old-token", REPORTED_AT))
    found = cache.find()
    assert found is not None
    assert (found.token, found.ends_at) == ("new-token", late)
    assert "new-token" not in str(table._client.call("Scan", TableName=OPERATIONS)["Items"])


# ---- a message delivers the notice (通知书) of its line


@pytest.fixture
def wechat() -> Iterator[MiniProgramServer]:
    with MiniProgramServer(CREDENTIALS, knows_openid=bool) as server:
        yield server


def connected(stage: Stage, wechat: MiniProgramServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Send through the real adapter; gives the openid of the insured."""
    merchant = MerchantCredentials.model_validate(CREDENTIALS.merchant_json())
    cache = StoredAccessToken(operations_table(), stage.adapters.cipher, merchant.appid)
    messages = SubscribeMessages(merchant, "T1", cache, base_url=wechat.base_url)
    monkeypatch.setattr(type(stage.adapters), "subscribe_messages", messages)
    return stage.adapters.workers.get(WORKER).openid


def streamed(stage: Stage, claim_no: str) -> None:
    """Show every line of the history as the table's stream does, also those that the showing made."""
    shown: set[str] = set()
    while True:
        found = boto3.client("dynamodb").query(
            TableName=OPERATIONS,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": f"CLAIM#{claim_no}"}, ":sk": {"S": "HISTORY#"}},
        )
        images = [image for image in found["Items"] if image["sk"]["S"] not in shown]
        if not images:
            return
        shown |= {image["sk"]["S"] for image in images}
        records = [
            {
                "eventID": image["sk"]["S"],
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "Keys": {"pk": image["pk"], "sk": image["sk"]},
                    "SequenceNumber": str(number),
                    "NewImage": image,
                },
            }
            for number, image in enumerate(images, 100)
        ]
        assert stage.invoke("inform_worker", {"Records": records})["batchItemFailures"] == []
        assert_permitted("inform_worker", stage)


def supplement_asked(stage: Stage) -> Claim:
    claim = stage.referred()
    stage.at += timedelta(hours=1)
    wanted = (DocumentType.DIAGNOSIS,)
    return stage.claims.review_claim.request_supplement("adjuster-1", claim.claim_no, wanted, "字迹不清")


def refusal_issued(stage: Stage) -> Claim:
    return stage.claims.follow_claim.notify_refusal(stage.refused().claim_no)


def auto_approved(stage: Stage) -> Claim:
    return stage.adapters.claims.get(stage.approved().claim_no)


MADE = {"PAPERS_REQUEST": supplement_asked, "REFUSAL": refusal_issued, "RESULT": auto_approved}


@pytest.mark.parametrize("kind", MADE)
def test_notice_is_delivered_when_wechat_took_the_message_of_its_line(
    kind: str, aws: Config, wechat: MiniProgramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    connected(stage, wechat, monkeypatch)
    claim = MADE[kind](stage)
    assert [c.claim_no for c in queued(stage.adapters.claims, Queue.NOTICE)] == [claim.claim_no]
    for _ in range(2):
        streamed(stage, claim.claim_no)
        known = stage.adapters.claims.get(claim.claim_no)
        (fact,) = known.round.notices
        assert fact.kind == kind
        assert fact.delivered is not None
        assert (fact.delivered.channel, fact.delivered.at) == (DeliveryChannel.MESSAGE, stage.at)
        assert queued(stage.adapters.claims, Queue.NOTICE) == []
    assert known.version == claim.version + 1, "delivered once"
    assert len(known.round.pauses) == (kind == "PAPERS_REQUEST")


@pytest.mark.parametrize("kind", MADE)
def test_notice_waits_for_staff_when_the_user_refuses_messages(
    kind: str, aws: Config, wechat: MiniProgramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WeChat answers 43101 (user refuse to accept the msg)."""
    stage = Stage(aws, monkeypatch)
    wechat.set_subscription(connected(stage, wechat, monkeypatch), "T1", 0)
    claim = MADE[kind](stage)
    streamed(stage, claim.claim_no)
    assert stage.adapters.claims.get(claim.claim_no) == claim
    assert [c.claim_no for c in queued(stage.adapters.claims, Queue.NOTICE)] == [claim.claim_no]
    file = json.loads(
        stage.invoke(
            "list_staff_claims", json.loads(event_file("list_staff_claims", "file.200").read_text())
        )["body"]
    )
    assert file["notice_message"] == "NOT_WANTED"
    assert (file["notices"][0]["kind"], file["notices"][0]["delivery"]) == (kind, None)
    assert file["clocks"]["adjudication_paused"] is False


# ---- the whole way, over the handlers


def asked(
    stage: Stage, function: str, case: str, body: dict[str, Any] | None = None, status: int = 200
) -> Any:
    """Send an event file, with another body where one is given."""
    event = json.loads(event_file(function, f"{case}.200").read_text(encoding="utf-8"))
    if body is not None:
        event["body"] = json.dumps(body)
    response = stage.invoke(function, event)
    assert response["statusCode"] == status, response
    assert_permitted(function, stage)
    return body_of(response)


def undelivered_of(stage: Stage) -> list[str]:
    return [line["notice"] for line in asked(stage, "list_staff_claims", "notice_queue")["claims"]]


def test_thirty_days_pause_from_the_call_when_the_phone_takes_no_message(
    aws: Config, wechat: MiniProgramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    wechat.set_subscription(connected(stage, wechat, monkeypatch), "T1", 0)
    stage.referred()
    due = stage.at + timedelta(days=30)
    stage.at += timedelta(hours=1)
    file = asked(stage, "review_claim", "supplement", {"documents": ["DIAGNOSIS"], "reason": "字迹不清"})
    streamed(stage, CLAIM)
    (notice,) = file["notices"]
    assert "诊断证明" in notice["text"]
    assert datetime.fromisoformat(file["clocks"]["adjudication_due_at"]) == due, "nobody has told them"
    assert undelivered_of(stage) == ["PAPERS_REQUEST"]
    stage.at += timedelta(days=1)
    told = stage.at
    called = {"channel": "CALL", "at": told.isoformat(), "reference": "13900001234", "note": "与本人通话"}
    stage.at += timedelta(hours=5)  # and recorded later
    file = asked(stage, "note_claim", "notice_by_call", called)
    assert file["clocks"] | {"adjudication_due_at": None, "adjudication_paused": True} == file["clocks"]
    assert datetime.fromisoformat(file["notices"][0]["delivery"]["at"]) == told
    assert file["history"][-1]["reason"] == "13900001234; 与本人通话"
    assert undelivered_of(stage) == []
    other = {"channel": "LETTER", "reference": "XA12345678912"}
    again = asked(stage, "note_claim", "notice_by_letter", other)
    assert again["notices"] == file["notices"], "the first delivery counts"
    stage.at += timedelta(days=9)
    stage.send(stage.adapters.claims.get(CLAIM), DocumentType.DIAGNOSIS, facts=None)
    assert stage.claims.complete_documents(CLAIM) != ()  # the paper of before does not answer it
    announced = an_announcement(DocumentType.DIAGNOSIS, None, a_jpeg("a better scan"))
    document = stage.claims.collect_documents.announce(Actor.worker(WORKER), CLAIM, announced).document
    boto3.client("s3").put_object(Bucket=BUCKET, Key=document.object_key(), Body=a_jpeg("a better scan"))
    stage.claims.collect_documents.receive(Actor.worker(WORKER), CLAIM, document.document_id)
    file = asked(stage, "list_staff_claims", "file")
    assert file["status"] == "IN_REVIEW"
    assert datetime.fromisoformat(file["clocks"]["adjudication_due_at"]) == due + (stage.at - told)


def test_refusal_that_nobody_delivers_is_closed_breaches_and_stays_with_staff(
    aws: Config, wechat: MiniProgramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    wechat.set_subscription(connected(stage, wechat, monkeypatch), "T1", 0)
    stage.refused()
    for task in ("notify_refusal", "close_claim"):
        stage.invoke(task, {"claim_no": CLAIM})
    streamed(stage, CLAIM)
    assert stage.adapters.claims.get(CLAIM).status == "CLOSED"
    assert undelivered_of(stage) == ["REFUSAL"]
    stage.at += timedelta(days=3)
    assert stage.invoke("note_breaches", {})["breaches"] == 1
    assert_permitted("note_breaches", stage)
    assert stage.invoke("note_breaches", {})["breaches"] == 0
    for entry in stage.adapters.claims.history(CLAIM):
        stage.claims.keep_service_levels(entry)
    month = stage.claims.read_service_levels.book("2026-11")
    assert month.breaches[Clock.REFUSAL_NOTICE] == 1
    assert undelivered_of(stage) == ["REFUSAL"]
    posted = {"channel": "LETTER", "at": stage.at.isoformat(), "reference": "XA12345678912"}
    file = asked(stage, "note_claim", "notice_by_letter", posted)
    assert (file["status"], file["clocks"]["refusal_notice_due_at"], undelivered_of(stage)) == (
        "CLOSED",
        None,
        [],
    )


def test_refusal_is_delivered_when_the_claimant_opens_it(
    aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    stage.refused()
    before = asked(stage, "read_claims", "refused")
    assert (before["notices"][0]["delivery"], undelivered_of(stage)) == (None, ["REFUSAL"]), (
        "reading the claim is no receipt"
    )
    assert "非意外事故" in before["notices"][0]["text"]
    after = asked(stage, "answer_claim", "read_notice")
    assert after["notices"][0]["delivery"]["channel"] == "APP_SEEN"
    assert after["clocks"]["refusal_notice_due_at"] is None
    assert undelivered_of(stage) == []
