"""Every event file of reporting and reconciliation through its handler, under the role of the template."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer

from daycover.claims.due import Clock
from daycover.identity.consent import ConsentKind
from daycover.insurer.signature import sign
from daycover.reporting.breaks import BreakKind, BreakStatus, Difference, Resolution
from daycover.reporting.follow import OpenLine
from daycover.reporting.rows import rows_of
from daycover.store import keys
from daycover.store.dynamodb import Put, sortable
from tests.functional.claims.permissions import is_allowed, needs
from tests.functional.cover.gate import Gate
from tests.functional.reporting.conftest import KEYS, queued
from tests.simulators.faults import Fault
from tests.simulators.insurer import InsurerServer
from tests.support.builders import PROJECT, WORKER, a_line, a_policy, an_id_number
from tests.support.functions import event_file, events_of
from tests.support.insured import credentials_of
from tests.support.policies import Need

FUNCTIONS = (
    "follow_claims",
    "sweep_claims",
    "list_breaks",
    "query_insurer",
    "receive_insurer_answers",
    "reconcile_company",
    "report_to_insurer",
    "resolve_break",
    "send_daily_file",
    "watch_breaks",
)
EVENTS = events_of(*FUNCTIONS)
ROW = rows_of(a_policy())[0]
BREAK = Difference(
    kind=BreakKind.REPORT_MISSING,
    day=date(2026, 11, 24),
    subject=ROW.row_id,
    company_id="C1",
    expected_fen=70,
)
Prepare = Callable[[Gate, InsurerServer], Any]


def nothing(_: Gate, __: InsurerServer) -> None:
    """The world as it is built."""


def broken(gate: Gate, _: InsurerServer) -> None:
    gate.reporting.keep_breaks([BREAK])


def overdue(gate: Gate, server: InsurerServer) -> None:
    broken(gate, server)
    gate.now.advance(hours=25)


def resolved(gate: Gate, server: InsurerServer) -> None:
    broken(gate, server)
    gate.reporting.resolve_break("finance-9", BREAK.break_id, Resolution.ACCEPTED, "INC-1")


def silent(gate: Gate, server: InsurerServer) -> None:
    server.keep_silent("")
    gate.reporting.report_events.messages([{"rows": [ROW.model_dump(mode="json")]}])
    gate.now.advance(minutes=10)


def answered_late(gate: Gate, server: InsurerServer) -> None:
    silent(gate, server)
    server.decide(ROW.row_id, "ACKNOWLEDGED")


def rejecting(_: Gate, server: InsurerServer) -> None:
    server.reject("", "NOT_INSURABLE")


def down(_: Gate, server: InsurerServer) -> None:
    server.faults.arm(Fault.from_json({"kind": "status", "status": 429}))


def reported(gate: Gate, _: InsurerServer) -> None:
    gate.adapters.cover_lines.record(a_line())
    gate.reporting.report_events.messages([{"rows": [ROW.model_dump(mode="json")]}])


def claimed(gate: Gate, _: InsurerServer) -> None:
    claim_no = "CL" + "0" * 24
    item = {
        "policy": a_policy().model_dump(mode="json"),
        "claim_no": claim_no,
        "rounds": [{"documents_complete_at": "2026-11-23T01:00:00Z", "paid_at": "2026-11-24T00:30:00Z"}],
    }
    gate.adapters.operations.put(Put(keys.claim(claim_no), item))


def left_open(gate: Gate, server: InsurerServer) -> None:
    """A line of the history that the stream never told of."""
    claimed(gate, server)
    event = json.loads(event_file("follow_claims", "paid.ok").read_text(encoding="utf-8"))
    image = {
        name: TypeDeserializer().deserialize(value)
        for name, value in event["Records"][0]["dynamodb"]["NewImage"].items()
    }
    line = OpenLine(image["claim_no"], int(image["version"]), datetime.fromisoformat(image["at"]))
    at = sortable(line.at)
    entry = {"claim_no": line.claim_no, "version": line.version, "due": at}
    gate.adapters.operations.put(Put(keys.claim_history(line.claim_no, line.version), image))
    gate.adapters.operations.put(Put(keys.open_line(line.claim_no, line.version, at), entry))
    gate.now.advance(hours=2)


PREPARED: dict[str, Prepare] = {
    "follow_claims/registered": claimed,
    "follow_claims/paid": claimed,
    "follow_claims/clock_breached": claimed,
    "sweep_claims/hourly": left_open,
    "list_breaks/open": broken,
    "query_insurer/silence": answered_late,
    "receive_insurer_answers/late": answered_late,
    "reconcile_company/day": reported,
    "report_to_insurer/rejected": rejecting,
    "report_to_insurer/insurer_down": down,
    "resolve_break/resolved": broken,
    "resolve_break/resolved_otherwise": resolved,
    "send_daily_file/day": reported,
    "watch_breaks/none_overdue": broken,
    "watch_breaks/overdue": overdue,
}


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_handler_does_as_the_file_s_name_says(
    path: Path, gate: Gate, insurer: InsurerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, status = path.stem.rsplit(".", 1)
    name = f"{path.parent.name}/{case}"
    PREPARED.get(name, nothing)(gate, insurer)
    event = json.loads(path.read_text(encoding="utf-8").replace("{{break_id}}", BREAK.break_id))
    if event.get("headers", {}).get("Insurer-Signature") == "{{insurer_signature}}":
        event["headers"]["Insurer-Signature"] = signature(event["body"])
    answer = gate.invoke(path.parent.name, event, monkeypatch)
    if "statusCode" in answer:
        assert answer["statusCode"] == int(status), answer["body"]
    elif "overdue" in answer:
        assert answer == {"overdue": int(case == "overdue")}
    elif "batchItemFailures" in answer:
        assert bool(answer["batchItemFailures"]) is (status == "failed"), answer
    assert_permitted(path.parent.name, gate)


def signature(body: str) -> str:
    credentials = credentials_of(KEYS)
    return sign(
        credentials,
        method="POST",
        target="/v1/insurer/answers",
        body=body.encode(),
        now=datetime.now(UTC),
        nonce="n",
    )


def assert_permitted(function: str, gate: Gate) -> None:
    asked = {
        need for operation, arguments in gate.adapters.calls for need in wanted(gate, operation, arguments)
    }
    assert [need for need in sorted(asked) if not is_allowed(function, need)] == []


def wanted(gate: Gate, operation: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
    if operation == "SendMessageBatch":
        yield Need("sqs:SendMessage", "InsurerQueue.Arn")
    elif operation == "PutObject":
        assert arguments["Key"].startswith("insurer/")
        yield Need("s3:PutObject", "${DocumentsBucket.Arn}/insurer/*")
    elif operation == "GetObject" and arguments["Key"].startswith("insurer/"):
        yield Need("s3:GetObject", "${DocumentsBucket.Arn}/insurer/*")
    else:
        yield from needs(operation, dict(arguments))


def test_policy_is_acknowledged_when_its_stream_record_goes_all_the_way(
    gate: Gate, insurer: InsurerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = json.loads(event_file("archive_policy", "issued.ok").read_text(encoding="utf-8"))
    for _ in range(2):  # a replayed record changes nothing
        gate.invoke("archive_policy", records, monkeypatch)
    messages = queued(gate.adapters.config)
    assert len(messages) == 2
    batch = {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate(messages)]}
    assert gate.invoke("report_to_insurer", batch, monkeypatch) == {"batchItemFailures": []}
    (known,) = insurer.rows().values()
    assert (known.state, known.times) == ("ACKNOWLEDGED", 1)


def test_differences_are_named_when_a_day_has_no_journal_and_no_statement(
    gate: Gate, insurer: InsurerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported(gate, insurer)
    day = {"company_id": "C1", "day": "2026-11-24"}
    assert gate.invoke("send_daily_file", day, monkeypatch)["file"] == "ACKNOWLEDGED"
    found = gate.invoke("reconcile_company", day, monkeypatch)
    assert (found["breaks"], found["new_breaks"]) == (1, 1)
    assert gate.invoke("reconcile_company", day, monkeypatch)["new_breaks"] == 0
    event = json.loads(event_file("list_breaks", "open.200").read_text(encoding="utf-8"))
    body = json.loads(gate.invoke("list_breaks", event, monkeypatch)["body"])
    assert [(item["kind"], item["owner"], item["age_hours"]) for item in body["breaks"]] == [
        ("JOURNAL_MISSING", "FINANCE", 0)
    ]


def one_row() -> Any:
    event = json.loads(event_file("report_to_insurer", "issued.ok").read_text(encoding="utf-8"))
    return {"Records": event["Records"][:1]}


def test_identity_reaches_the_insurer_alone_when_a_policy_is_reported_and_filed(
    gate: Gate, insurer: InsurerServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Sealed on the wire, in the table and in the file; read once, and in no log line."""
    event = one_row()
    gate.adapters.calls.clear()
    gate.invoke("report_to_insurer", event, monkeypatch)
    gate.invoke("report_to_insurer", event, monkeypatch)
    assert_permitted("report_to_insurer", gate)
    gate.invoke("send_daily_file", {"company_id": "C1", "day": "2026-11-24"}, monkeypatch)
    (known,) = insurer.rows().values()
    assert (known.state, known.times) == ("ACKNOWLEDGED", 2), "the same row, under its first seal"
    identity = insurer.open(known.row["cover"]["insured"], known.row["row_id"])
    assert (identity["name"], identity["document_no"]) == ("王小明", an_id_number())
    (stored,) = gate.adapters.reports.of_day("C1", date(2026, 11, 24))
    assert stored.row.model_dump(mode="json", exclude_none=True) == known.row, (
        "what was announced is what is sent"
    )
    s3, bucket = boto3.client("s3"), gate.adapters.config.documents_bucket
    kept = [
        s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read().decode()
        for item in s3.list_objects_v2(Bucket=bucket, Prefix="insurer/")["Contents"]
    ]
    assert any(known.row["cover"]["insured"] in text for text in kept)
    out, err = capfd.readouterr()
    for text in (str(stored), *kept, str(queued(gate.adapters.config)), out, err):
        assert "王小明" not in text
        assert an_id_number() not in text


