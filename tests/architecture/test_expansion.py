"""The template after SAM's transform: within CloudFormation's bounds, with room to grow."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.architecture.source import resources
from tests.architecture.test_routes import PATHS
from tests.support.expansion import expanded

BOUND = 365
"""CloudFormation takes 500, and 420 are the most that we ever want; each function costs two."""
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


def test_no_other_partition_is_named_when_expanded_for_china(stack: dict[str, dict[str, Any]]) -> None:
    assert "arn:aws:" not in json.dumps(stack)
