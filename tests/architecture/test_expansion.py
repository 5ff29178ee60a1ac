"""The template after SAM's transform: within CloudFormation's bounds, with room to grow."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.architecture.source import resources
from tests.architecture.test_routes import PATHS
from tests.support.expansion import expanded

BOUND = 360
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