def test_nobody_is_named_to_the_insurer_when_the_consent_does_not_stand(
    gate: Gate, insurer: InsurerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = (ConsentKind.SHARE_WITH_INSURER,)
    gate.adapters.consents.withdraw(WORKER, PROJECT, kinds, gate.now())
    event = one_row()
    gate.invoke("report_to_insurer", event, monkeypatch)
    (known,) = insurer.rows().values()
    assert (known.state, known.reason) == ("REJECTED", "INSURED_MISSING")
    found, _ = gate.adapters.breaks.list_by(BreakStatus.OPEN)
    assert [item.difference.kind for item in found] == [BreakKind.REPORT_REJECTED]


def test_service_levels_are_kept_once_when_the_history_is_replayed(
    gate: Gate, insurer: InsurerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed(gate, insurer)
    for _ in range(2):
        for case in ("registered", "paid", "clock_breached"):
            event = json.loads(event_file("follow_claims", f"{case}.ok").read_text(encoding="utf-8"))
            gate.invoke("follow_claims", event, monkeypatch)
    levels = gate.claims.read_service_levels
    for month in (levels.company("C1", "2026-11"), levels.book("2026-11")):
        assert (month.claims_paid, month.in_time_bps, month.median_hours) == (1, 10_000, 23.5)
        assert month.breaches[Clock.ADJUDICATION] == 1
    assert levels.company("C2", "2026-11").claims_paid == 0


def test_row_is_the_same_when_it_is_sent_again_after_a_lost_reply(
    gate: Gate, insurer: InsurerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealing is random, so the row that was announced is what goes out again; anything else is ROW_CHANGED."""
    insurer.faults.arm(Fault.from_json({"kind": "lost_reply"}))
    for _ in range(2):
        gate.invoke("report_to_insurer", one_row(), monkeypatch)
        gate.now.advance(minutes=2)
    (known,) = insurer.rows().values()
    assert (known.state, known.reason, known.times) == ("ACKNOWLEDGED", None, 2)
    assert gate.adapters.reports.waiting(gate.now() + timedelta(hours=1), 100) == [], "nothing waits any more"
