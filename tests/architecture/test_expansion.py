"""The template after SAM's transform: within CloudFormation's bounds, with room to grow."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.architecture.source import resources
from tests.architecture.test_routes import PATHS
from tests.support.expansion import expanded

BOUND = 390
"""CloudFormation takes 500, and 420 are the most that we ever want; each function costs two. Conditional ones count."""
FUNCTIONS = sorted(resources("AWS::Serverless::Function"))
MACHINES = sorted(resources("AWS::Serverless::StateMachine"))


@pytest.fixture(scope="module")
def stack() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = expanded()["Resources"]
    return found


def test_stack_has_room_to_grow_when_expanded(stack: dict[str, dict[str, Any]]) -> None:
    assert len(stack) <= BOUND, Counter(item["Type"] for item in stack.values()).most_common(8)
    assert len(json.dumps(stack)) <= 1_000_000  # what CloudFormation takes of a processed template


def test_every_function_has_a_role_of_its_own_when_expanded(stack: dict[str, dict[str, Any]]) -> None:
    for name in FUNCTIONS:
        assert stack[name]["Properties"]["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    for name in MACHINES:
        assert stack[name]["Properties"]["RoleArn"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    roles = {name for name, item in stack.items() if item["Type"] == "AWS::IAM::Role"}
    own = {f"{name}Role" for name in (*FUNCTIONS, *MACHINES)}
    assert roles == own | {"ApiInvokeRole", "SchedulerRole"}


def test_no_function_opens_itself_to_a_service_when_expanded(stack: dict[str, dict[str, Any]]) -> None:
    assert [name for name, item in stack.items() if item["Type"] == "AWS::Lambda::Permission"] == []


def test_api_has_its_routes_its_own_answers_and_one_stage_when_expanded(
    stack: dict[str, dict[str, Any]],
) -> None:
    body = stack["Api"]["Properties"]["Body"]
    assert body["paths"] == PATHS
    assert body["x-amazon-apigateway-binary-media-types"] == ["*/*"]
    assert set(body["x-amazon-apigateway-gateway-responses"]) == {
        "DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED", "ACCESS_DENIED", "MISSING_AUTHENTICATION_TOKEN",
        "REQUEST_TOO_LARGE", "THROTTLED"}  # fmt: skip
    stages = [
        item["Properties"].get("StageName")
        for item in stack.values()
        if item["Type"] in {"AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment"}
    ]
    assert sorted(filter(None, stages)) == ["live"]
    (limits,) = stack["ApiliveStage"]["Properties"]["MethodSettings"]
    assert (limits["ResourcePath"], limits["HttpMethod"]) == ("/*", "*")
    assert limits["ThrottlingRateLimit"]
    assert limits["ThrottlingBurstLimit"]


def test_access_log_names_nobody_when_it_is_kept(stack: dict[str, dict[str, Any]]) -> None:
    """Tokens, claim numbers and credentials stand in paths; addresses and agents are personal."""
    setting = stack["ApiliveStage"]["Properties"]["AccessLogSetting"]["Fn::If"]
    assert (setting[0], setting[2]) == ("KeepsAccessLogs", {"Ref": "AWS::NoValue"})
    line = json.loads(setting[1]["Format"])
    assert set(line.values()) == {
        f"$context.{name}"
        for name in (
            "extendedRequestId", "requestId", "requestTimeEpoch", "httpMethod", "resourcePath", "status",
            "responseLength", "responseLatency", "integration.status", "integration.latency", "integration.error",
            "authorizer.status", "authorizer.latency", "authorizer.role", "error.responseType", "waf.status")
    }  # fmt: skip
    assert "\n" not in setting[1]["Format"]
    assert stack["AccessLogsGroup"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_domain_leads_to_the_root_of_the_api_when_there_is_one(stack: dict[str, dict[str, Any]]) -> None:
    mapping = stack["ApiDomainMapping"]
    assert mapping["Condition"] == stack["ApiDomain"]["Condition"] == "HasDomain"
    assert "BasePath" not in mapping["Properties"], "the event's path would begin with it"
    assert mapping["Properties"]["Stage"] == {"Ref": "ApiliveStage"}
    domain = stack["ApiDomain"]["Properties"]
    assert (domain["SecurityPolicy"], domain["EndpointConfiguration"]) == ("TLS_1_2", {"Types": ["REGIONAL"]})
    association = stack["WebAclAssociation"]
    assert association["Condition"] == "HasWebAcl"
    assert association["Properties"]["ResourceArn"] == {
        "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${Api}/stages/${ApiliveStage}"
    }


def versions(stack: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, item in stack.items() if item["Type"] == "AWS::Lambda::Version"}


def test_deployment_is_a_new_version_when_only_a_layer_has_changed(stack: dict[str, dict[str, Any]]) -> None:
    """Otherwise the API would go on with the product of the first deployment."""
    again = expanded()["Resources"]
    rebuilt = expanded(bucket="rebuilt")["Resources"]
    assert len(versions(stack)) == 4
    assert versions(again) == versions(stack)
    assert versions(rebuilt) & versions(stack) == set()


def test_routes_lead_to_aliases_that_there_are_when_expanded(stack: dict[str, dict[str, Any]]) -> None:
    named = set(re.findall(r"\$\{(\w+Alias\w*)\}", json.dumps(stack["Api"])))
    aliases = {name for name, item in stack.items() if item["Type"] == "AWS::Lambda::Alias"}
    assert named == aliases
    assert len(aliases) == 4


def test_new_code_takes_a_tenth_and_goes_back_on_an_alarm_when_deployed_in_steps(
    stack: dict[str, dict[str, Any]],
) -> None:
    assert not [item for item in stack.values() if item["Type"].startswith("AWS::CodeDeploy")]
    stepped = expanded(GradualDeployments="true")["Resources"]
    assert len(stepped) <= BOUND
    groups = [
        item["Properties"] for item in stepped.values() if item["Type"] == "AWS::CodeDeploy::DeploymentGroup"
    ]
    assert len(groups) == 4
    for group in groups:
        watched = [{"Name": {"Ref": name}} for name in ("ApiFaultAlarm", "ApiSlowAlarm")]
        assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": watched}
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert "Canary10Percent10Minutes" in json.dumps(group["DeploymentConfigName"])
    aliases = [item for item in stepped.values() if item["Type"] == "AWS::Lambda::Alias"]
    assert all("CodeDeployLambdaAliasUpdate" in item["UpdatePolicy"] for item in aliases)


def test_no_other_partition_is_named_when_expanded_for_china(stack: dict[str, dict[str, Any]]) -> None:
    assert "arn:aws:" not in json.dumps(stack)


def test_every_alarm_is_told_on_a_topic_that_cloudwatch_may_use_when_expanded(
    stack: dict[str, dict[str, Any]],
) -> None:
    topic = {"Ref": "AlarmTopic"}
    alarms = {name: item["Properties"] for name, item in stack.items() if "CloudWatch" in item["Type"]}
    alarms = {name: item for name, item in alarms.items() if stack[name]["Type"].endswith("Alarm")}
    assert [name for name, item in alarms.items() if topic not in item["AlarmActions"]] == []
    assert len(alarms) > 30
    key = stack["AlarmTopic"]["Properties"]["KmsMasterKeyId"]
    assert key.keys() == {"Ref"}, "the policy of a key of AWS's own can't let CloudWatch in"
    policy = stack[key["Ref"]]["Properties"]["KeyPolicy"]
    assert allowed(policy, "cloudwatch.amazonaws.com") == {"kms:Decrypt", "kms:GenerateDataKey*"}
    (publishers,) = (item for item in stack.values() if item["Type"] == "AWS::SNS::TopicPolicy")
    assert publishers["Properties"]["Topics"] == [topic]
    assert allowed(publishers["Properties"]["PolicyDocument"], "cloudwatch.amazonaws.com") == {"sns:Publish"}


def allowed(policy: dict[str, Any], service: str) -> set[str]:
    """What a resource's policy lets a service do, for this account and no other."""
    found: set[str] = set()
    for statement in policy["Statement"]:
        if service in statement["Principal"].get("Service", ()):
            assert statement["Effect"] == "Allow"
            assert statement["Condition"] == {
                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
            }
            actions = statement["Action"]
            found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def test_somebody_is_told_of_alarms_when_the_parameter_names_them() -> None:
    template = expanded()
    assert template["Outputs"]["AlarmTopicArn"]["Value"] == {"Ref": "AlarmTopic"}
    (told,) = (item for item in template["Resources"].values() if item["Type"] == "AWS::SNS::Subscription")
    assert told["Properties"] == {
        "TopicArn": {"Ref": "AlarmTopic"}, "Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}  # fmt: skip
    assert template["Parameters"]["AlarmEmail"]["Default"] == ""
    empty = {"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}
    assert template["Conditions"][told["Condition"]] == {"Fn::Not": [empty]}


def test_what_a_scheduled_function_failed_at_is_kept_beside_what_was_never_started(
    stack: dict[str, dict[str, Any]],
) -> None:
    """The scheduler only hands over: a function that raises, and raises again, is Lambda's own to tell of."""
    schedules = [item["Properties"] for item in stack.values() if item["Type"] == "AWS::Scheduler::Schedule"]
    queue_of = {
        target["Arn"]["Fn::GetAtt"][0]: target["DeadLetterConfig"]["Arn"]
        for target in (schedule["Target"] for schedule in schedules)
        if "Fn::GetAtt" in target["Arn"] and target["Arn"]["Fn::GetAtt"][0] in FUNCTIONS
    }
    assert len(queue_of) > 5
    kept = {
        item["Properties"]["FunctionName"]["Ref"]: item["Properties"]
        for item in stack.values()
        if item["Type"] == "AWS::Lambda::EventInvokeConfig"
    }
    assert set(kept) == set(queue_of)
    for name, queue in queue_of.items():
        assert kept[name]["DestinationConfig"]["OnFailure"]["Destination"] == queue, name
        assert kept[name]["Qualifier"] == "$LATEST"
        role = stack[f"{name}Role"]["Properties"]
        statements = [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]
        assert [
            one for one in statements if one["Resource"] == queue and "sqs:SendMessage" in one["Action"]
        ], name


@pytest.mark.parametrize("machine", MACHINES)
def test_an_execution_that_ends_without_its_work_is_told_of_however_it_ends(
    machine: str, stack: dict[str, dict[str, Any]]
) -> None:
    (alarm,) = (
        item["Properties"]
        for item in stack.values()
        if item["Type"] == "AWS::CloudWatch::Alarm"
        and "AWS/States" in json.dumps(item)
        and f'"{machine}"' in json.dumps(item)
    )
    (expression,) = (metric for metric in alarm["Metrics"] if "Expression" in metric)
    counted = {metric["Id"]: metric["MetricStat"] for metric in alarm["Metrics"] if "MetricStat" in metric}
    assert {stat["Metric"]["MetricName"] for stat in counted.values()} == {
        "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}  # fmt: skip
    assert expression["Expression"] == f"MAX([{', '.join(counted)}])"
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
