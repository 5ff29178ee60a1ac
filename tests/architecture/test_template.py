"""The template: one function one role, exact actions, both partitions, nothing without an alarm or an end."""

import dataclasses
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from daycover.platform.config import Config
from tests.architecture.source import HANDLERS, ROOT, WORKFLOWS, of_each, resources
from tests.support.claims import LIMITS
from tests.support.functions import capability_of, logical_id
from tests.support.template import template

TEXT = (ROOT / "template.yaml").read_text(encoding="utf-8")
FUNCTIONS = resources("AWS::Serverless::Function")
MACHINES = resources("AWS::Serverless::StateMachine")
ROLES = resources("AWS::IAM::Role")
"""Those that the template writes itself; every function and machine has one of its own from SAM."""
GRANTED = {**FUNCTIONS, **MACHINES, **ROLES}
QUEUES = resources("AWS::SQS::Queue")
ALARMS = resources("AWS::CloudWatch::Alarm")
DEFINITIONS = sorted(WORKFLOWS.glob("*.asl.json"))
CAPABILITIES = ("ACCESS", "PROJECTS", "COVER", "CLAIMS", "PAYOUTS", "BOOKS", "REPORTING", "PARTNERS", "WEB")


def without_comments(text: str) -> str:
    return re.sub(r"^\s*#.*$", "", text, flags=re.M)


