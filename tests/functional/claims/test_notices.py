"""Notices to workers: every event file through the handler, with a WeChat that remembers what it sent."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daycover.claims.inform import Delivery
from daycover.platform.config import Config
from daycover.store.notices import StoredAccessToken, StoredDeliveries
from tests.functional.claims.aws import OPERATIONS, cipher, operations_table
from tests.functional.claims.stage import Stage
from tests.functional.claims.test_events import assert_permitted
from tests.support.claims import REPORTED_AT
from tests.support.fakes.claims import FakeMessages
from tests.support.functions import event_file, events_of, key_of

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
