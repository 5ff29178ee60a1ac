"""The deployed stack as its users see it: seed, journey, end-to-end and workflow tests."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.devstack.layout import DevstackError
from tests.devstack.sam import failure_reason
from tests.devstack.template import expiry_attributes, gateway_responses


@dataclass(frozen=True)
class Stack:
    """Addresses and names of one running local stack."""

    name: str
    base_url: str
    https_url: str
    engine_url: str
    region: str
    outputs: dict[str, str]
    simulators: dict[str, str]
    directory: Path

    def boto3_client(self, service: str) -> Any:
        """Return a boto3 client of this stack's AWS; its credentials open nothing else."""
        return client(service, self.engine_url, self.region)

    def resource_id(self, logical_id: str) -> str:
        """Return the physical id of a resource of the template."""
        detail = self.boto3_client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId=logical_id
        )
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    def write(self, file: Path) -> None:
        """Leave these facts for other processes."""
        file.write_text(json.dumps({**asdict(self), "directory": str(self.directory)}, indent=2) + "\n")

    @classmethod
    def read(cls, file: Path) -> "Stack":
        facts = json.loads(file.read_text())
        return cls(**{**facts, "directory": Path(facts["directory"])})


def client(service: str, endpoint: str, region: str) -> Any:
    # reached by name: boto3 costs 0.2 s, which `make help` and a failing start should not pay
    boto3 = importlib.import_module("boto3")
    config = importlib.import_module("botocore.config").Config(
        proxies={}, retries={"max_attempts": 1}, inject_host_prefix=False, max_pool_connections=64
    )
    return boto3.session.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name=region,
    ).client(service, endpoint_url=endpoint, config=config)


@dataclass(frozen=True)
class Deployed:
    """Outputs and tags of a stack whose last operation succeeded."""

    outputs: dict[str, str]
    tags: dict[str, str]


def find(name: str, endpoint: str, region: str) -> Deployed | None:
    """Return the stack if it is there and complete."""
    cloudformation = client("cloudformation", endpoint, region)
    try:
        description = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except cloudformation.exceptions.ClientError:  # CloudFormation says ValidationError for an unknown name
        return None
    if description["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return None
    return Deployed(
        outputs={output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])},
        tags={tag["Key"]: tag["Value"] for tag in description.get("Tags", [])},
    )


def deploy_failure(name: str, endpoint: str, region: str) -> str | None:
    """Return resource and reason of a failed deploy, as far as the stack's events tell."""
    cloudformation = client("cloudformation", endpoint, region)
    try:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    except cloudformation.exceptions.ClientError:  # never came to be: then the log has the reason
        return None
    return failure_reason(events)


def _resources(name: str, endpoint: str, region: str) -> list[Mapping[str, str]]:
    pages = (
        client("cloudformation", endpoint, region)
        .get_paginator("list_stack_resources")
        .paginate(StackName=name)
    )
    return [resource for page in pages for resource in page["StackResourceSummaries"]]


def api_address(name: str, endpoint: str, region: str) -> str:
    """Return where the engine serves the stack's REST API; its id changes with a redeployed body."""
    found = {
        resource["ResourceType"]: resource["PhysicalResourceId"]
        for resource in _resources(name, endpoint, region)
    }
    try:
        api, stage = found["AWS::ApiGateway::RestApi"], found["AWS::ApiGateway::Stage"]
    except KeyError as missing:
        raise DevstackError(f"the stack {name} has no {missing.args[0]}") from None
    return f"{endpoint}/_aws/execute-api/{api}/{stage}"


def switch_on_expiry(template: Path, name: str, endpoint: str, region: str) -> None:
    """Set the tables' TTL, which the engine's deploy ignores (P4)."""
    tables = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in _resources(name, endpoint, region)
        if resource["ResourceType"] == "AWS::DynamoDB::Table"
    }
    dynamodb = client("dynamodb", endpoint, region)
    for logical_id, attribute in expiry_attributes(template).items():
        dynamodb.update_time_to_live(
            TableName=tables[logical_id],
            TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute},
        )


def put_gateway_responses(template: Path, name: str, endpoint: str, region: str) -> None:
    """Give the API its own error answers, which SAM puts into the API's body and the engine ignores there."""
    api = next(
        resource["PhysicalResourceId"]
        for resource in _resources(name, endpoint, region)
        if resource["ResourceType"] == "AWS::ApiGateway::RestApi"
    )
    gateway = client("apigateway", endpoint, region)
    for response_type, answer in gateway_responses(template).items():
        gateway.put_gateway_response(restApiId=api, responseType=response_type, **answer)
    for stage in gateway.get_stages(restApiId=api)["item"]:  # a deployment captures what is in force
        gateway.create_deployment(restApiId=api, stageName=stage["stageName"])