def statements(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in item["Properties"].get("Policies", []):
        assert isinstance(policy, dict), f"a managed policy or a template policy: {policy}"
        yield from policy.get("PolicyDocument", policy)["Statement"]


def actions_of(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def test_every_handler_is_deployed_under_its_name_when_there_is_a_folder() -> None:
    assert {logical_id(path.parent.name) for path in HANDLERS} == set(FUNCTIONS)
    for path in HANDLERS:
        code = FUNCTIONS[logical_id(path.parent.name)]["Properties"]["CodeUri"]
        web = path.parent.name == "serve_web"  # its pages stand beside its folder
        assert ROOT / code == (path.parents[1] if web else path.parent)


def test_template_is_short_enough_to_be_read_when_it_grows() -> None:
    assert len(TEXT.splitlines()) <= 4_200


def test_functions_stand_in_their_capability_s_section_with_a_word_on_each_when_read() -> None:
    lines = TEXT.splitlines()
    sections, section = [], ""
    for number, line in enumerate(lines):
        if banner := re.fullmatch(r"  # ([A-Z ]+) #", line):
            sections.append(section := banner[1])
        if found := re.fullmatch(r"  (\w+Function):", line):
            assert lines[number - 1].startswith("  # "), f"{found[1]}: what is it for?"
            assert section == capability_of(function_of(found[1])).upper(), found[1]
    ordered = [name for name in sections if name in CAPABILITIES]
    assert ordered == sorted(ordered, key=CAPABILITIES.index)
    assert len(ordered) == len(set(ordered))


def function_of(name: str) -> str:
    """`CheckInFunction` → `check_in`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Function")).lower()


@of_each(sorted(FUNCTIONS))
def test_function_logs_to_its_capability_s_group_that_forgets_when_deployed(name: str) -> None:
    capability = capability_of(function_of(name))
    group = f"{capability.capitalize()}LogGroup"
    assert FUNCTIONS[name]["Properties"]["LoggingConfig"]["LogGroup"] == {"Ref": group}
    properties = template()["Resources"][group]["Properties"]
    assert properties["LogGroupName"] == {"Sub": f"/aws/lambda/${{AWS::StackName}}/{capability}"}
    assert properties["RetentionInDays"]


@of_each(sorted(FUNCTIONS))
def test_function_ends_when_it_hangs(name: str) -> None:
    properties = FUNCTIONS[name]["Properties"]
    assert 0 < properties.get("Timeout", template()["Globals"]["Function"]["Timeout"]) <= 900


def test_a_grant_is_written_once_when_several_roles_have_it() -> None:
    written: defaultdict[str, set[int]] = defaultdict(set)
    for item in GRANTED.values():
        for statement in statements(item):
            written[json.dumps(statement)].add(id(statement))  # an alias is the object of its anchor
    assert {text for text, objects in written.items() if len(objects) > 1} == set()


@of_each(sorted(GRANTED))
def test_role_has_exact_actions_when_granted(name: str) -> None:
    for statement in statements(GRANTED[name]):
        assert statement["Effect"] == "Allow"
        for action in actions_of(statement):
            assert "*" not in action, action
            assert re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action), action


UNSCOPED = {"logs:", "states:SendTask", "xray:", "cloudwatch:PutMetricData"}
"""Actions that IAM cannot narrow to a resource, or that the template cannot name without a circle."""


@of_each(sorted(GRANTED))
def test_role_names_its_resources_when_granted(name: str) -> None:
    for statement in statements(GRANTED[name]):
        resource = statement["Resource"]
        if resource in ("*", ["*"]):
            for action in actions_of(statement):
                assert any(action.startswith(prefix) for prefix in UNSCOPED), action


SCANS = {"SweepArchiveFunction"}
"""Compares every policy with its archive, so no key can be named."""


@of_each(sorted(FUNCTIONS))
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


SIGN_INS = ("sign_in_operator", "sign_in_provider", "sign_in_staff", "sign_in_worker")


def test_only_sign_in_and_the_authorizer_read_the_token_key_when_granted() -> None:
    readers = {
        name
        for name, item in FUNCTIONS.items()
        if any(statement["Resource"] == {"Ref": "TokenSecret"} for statement in statements(item))
    }
    assert readers == {logical_id(name) for name in ("authorize_request", *SIGN_INS)}


@of_each([ROOT / "template.yaml", *DEFINITIONS], ids=lambda path: path.name)
def test_no_partition_is_taken_for_granted_when_read(path: Any) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    assert "arn:aws:" not in text
    assert "arn:aws-cn:" not in text
    for line in text.splitlines():
        if "amazonaws.com" in line:
            # a service principal, or the one that TTL's deletes carry
            assert re.search(r'(Service: *\[?|"principalId":\[")[a-z.\-, ]*amazonaws\.com', line), line


@of_each(sorted(QUEUES))
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


def queues_watched() -> dict[str, str]:
    """Queue → the alarm that counts the messages waiting in it, by itself or in an expression."""
    watched = {}
    for name, alarm in ALARMS.items():
        properties = alarm["Properties"]
        for metric in properties.get("Metrics", [{"MetricStat": {"Metric": properties}}]):
            counted = metric.get("MetricStat", {}).get("Metric", {})
            if counted.get("MetricName") == "ApproximateNumberOfMessagesVisible":
                (dimension,) = counted["Dimensions"]
                watched[dimension["Value"]["GetAtt"].removesuffix(".QueueName")] = name
    return watched


def test_failed_messages_are_kept_long_and_seen_when_they_pile_up() -> None:
    for name, queue in QUEUES.items():
        targets = [json.dumps(other["Properties"].get("RedrivePolicy", {})) for other in QUEUES.values()] + [
            json.dumps(item["Properties"].get("Events", {})) for item in {**FUNCTIONS, **MACHINES}.values()
        ]
        if any(
            f"{name}.Arn" in target and f'"Queue": {{"GetAtt": "{name}.Arn"}}' not in target
            for target in targets
        ):
            assert queue["Properties"]["MessageRetentionPeriod"] == 1_209_600, name
            assert name in queues_watched(), f"no alarm on {name}"


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
    watched = queues_watched()
    assert {name for name in QUEUES if name.endswith("FailureQueue")} == set(watched)
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for queue, alarm in watched.items():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{alarm}`: `{queue}`")]
        assert row.count("|") == 4, "means, do"


@of_each(sorted(name for name in ALARMS if name.endswith("FailureQueuesAlarm")))
def test_alarm_on_failure_queues_goes_off_at_the_first_message_when_any_has_one(name: str) -> None:
    properties = ALARMS[name]["Properties"]
    counted = [properties]
    if metrics := properties.get("Metrics"):
        (expression,) = [metric for metric in metrics if "Expression" in metric]
        queues = [metric for metric in metrics if "MetricStat" in metric]
        assert len(queues) <= 10, "CloudWatch takes no more metrics in an alarm"
        # no FILL: it would put its value for the newest minute, which SQS reports late, and hide the message
        assert expression["Expression"] == f"MAX([{', '.join(metric['Id'] for metric in queues)}])"
        assert expression["ReturnData"] is True
        assert [metric["ReturnData"] for metric in queues] == [False] * len(queues)
        counted = [
            {**metric["MetricStat"]["Metric"], "Statistic": metric["MetricStat"]["Stat"]} for metric in queues
        ]
    for metric in counted:
        assert (metric["Namespace"], metric["Statistic"]) == ("AWS/SQS", "Maximum")
    assert properties["Threshold"] == properties["EvaluationPeriods"] == 1
    assert properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert properties["TreatMissingData"] == "notBreaching"


def test_alarms_tell_somebody_when_they_go_off() -> None:
    assert len(ALARMS) >= 5
    for name, alarm in ALARMS.items():
        assert alarm["Properties"].get("AlarmActions"), name


def test_one_role_starts_exactly_what_has_a_time_of_its_own() -> None:
    functions: set[str] = set()
    machines: set[str] = set()
    queues: set[str] = set()
    for name, item in {**FUNCTIONS, **MACHINES}.items():
        for event in item["Properties"].get("Events", {}).values():
            if event["Type"] == "ScheduleV2":
                assert event["Properties"]["RoleArn"] == {"GetAtt": "SchedulerRole.Arn"}, name
                (functions if name in FUNCTIONS else machines).add(name)
                queues.add(event["Properties"]["DeadLetterConfig"]["Arn"]["GetAtt"])
    granted = [(item["Action"], in_order(item["Resource"])) for item in statements(ROLES["SchedulerRole"])]
    assert granted == [
        ("lambda:InvokeFunction", in_order([{"GetAtt": f"{name}.Arn"} for name in functions])),
        ("states:StartExecution", in_order([{"Ref": name} for name in machines])),
        ("sqs:SendMessage", in_order([{"GetAtt": queue} for queue in queues])),
    ]


def in_order(values: list[Any]) -> list[Any]:
    return sorted(values, key=json.dumps)


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
    assert variables == needed | {"PYDANTIC_DISABLE_PLUGINS", "STACK_NAME"}


def test_machine_limits_are_parameters_and_the_tests_have_their_defaults() -> None:
    """The sample is what tests leave out: none depends on luck."""
    declared = template()["Parameters"]
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    for name, value in dataclasses.asdict(LIMITS).items():
        variable = f"MACHINE_{name.upper()}"
        parameter = "".join(word.capitalize() for word in variable.split("_"))
        assert variables[variable] == {"Ref": parameter}
        assert declared[parameter]["Type"] == "Number"
        assert declared[parameter]["MinValue"] >= 0
        assert declared[parameter]["Default"] == (500 if name == "sample_bps" else value), parameter


def test_a_production_clock_is_never_shifted_when_deployed() -> None:
    rule = json.dumps(template()["Rules"])
    assert "ClockOffsetSeconds" in rule
    assert "production" in rule


def test_every_function_has_events_and_every_event_its_function() -> None:
    folders = {path.parent.relative_to(ROOT / "events") for path in (ROOT / "events").glob("*/*/*.json")}
    functions = {path.parent.relative_to(ROOT / "functions") for path in HANDLERS}
    assert folders == functions


def test_every_event_file_says_case_and_status_when_named() -> None:
    for path in (ROOT / "events").glob("*/*/*"):
        assert re.fullmatch(r"[a-z0-9_]+\.([1-5]\d\d|[A-Za-z_]+)\.json", path.name), path.name
