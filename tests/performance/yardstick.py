"""The smallest function behind a REST API of its own on the same engine: what ours is measured by."""

import io
import json
import zipfile
from typing import Any

from tests.devstack.stack import Stack
from tests.support.http import Api

NAME, STAGE = "minimal", "live"
SOURCE = 'def lambda_handler(event, context):\n    return {"statusCode": 200, "body": "{}"}\n'
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def deploy(stack: Stack, like: str) -> Api:
    """Deploy it with runtime, memory and architecture of the function `like`; gives its address, without a path."""
    functions, gateway = stack.boto3_client("lambda"), stack.boto3_client("apigateway")
    role = stack.boto3_client("iam").create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(TRUST))
    known = functions.get_function_configuration(FunctionName=stack.resource_id(like))
    function = functions.create_function(
        FunctionName=NAME,
        Role=role["Role"]["Arn"],
        Runtime=known["Runtime"],
        MemorySize=known["MemorySize"],
        Architectures=known["Architectures"],
        Handler="app.lambda_handler",
        Code={"ZipFile": _archive()},
    )
    api = gateway.create_rest_api(name=NAME)["id"]
    (root,) = gateway.get_resources(restApiId=api)["items"]
    of_root = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    gateway.put_method(**of_root, authorizationType="NONE")
    gateway.put_integration(
        **of_root,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{stack.region}:lambda:path/2015-03-31/functions/"
        f"{function['FunctionArn']}/invocations",
    )
    functions.add_permission(
        FunctionName=NAME, StatementId="gateway", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )  # fmt: skip
    gateway.create_deployment(restApiId=api, stageName=STAGE)
    return Api(f"{stack.engine_url}/_aws/execute-api/{api}/{STAGE}")


def _archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("app.py", SOURCE)
    return file.getvalue()
