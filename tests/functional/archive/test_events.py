"""Every event file of the archive through its handler, the outage of 25 hours, and what a worker keeps."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from daycover.cover.policy import Policy, PolicyStatus
from daycover.cover.roster import line_of
from daycover.platform.config import Config
from daycover.store import keys
from daycover.store.policies import policy_item
from tests.functional.claims.permissions import archive_needs, is_allowed, needs
from tests.functional.cover.gate import Gate
from tests.support.builders import NOW, WORKER, a_policy, an_id_number, an_identity
from tests.support.fakes.claims import FakeWorkflows
from tests.support.functions import events_of, key_of
from tests.support.policies import Need

FUNCTIONS = ("archive_policy", "sweep_archive")
EVENTS = events_of(*FUNCTIONS)
VOIDED = a_policy(status=PolicyStatus.VOIDED)


def archived(gate: Gate) -> None:
    gate.adapters.archive.add(a_policy())


def in_the_table_alone(gate: Gate) -> None:
    gate.policy_stands()
    gate.now.advance(hours=25)


def swept(gate: Gate) -> None:
    in_the_table_alone(gate)
    gate.cover.sweep_archive(0, 1)


def batched(gate: Gate) -> None:
    gate.adapters.archive.append([a_policy()])


PREPARED: dict[str, Callable[[Gate], None]] = {
    "archive_policy/voided": batched,
    "archive_policy/expired": archived,
    "archive_policy/deleted_by_hand": archived,
    "sweep_archive/first": in_the_table_alone,
    "sweep_archive/again": swept,
}
ARCHIVED: dict[str, Policy] = {"archive_policy/voided": VOIDED, "archive_policy/voided_before_issued": VOIDED}
"""What the archive holds afterwards, where it is not the policy as it was issued."""
COUNTED: dict[str, set[str]] = {
    "archive_policy/expired": {"PolicyExpired"},
    "archive_policy/expired_unarchived": {"PolicyExpired", "ArchiveMissing"},
    "archive_policy/deleted_by_hand": {"PolicyDeletedByHand"},
    "sweep_archive/first": {"PolicyRepaired", "ArchiveConflict", "HoursUnswept"},
    "sweep_archive/again": {"PolicyRepaired", "ArchiveConflict", "HoursUnswept"},
}
ANSWERS = {
    "sweep_archive/first": {"looked_at": 1, "repaired": 1, "conflicts": 0, "finished": True},
    "sweep_archive/again": {"looked_at": 0, "repaired": 0, "conflicts": 0, "finished": True},
}


@pytest.mark.parametrize("path", EVENTS, ids=key_of)
def test_handler_does_as_the_file_s_name_says(
    path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    PREPARED.get(key_of(path), Gate.nothing)(gate)
    capsys.readouterr()
    outcome = gate.invoke(path.parent.name, json.loads(path.read_text(encoding="utf-8")), monkeypatch)
    assert_permitted(path.parent.name, gate)
    if path.parent.name == "archive_policy":
        failed = [failure["itemIdentifier"] for failure in outcome["batchItemFailures"]]
        assert failed == (["101"] if path.name.endswith(".failed.json") else [])
    else:
        assert outcome == ANSWERS[key_of(path)]
    gate.adapters.archive.close_day(NOW.date(), 0, 1)
    found = gate.adapters.archive.find(a_policy().policy_no)
    assert found is not None
    assert found.policy == ARCHIVED.get(key_of(path), a_policy())
    logged = capsys.readouterr().out
    assert metrics_in(logged).keys() == COUNTED.get(key_of(path), set())
    assert "王" not in logged


def metrics_in(logged: str) -> dict[str, list[float]]:
    """The values of every metric that was counted."""
    counted: dict[str, list[float]] = {}
    for line in logged.splitlines():
        entry = json.loads(line)
        for directive in entry.get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == "daycover"
            assert directive["Dimensions"] == [["stack"]]
            for metric in directive["Metrics"]:
                counted.setdefault(metric["Name"], []).extend(entry[metric["Name"]])
    return counted


def assert_permitted(function: str, gate: Gate) -> None:
    asked = {
        need for operation, arguments in gate.adapters.calls for need in wanted(gate, operation, arguments)
    }
    assert [need for need in sorted(asked) if not is_allowed(function, need)] == []


def wanted(gate: Gate, operation: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
    config: Config = gate.adapters.config
    if arguments.get("Bucket") == config.archive_bucket:
        yield from archive_needs(operation, dict(arguments))
    elif operation == "SendMessageBatch":
        assert arguments["QueueUrl"] == config.insurer_queue_url
        yield Need("sqs:SendMessage", "InsurerQueue.Arn")
    elif operation == "Scan":
        yield Need("dynamodb:Scan", "PoliciesTable.Arn")
    else:
        yield from needs(operation, dict(arguments))


@pytest.mark.parametrize("function", ["read_policies", "verify_policy", "report_claim", *FUNCTIONS])
def test_missing_object_is_told_from_a_forbidden_one_when_the_role_reads(function: str) -> None:
    assert is_allowed(function, Need("s3:ListBucket", "ArchiveBucket.Arn"))
    for folder in ("policies", "batches", "index"):
        assert is_allowed(function, Need("s3:GetObject", f"${{ArchiveBucket.Arn}}/{folder}/*"))
        may_write = is_allowed(function, Need("s3:PutObject", f"${{ArchiveBucket.Arn}}/{folder}/*"))
        assert may_write is (function in (FUNCTIONS if folder != "index" else {"sweep_archive"}))


# ---- the outage, and what a worker keeps --------------------------------------------------------------


def expire(gate: Gate, policy: Policy) -> None:
    """What TTL does, its stream record unheard."""
    key = keys.policy(policy.person_id, policy.sequence)
    boto3.client("dynamodb").delete_item(
        TableName=gate.adapters.config.policies_table, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}
    )


def test_nothing_is_lost_when_both_consumers_are_down_for_25_hours(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = [a_policy(NOW + timedelta(hours=2 * number), number + 1) for number in range(13)]
    for policy in policies:  # records that nobody reads, gone after a day
        gate.adapters.policies.add(policy, None)
    gate.now.advance(hours=26)
    for segment in range(4):
        gate.invoke("sweep_archive", {"segment": segment, "segments": 4}, monkeypatch)
        assert_permitted("sweep_archive", gate)
    assert gate.adapters.archive.unkept(policies) == set()
    assert gate.adapters.cover_lines.missing([line_of(policy) for policy in policies]) == []
    # the stream recovers and tells of some of it again, late: nothing changes
    gate.invoke("archive_policy", {"Records": [inserted(policy) for policy in policies[6:]]}, monkeypatch)
    gate.invoke("record_cover", {"Records": [inserted(policy) for policy in policies[6:]]}, monkeypatch)
    bucket = gate.adapters.config.archive_bucket
    assert len(boto3.client("s3").list_object_versions(Bucket=bucket)["Versions"]) == 13
    close_days(gate, monkeypatch)
    found = gate.adapters.archive.find_many([policy.policy_no for policy in policies])
    assert {number: known.policy for number, known in found.items()} == {p.policy_no: p for p in policies}


def close_days(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three days later the sweeper has made the index of the days that it was asked about before."""
    gate.now.advance(hours=80)
    for segment in range(4):
        gate.invoke("sweep_archive", {"segment": segment, "segments": 4}, monkeypatch)
        assert_permitted("sweep_archive", gate)


