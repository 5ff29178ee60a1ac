"""A call beyond its function's role is seen: what the recorder reads of requests, judged against planted roles."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config

from tests.devstack.recorder import FUNCTION, Recorder, UnreadableCallError, task_needs
from tests.support.granted import Call, Held, judge
from tests.support.policies import Grant, Need, UnknownConditionError
from tests.support.unused_grants import complaints, outdated

MACHINE, OTHER = "arn:aws:states:us-east-1:1:stateMachine:payout", "arn:aws:states:us-east-1:1:stateMachine:b"


def statement(action: str, resource: str, **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [action], "Resource": [resource], **condition}


def keyed(action: str, *patterns: str) -> dict[str, Any]:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(patterns)}}
    return statement(action, "dynamodb:table/t", Condition=condition)


def is_denied(need: Need, *statements: dict[str, Any]) -> bool:
    call = Call("F", need)
    return judge({"F": statements}, [call]).denied == [call]


def read(method: str, path: str, body: bytes = b"", *, status: int = 200, **headers: str) -> list[Need]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    path, _, query = path.partition("?")
    parts = {name: [value] for name, _, value in (one.partition("=") for one in query.split("&") if query)}
    return [*Recorder(None).needs(method, path, sent, body, parts, status)]


def asked(target: str, **arguments: Any) -> list[Need]:
    return read("POST", "/", json.dumps(arguments).encode(), x_amz_target=target)


def item(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "-"}}


def transaction(*keys: str) -> list[Need]:
    writes = [{"Put": {"TableName": "t", "Item": item(key)}} for key in keys]
    return asked("DynamoDB_20120810.TransactWriteItems", TransactItems=writes)


def test_call_is_allowed_when_its_key_has_a_leading_part_that_was_granted() -> None:
    (need,) = transaction("WORKER#1")
    assert not is_denied(need, keyed("dynamodb:PutItem", "WORKER#*"))


def test_call_is_denied_when_its_key_is_outside_the_leading_keys() -> None:
    put = keyed("dynamodb:PutItem", "WORKER#*")
    first, second = transaction("WORKER#1", "PROJECT#1")
    assert not is_denied(first, put)
    assert is_denied(second, put)


def test_batch_is_denied_when_no_single_statement_has_all_of_its_keys() -> None:
    keys = [item("WORKER#1"), item("PROJECT#1")]
    (need,) = asked("DynamoDB_20120810.BatchGetItem", RequestItems={"t": {"Keys": keys}})
    workers = keyed("dynamodb:BatchGetItem", "WORKER#*")
    assert is_denied(need, workers, keyed("dynamodb:BatchGetItem", "PROJECT#*"))
    assert not is_denied(need, keyed("dynamodb:BatchGetItem", "WORKER#*", "PROJECT#*"))


def test_query_is_denied_when_its_condition_names_another_partition() -> None:
    (need,) = asked(
        "DynamoDB_20120810.Query",
        TableName="t",
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": "STAFF#CLAIM"}, ":sk": {"S": "1"}},
    )
    assert is_denied(need, keyed("dynamodb:Query", "WORKER#*"))
    assert not is_denied(need, keyed("dynamodb:Query", "STAFF#*"))


def test_query_of_an_index_is_denied_when_only_the_table_was_granted() -> None:
    (need,) = asked(
        "DynamoDB_20120810.Query",
        TableName="t",
        IndexName="by_day",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "WORKER#1"}},
    )
    assert is_denied(need, keyed("dynamodb:Query", "WORKER#*"))


def test_scan_is_denied_when_only_keys_were_granted_and_a_scan_names_none() -> None:
    (need,) = asked("DynamoDB_20120810.Scan", TableName="t")
    assert is_denied(need, keyed("dynamodb:Query", "WORKER#*"))


def test_task_is_denied_when_another_machine_issued_its_token() -> None:
    recorder = Recorder(None)
    recorder.issued("ours", MACHINE)
    recorder.issued("theirs", OTHER)
    granted = statement("states:SendTaskSuccess", MACHINE)
    for token, denied in (("ours", False), ("theirs", True), ("nobody's", True)):
        body = json.dumps({"taskToken": token, "output": "{}"}).encode()
        sent = {"x-amz-target": "AWSStepFunctions.SendTaskSuccess"}
        (need,) = recorder.needs("POST", "/", sent, body, {}, 200)
        assert is_denied(need, granted) is denied


def test_secret_is_denied_when_it_is_another_function_s() -> None:
    (need,) = asked("secretsmanager.GetSecretValue", SecretId="arn:token")
    assert is_denied(need, statement("secretsmanager:GetSecretValue", "arn:qr"))
    assert not is_denied(need, statement("secretsmanager:GetSecretValue", "arn:token"))


def test_key_is_denied_when_only_opening_was_granted() -> None:
    (need,) = asked("TrentService.GenerateDataKey", KeyId="arn:key", KeySpec="AES_256")
    assert is_denied(need, statement("kms:Decrypt", "arn:key"))


def test_message_is_denied_when_it_goes_to_another_queue() -> None:
    (need,) = asked("AmazonSQS.SendMessage", QueueUrl="http://127.0.0.1/000000000000/other")
    assert is_denied(need, statement("sqs:SendMessage", "sqs:ours"))


def signed_url(operation: str) -> str:
    s3 = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        aws_session_token=FUNCTION + "F",
        config=Config(signature_version="s3v4"),
    )
    return str(s3.generate_presigned_url(operation, Params={"Bucket": "b", "Key": "claims/1.jpg"}))


def test_presigned_put_is_denied_when_its_signer_may_only_read(tmp_path: Any) -> None:
    """Whoever sends it: the address itself names the function that signed it."""
    recorder = Recorder(tmp_path / "calls.jsonl")
    for method, operation in (("PUT", "put_object"), ("GET", "get_object")):
        url = urlsplit(signed_url(operation))
        path, parts = url.path, parse_qs(url.query)
        recorder.record(method, path, {}, b"", parts, 200)
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert [line[0] for line in lines] == [FUNCTION + "F"] * 2
    put, get = (Need(line[1], line[2], tuple(line[3])) for line in lines)
    read_only = statement("s3:GetObject", "s3:b/claims/*")
    assert is_denied(put, read_only)
    assert not is_denied(get, read_only)


def form(**fields: str) -> bytes:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    file = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    return "".join(parts).encode() + file.encode() + b"\xff\xd8\x00\r\n\r\n--x--\r\n"


def test_form_is_denied_when_it_posts_outside_its_signer_s_folder(tmp_path: Any) -> None:
    recorder = Recorder(tmp_path / "calls.jsonl")
    body = form(key="claims/1.jpg", **{"x-amz-security-token": FUNCTION + "F"})
    recorder.record("POST", "/b", {"content-type": "multipart/form-data; boundary=x"}, body, {}, 204)
    caller, *need = json.loads((tmp_path / "calls.jsonl").read_text())
    assert (caller, need) == (FUNCTION + "F", ["s3:PutObject", "s3:b/claims/1.jpg", []])
    asked_for = Need(need[0], need[1])
    assert is_denied(asked_for, statement("s3:PutObject", "s3:b/applications/*"))


def test_list_is_denied_when_its_prefix_is_not_granted() -> None:
    condition = {"StringLikeIfExists": {"s3:prefix": ["policies/*"]}}
    may_list = statement("s3:ListBucket", "s3:b", Condition=condition)
    (inside,) = read("GET", "/b?list-type=2&prefix=policies/2026")
    (outside,) = read("GET", "/b?list-type=2&prefix=batches/")
    (whole,) = read("GET", "/b?list-type=2")
    assert not is_denied(inside, may_list)
    assert is_denied(outside, may_list)
    assert is_denied(whole, may_list)


def test_missing_object_is_asked_for_with_the_right_to_list_when_404_is_counted_on() -> None:
    needs = read("GET", "/b/policies/1", status=404)
    granted = statement("s3:GetObject", "s3:b/policies/*")
    assert [is_denied(need, granted) for need in needs] == [False, True]


def test_copy_needs_to_read_its_source() -> None:
    needs = read("PUT", "/b/kept/1", x_amz_copy_source="/b/claims/1")
    assert needs == [Need("s3:PutObject", "s3:b/kept/1"), Need("s3:GetObject", "s3:b/claims/1")]


def test_each_object_of_a_delete_is_asked_for() -> None:
    body = b"<Delete><Object><Key>a/1</Key></Object><Object><Key>a/2</Key></Object></Delete>"
    assert read("POST", "/b?delete=", body) == [Need("s3:DeleteObject", f"s3:b/a/{n}") for n in (1, 2)]


def test_machine_is_denied_when_it_calls_a_function_that_it_was_not_given() -> None:
    (need,) = task_needs("arn:aws:states:::lambda:invoke.waitForTaskToken", {"FunctionName": "arn:f"})
    assert is_denied(need, statement("lambda:InvokeFunction", "arn:g"))


def test_nested_execution_needs_to_hear_of_its_end_when_waited_for() -> None:
    needs = task_needs("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": MACHINE})
    assert {need.action for need in needs} == {
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
        "events:DescribeRule",
        "events:PutRule",
        "events:PutTargets",
    }


def test_call_that_nobody_can_read_is_recorded_as_one_that_no_role_allows(tmp_path: Any) -> None:
    with pytest.raises(UnreadableCallError):
        asked("AWSEvents.PutEvents")
    recorder = Recorder(tmp_path / "calls.jsonl")
    sent = {"x-amz-security-token": FUNCTION + "F", "x-amz-target": "AWSEvents.PutEvents"}
    recorder.record("POST", "/", sent, b"{}", {}, 200)
    _, action, resource, _ = json.loads((tmp_path / "calls.jsonl").read_text())
    assert is_denied(Need(action, resource), statement("events:PutEvents", "*"))


def test_call_of_a_test_is_not_recorded(tmp_path: Any) -> None:
    recorder = Recorder(tmp_path / "calls.jsonl")
    recorder.record("GET", "/b/claims/1", {}, b"", {}, 200)
    assert not (tmp_path / "calls.jsonl").read_text()


def test_condition_that_nobody_taught_the_judge_is_an_error_and_no_permission() -> None:
    strange = statement("s3:GetObject", "s3:b/*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    with pytest.raises(UnknownConditionError):
        is_denied(Need("s3:GetObject", "s3:b/1"), strange)


def test_part_of_a_grant_is_unused_when_no_call_needed_it() -> None:
    roles = {"F": [keyed("dynamodb:PutItem", "WORKER#*", "PROJECT#*")]}
    calls = [Call("F", need) for need in transaction("WORKER#1")]
    verdict = judge(roles, calls)
    assert verdict.unused == {Held("F", Grant("dynamodb:PutItem", "dynamodb:table/t", "PROJECT#*"))}


PROJECTS = "dynamodb:PutItem dynamodb:table/t PROJECT#*"
WORKERS = "dynamodb:PutItem dynamodb:table/t WORKER#*"


def complaints_of(*entries: dict[str, Any]) -> list[str]:
    """F may write for workers and projects, and has done so for a worker."""
    roles = {"F": [keyed("dynamodb:PutItem", "WORKER#*", "PROJECT#*")]}
    verdict = judge(roles, [Call("F", need) for need in transaction("WORKER#1")])
    explained = [{"why": "a reason", **entry} for entry in entries]
    return [*complaints(explained, verdict), *outdated(explained, verdict)]


def test_reason_is_wanted_for_each_grant_that_nothing_used() -> None:
    assert complaints_of() == [f"never used and not explained: F: {PROJECTS}"]
    assert complaints_of({"grants": {PROJECTS: ["F"]}}) == []


def test_reason_is_stale_when_its_grant_is_used_or_gone() -> None:
    stands = {"grants": {PROJECTS: ["F"]}}
    used = {"grants": {WORKERS: ["F"]}}
    gone = {"grants": {WORKERS: ["G"]}}
    assert complaints_of(stands, used) == [f"explained as never used, and used: F: {WORKERS}"]
    assert complaints_of(stands, used | {"by_chance": True}) == []
    assert complaints_of(stands, gone) == [f"explained, and not granted: G: {WORKERS}"]
    assert complaints_of(stands, stands) == [f"explained twice: F: {PROJECTS}"]


def test_reason_for_a_whole_role_is_stale_when_any_of_it_is_used() -> None:
    assert complaints_of({"grants": {"*": ["F"]}}) == [f"explained as never used, and used: F: {WORKERS}"]
