"""The template: one function one role, exact actions, both partitions, nothing without an alarm or an end."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from daycover.platform.config import Config
from tests.architecture.source import HANDLERS, ROOT, WORKFLOWS, resources
from tests.support.functions import logical_id
from tests.support.template import template

TEXT = (ROOT / "template.yaml").read_text(encoding="utf-8")
FUNCTIONS = resources("AWS::Serverless::Function")
MACHINES = resources("AWS::Serverless::StateMachine")
QUEUES = resources("AWS::SQS::Queue")
DEFINITIONS = sorted(WORKFLOWS.glob("*.asl.json"))
SYNCHRONOUS_LIMIT = 29
"""API Gateway waits no longer."""


def without_comments(text: str) -> str:
    return re.sub(r"^\s*#.*$", "", text, flags=re.M)


def statements(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in item["Properties"].get("Policies", []):
        assert isinstance(policy, dict), f"a managed policy or a template policy: {policy}"
        yield from policy["Statement"]


def actions_of(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def test_every_handler_is_deployed_under_its_name_when_there_is_a_folder() -> None:
    assert {logical_id(path.parent.name) for path in HANDLERS} == set(FUNCTIONS)
    for path in HANDLERS:
        code = FUNCTIONS[logical_id(path.parent.name)]["Properties"]["CodeUri"]
        web = path.parent.name == "serve_web"  # its pages stand beside its folder
        assert ROOT / code == (path.parents[1] if web else path.parent)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_function_has_a_log_group_that_forgets_when_deployed(name: str) -> None:
    group = name.removesuffix("Function") + "LogGroup"
    assert FUNCTIONS[name]["Properties"]["LoggingConfig"]["LogGroup"] == {"Ref": group}
    assert template()["Resources"][group]["Properties"]["RetentionInDays"]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_function_ends_before_its_caller_gives_up_when_deployed(name: str) -> None:
    properties = FUNCTIONS[name]["Properties"]
    timeout = properties.get("Timeout", template()["Globals"]["Function"]["Timeout"])
    kinds = {event["Type"] for event in properties.get("Events", {}).values()}
    assert 0 < timeout <= 900
    if "Api" in kinds:
        assert timeout <= SYNCHRONOUS_LIMIT


@pytest.mark.parametrize("name", sorted({**FUNCTIONS, **MACHINES}))
def test_role_has_exact_actions_when_granted(name: str) -> None:
    for statement in statements({**FUNCTIONS, **MACHINES}[name]):
        assert statement["Effect"] == "Allow"
        for action in actions_of(statement):
            assert "*" not in action, action
            assert re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action), action


UNSCOPED = {"logs:", "states:SendTask", "xray:", "cloudwatch:PutMetricData"}
"""Actions that IAM cannot narrow to a resource, or that the template cannot name without a circle."""


@pytest.mark.parametrize("name", sorted({**FUNCTIONS, **MACHINES}))
def test_role_names_its_resources_when_granted(name: str) -> None:
    for statement in statements({**FUNCTIONS, **MACHINES}[name]):
        resource = statement["Resource"]
        if resource in ("*", ["*"]):
            for action in actions_of(statement):
                assert any(action.startswith(prefix) for prefix in UNSCOPED), action


SCANS = {"SweepArchiveFunction"}
"""Compares every policy with its archive, so no key can be named."""


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_role_names_key_prefixes_when_it_may_touch_a_table(name: str) -> None:
    for statement in statements(FUNCTIONS[name]):
        items = [action for action in actions_of(statement) if action.startswith("dynamodb:")]
        items = [action for action in items if "Stream" not in action and "Shard" not in action]
        if items:
            if name in SCANS:
                continue
            assert "dynamodb:Scan" not in items
            prefixes = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            assert prefixes
            assert "*" not in prefixes


SIGN_INS = ("sign_in_provider", "sign_in_staff", "sign_in_worker")


def test_only_sign_in_and_the_authorizer_read_the_token_key_when_granted() -> None:
    readers = {
        name
        for name, item in FUNCTIONS.items()
        if any(statement["Resource"] == {"Ref": "TokenSecret"} for statement in statements(item))
    }
    assert readers == {logical_id(name) for name in ("authorize_request", *SIGN_INS)}


@pytest.mark.parametrize("path", [ROOT / "template.yaml", *DEFINITIONS], ids=lambda path: path.name)
def test_no_partition_is_taken_for_granted_when_read(path: Any) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    assert "arn:aws:" not in text
    assert "arn:aws-cn:" not in text
    for line in text.splitlines():
        if "amazonaws.com" in line:
            # a service principal, or the one that TTL's deletes carry
            assert re.search(r'(Service: *\[?|"principalId":\[")[a-z.\-, ]*amazonaws\.com', line), line


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_queue_has_a_failure_queue_when_it_is_consumed(name: str) -> None:
    properties = QUEUES[name]["Properties"]
    consumed = [
        event
        for item in FUNCTIONS.values()
        for event in item["Properties"].get("Events", {}).values()
        if event["Type"] == "SQS"
        and event["Properties"]["Queue"] in ({"GetAtt": f"{name}.Arn"}, {"Ref": name})
    ]
    if consumed:
        assert properties["RedrivePolicy"]["maxReceiveCount"] >= 3
        (event,) = consumed
        assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_queue_waits_longer_than_its_consumer_works_when_consumed() -> None:
    for item in FUNCTIONS.values():
        for event in item["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                queue = QUEUES[event["Properties"]["Queue"]["GetAtt"].removesuffix(".Arn")]
                assert queue["Properties"]["VisibilityTimeout"] >= 6 * item["Properties"]["Timeout"]


def test_failed_messages_are_kept_long_and_seen_when_they_pile_up() -> None:
    watched = json.dumps(resources("AWS::CloudWatch::Alarm"))
    for name, queue in QUEUES.items():
        targets = [json.dumps(other["Properties"].get("RedrivePolicy", {})) for other in QUEUES.values()] + [
            json.dumps(item["Properties"].get("Events", {})) for item in FUNCTIONS.values()
        ]
        if any(
            f"{name}.Arn" in target and f'"Queue": {{"GetAtt": "{name}.Arn"}}' not in target
            for target in targets
        ):
            assert queue["Properties"]["MessageRetentionPeriod"] == 1_209_600, name
            assert name in watched, f"no alarm on {name}"


def test_stream_consumers_report_and_bisect_when_a_record_is_poisoned() -> None:
    for name, item in FUNCTIONS.items():
        for event in item["Properties"].get("Events", {}).values():
            if event["Type"] == "DynamoDB":
                properties = event["Properties"]
                assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
                assert properties["BisectBatchOnFunctionError"] is True, name
                assert properties["DestinationConfig"]["OnFailure"]["Destination"], name
                assert properties["MaximumRetryAttempts"] > 0, name


def test_every_failure_queue_has_an_alarm_that_operations_explain() -> None:
    resources = template()["Resources"]
    queues = {name for name in resources if name.endswith("FailureQueue")}
    alarms = {name.removesuffix("Alarm") for name in resources if name.endswith("FailureQueueAlarm")}
    assert queues == alarms
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {
        name for name in resources if name.endswith("FailureQueueAlarm") and f"`{name}`" not in text
    } == set()


def test_alarms_tell_somebody_when_they_go_off() -> None:
    alarms = resources("AWS::CloudWatch::Alarm")
    assert len(alarms) >= 5
    for name, alarm in alarms.items():
        assert alarm["Properties"].get("AlarmActions"), name


def test_tables_survive_and_can_be_restored_when_deployed() -> None:
    tables = resources("AWS::DynamoDB::Table")
    assert set(tables) == {"PoliciesTable", "OperationsTable"}
    for name, table in tables.items():
        assert table["DeletionPolicy"] == "Retain", name
        properties = table["Properties"]
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, name
        assert properties["SSESpecification"]["SSEEnabled"] is True, name
    ttl = tables["PoliciesTable"]["Properties"]["TimeToLiveSpecification"]
    assert ttl == {"AttributeName": "ttl", "Enabled": True}
    assert tables["PoliciesTable"]["Properties"]["StreamSpecification"]["StreamViewType"] in {
        "NEW_IMAGE", "NEW_AND_OLD_IMAGES"}  # fmt: skip


def test_configuration_is_complete_when_the_functions_start() -> None:
    variables = set(template()["Globals"]["Function"]["Environment"]["Variables"])
    needed = {name.upper() for name in Config.__dataclass_fields__}
    assert needed <= variables
    assert {name for name in variables - needed if not name.startswith("POWERTOOLS_")} == set()


def test_a_production_clock_is_never_shifted_when_deployed() -> None:
    rule = json.dumps(template()["Rules"])
    assert "ClockOffsetSeconds" in rule
    assert "production" in rule


OPEN_ROUTES = {
    ("POST", "/v1/sessions"),
    ("POST", "/v1/tokens"),
    ("POST", "/v1/staff-sessions"),
    ("GET", "/v1/verifications/{policy_no}"),
    ("GET", "/v1/health"),
    ("POST", "/v1/wechat/transfer-notices"),
    ("POST", "/v1/insurer/answers"),
    ("GET", "/"),
    ("GET", "/s/{token}"),
    ("GET", "/me"),
    ("GET", "/desk"),
    ("GET", "/staff"),
    ("GET", "/static/{file}"),
    ("GET", "/c/{credential}"),
    ("GET", "/v1/certificates/{credential}"),
    ("GET", "/.well-known/jwks.json"),
}
"""What a hospital or an inspector needs has no token: they verify a certificate, online or offline."""


def routes() -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for item in FUNCTIONS.values():
        for event in item["Properties"].get("Events", {}).values():
            if event["Type"] == "Api":
                properties = event["Properties"]
                found[properties["Method"].upper(), properties["Path"]] = properties
    return found


def test_every_route_needs_a_token_when_it_is_not_an_open_one() -> None:
    assert template()["Resources"]["Api"]["Properties"]["Auth"]["DefaultAuthorizer"] == "Token"
    without = {
        route
        for route, properties in routes().items()
        if properties.get("Auth", {}).get("Authorizer") == "NONE"
    }
    assert without <= OPEN_ROUTES
    assert {
        ("GET", "/v1/health"),
        ("POST", "/v1/sessions"),
        ("GET", "/v1/verifications/{policy_no}"),
    } <= without


def test_routes_are_those_of_the_documentation_when_compared() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    documented = {
        (method, re.sub(r"\?.*", "", path)) for method, path in re.findall(r"`(GET|POST) (/v1[^`]*)`", text)
    }
    assert {route for route in routes() if route[1].startswith("/v1")} == documented


def test_every_function_has_events_and_every_event_its_function() -> None:
    folders = {path.parent.relative_to(ROOT / "events") for path in (ROOT / "events").glob("*/*/*.json")}
    functions = {path.parent.relative_to(ROOT / "functions") for path in HANDLERS}
    assert folders == functions


def test_every_event_file_says_case_and_status_when_named() -> None:
    for path in (ROOT / "events").glob("*/*/*"):
        assert re.fullmatch(r"[a-z0-9_]+\.([1-5]\d\d|[A-Za-z_]+)\.json", path.name), path.name


def test_template_is_within_cloudformation_s_limits_when_expanded() -> None:
    assert len(TEXT.encode()) <= 460_800
    roles = len(FUNCTIONS) + len(MACHINES)
    api_events = len(routes())
    mappings = sum(
        event["Type"] in {"SQS", "DynamoDB", "Schedule", "ScheduleV2"}
        for item in FUNCTIONS.values()
        for event in item["Properties"].get("Events", {}).values()
    )
    # SAM adds a role per function and machine, a permission per route, and a handful for the API
    assert len(template()["Resources"]) + roles + api_events + mappings * 2 + 10 <= 500