def inserted(policy: Policy) -> dict[str, Any]:
    key = keys.policy(policy.person_id, policy.sequence)._asdict()
    return {
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": wire(key)["M"],
            "NewImage": wire(policy_item(policy) | key)["M"],
            "SequenceNumber": str(policy.sequence),
        },
    }


def wire(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"M": {name: wire(inner) for name, inner in value.items() if inner is not None}}
    return {"N": str(value)} if isinstance(value, int) else {"S": str(value)}


def test_deleted_policy_is_listed_read_verified_and_claimable_when_two_years_have_passed(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = a_policy()
    monkeypatch.setitem(gate.adapters.__dict__, "workflows", FakeWorkflows())
    gate.adapters.workers.bind(WORKER, an_identity(), NOW)
    gate.adapters.policies.add(policy, None)
    gate.invoke("archive_policy", {"Records": [inserted(policy)]}, monkeypatch)
    close_days(gate, monkeypatch)
    expire(gate, policy)
    gate.now.advance(days=726)

    listed = ask(gate, "read_policies", "GET", "/v1/policies", "/v1/policies", monkeypatch)
    assert [(p["policy_no"], p["in_force"]) for p in listed["policies"]] == [(policy.policy_no, False)]
    older = {"before": policy.policy_no}
    nothing = ask(gate, "read_policies", "GET", "/v1/policies", "/v1/policies", monkeypatch, query=older)
    assert (nothing["policies"], nothing["next"]) == ([], None)
    path = f"/v1/policies/{policy.policy_no}"
    read = ask(gate, "read_policies", "GET", path, "/v1/policies/{policy_no}", monkeypatch)
    assert read["sum_insured_fen"] == policy.sum_insured_fen
    path = f"/v1/verifications/{policy.policy_no}"
    verified = ask(gate, "verify_policy", "GET", path, "/v1/verifications/{policy_no}", monkeypatch)
    assert (verified["genuine"], verified["in_force"]) == (True, False)

    for named in (policy.policy_no, None):
        body = accident_report(policy, named)
        answer = ask(gate, "report_claim", "POST", "/v1/claims", "/v1/claims", monkeypatch, body)
        assert answer["claim_no"].startswith("CL"), answer
        assert an_id_number() not in json.dumps(answer)


def accident_report(policy: Policy, policy_no: str | None) -> dict[str, Any]:
    accident = {
        "occurred_at": (policy.period.start + timedelta(hours=3)).isoformat(),
        "place": "三号分拣线",
        "description": "脚趾被传送带夹伤",
        "injury": "右脚拇趾骨折",
    }
    named = {} if policy_no is None else {"policy_no": policy_no}
    return {"accident": accident, "claim_types": ["MEDICAL", "LOST_INCOME"], **named}


def ask(
    gate: Gate,
    function: str,
    method: str,
    path: str,
    resource: str,
    monkeypatch: pytest.MonkeyPatch,
    body: Any = None,
    query: Mapping[str, str] | None = None,
) -> Any:
    """Call a handler as the worker does; its role must allow whatever it asks of the archive."""
    event = {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [text] for name, text in (query or {}).items()},
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "5f3c1a52-0d0b-4b60-9d0a-2f4f0a7c1e01",
            "path": path,
            "httpMethod": method,
            "resourcePath": resource,
            "authorizer": {"role": "worker", "subject": WORKER},
        },
        "body": None if body is None else json.dumps(body, ensure_ascii=False),
        "isBase64Encoded": False,
    }
    response = gate.invoke(function, event, monkeypatch)
    assert response["statusCode"] < 300, response
    assert_permitted(function, gate)
    text = response["body"]
    return json.loads(base64.b64decode(text) if response["isBase64Encoded"] else text)


def test_policies_of_another_person_stay_hidden_when_they_are_only_archived(gate: Gate) -> None:
    gate.adapters.workers.bind(WORKER, an_identity(), NOW)
    gate.adapters.archive.add(a_policy(person_id="0" * 20))
    assert gate.cover.read_policies.all_of(WORKER) == []
