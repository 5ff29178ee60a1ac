"""The API's routes as API Gateway reads them, from the resolvers of all functions. `make routes` writes them to
functions/routes.json, which the template's API includes as its paths."""

import json
import re
from pathlib import Path
from typing import Any

from tests.support.functions import HANDLERS, load, logical_id

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "functions" / "routes.json"
INVOKE = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${%s}/invocations"
ALIASED = frozenset({"CheckInFunction", "IssuePolicyFunction", "PreviewCoverFunction"})
"""What is deployed in steps: their alias is invoked, by the logical id that SAM gives it."""


def document() -> dict[str, Any]:
    """Give the OpenAPI 3.0.1 paths with an integration each; a route that two functions declare is refused."""
    paths: dict[str, Any] = {}
    for function in HANDLERS:
        api = getattr(load(function), "api", None)
        if api is None:
            continue
        for route in api.routes:
            methods = paths.setdefault(route.path, {})
            method = route.method.lower()
            assert method not in methods, f"{method} {route.path} is declared twice, in {function} too"
            methods[method] = _operation(logical_id(function), route.path, is_open=api.is_open)
    return {path: dict(sorted(paths[path].items())) for path in sorted(paths)}


def _operation(handler: str, path: str, *, is_open: bool) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    return {
        **({"parameters": parameters} if parameters else {}),
        "responses": {},
        "security": [] if is_open else [{"Token": []}],
        # an included file takes the long forms of CloudFormation's functions only
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": {"Fn::Sub": INVOKE % (f"{handler}Aliaslive" if handler in ALIASED else f"{handler}.Arn")},
            "credentials": {"Fn::GetAtt": ["ApiInvokeRole", "Arn"]},
        },
    }


def text() -> str:
    return json.dumps(document(), indent=2) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
