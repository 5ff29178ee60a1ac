"""functions/routes.json: what the handlers declare, in the form that API Gateway takes, and nothing else."""

import json
import re
from collections import defaultdict
from typing import Any

from daycover.platform.staff import PATIENCE
from tests.architecture.source import resources
from tests.support.routes import DOCUMENT, text
from tests.support.template import template

PATHS: dict[str, dict[str, Any]] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
ROUTES = {
    (method.upper(), path): route for path, methods in PATHS.items() for method, route in methods.items()
}
FUNCTIONS = resources("AWS::Serverless::Function")
API = resources("AWS::Serverless::Api")["Api"]["Properties"]
INVOKE_ROLE = resources("AWS::IAM::Role")["ApiInvokeRole"]["Properties"]
INTEGRATION = "x-amazon-apigateway-integration"
SYNCHRONOUS_LIMIT = 29
"""API Gateway waits no longer."""
ROLE_POLICY_LIMIT = 10_240
"""What IAM takes of a role's own policies, in characters without blanks."""
OPEN_ROUTES = {
    ("POST", "/v1/sessions"),
    ("POST", "/v1/tokens"),
    ("POST", "/v1/operator-sessions"),
    ("GET", "/v1/operator-sign-in"),
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
    ("GET", "/static/{version}/{file}"),
    ("GET", "/c/{credential}"),
    ("GET", "/v1/terms/{terms_id}"),
    ("GET", "/v1/certificates/{credential}"),
    ("GET", "/.well-known/jwks.json"),
}
"""What a hospital or an inspector needs has no token: they verify a certificate, online or offline."""


def handler_of(route: dict[str, Any]) -> str:
    """The logical id of the function that answers a route."""
    found = re.fullmatch(
        r"arn:\$\{AWS::Partition\}:apigateway:\$\{AWS::Region\}:lambda:path/2015-03-31/functions/"
        r"\$\{(\w+?)(?:\.Arn|Aliaslive)\}/invocations",
        route[INTEGRATION]["uri"]["Fn::Sub"],
    )
    assert found is not None, route[INTEGRATION]["uri"]
    return found[1]


def test_committed_routes_are_what_the_handlers_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run `make routes`"


def test_one_name_stands_for_what_differs_when_routes_share_the_way_to_it() -> None:
    """API Gateway takes one variable among the children of a resource."""
    variables = defaultdict(set)
    for _, path in ROUTES:
        parts = path.split("/")
        for place, part in enumerate(parts):
            if part.startswith("{"):
                variables["/".join(parts[:place])].add(part)
    assert {way: names for way, names in variables.items() if len(names) > 1} == {}


def test_every_route_needs_a_token_when_it_is_not_an_open_one() -> None:
    security = {name: route["security"] for name, route in ROUTES.items()}
    assert {name for name, required in security.items() if required == []} == OPEN_ROUTES
    assert all(required in ([], [{"Token": []}]) for required in security.values())


def test_api_takes_its_paths_from_the_routes_and_asks_the_authorizer_when_deployed() -> None:
    body = API["DefinitionBody"]
    assert (
        API["OpenApiVersion"] == body["openapi"] == "3.0.1"
    )  # without it SAM deploys a stage named Stage as well
    assert body["paths"] == {
        "Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "functions/routes.json"}}
    }
    ((name, scheme),) = body["components"]["securitySchemes"].items()
    authorizer = scheme["x-amazon-apigateway-authorizer"]
    assert name == "Token"
    assert scheme["x-amazon-apigateway-authtype"] == "custom"
    assert authorizer["type"] == "request"
    assert authorizer["identitySource"] == "method.request.header.Authorization"
    assert authorizer["authorizerCredentials"] == {"GetAtt": "ApiInvokeRole.Arn"}
    assert "${AuthorizeRequestFunctionAliaslive}/invocations" in authorizer["authorizerUri"]["Sub"]


def test_every_route_is_handed_to_its_function_as_it_came() -> None:
    for (method, path), route in ROUTES.items():
        assert method in {"GET", "POST"}, path
        assert re.fullmatch(r"/|(/(?:[A-Za-z0-9._~-]+|\{[a-z_]+\}))+", path), path
        assert set(route) <= {"parameters", "responses", "security", INTEGRATION}, path
        assert [parameter["name"] for parameter in route.get("parameters", [])] == re.findall(
            r"{(\w+)}", path
        )
        assert handler_of(route) in FUNCTIONS, path
        integration = dict(route[INTEGRATION])
        del integration["uri"]
        assert integration == {
            "type": "aws_proxy",
            "httpMethod": "POST",  # how API Gateway calls Lambda, whatever the route's own method is
            "credentials": {"Fn::GetAtt": ["ApiInvokeRole", "Arn"]},
        }


def test_a_parameter_has_one_name_when_paths_share_its_place() -> None:
    # API Gateway keeps paths as a tree and takes one variable a node
    names: defaultdict[str, set[str]] = defaultdict(set)
    for path in PATHS:
        for found in re.finditer(r"\{(\w+)\}", path):
            names[re.sub(r"\{\w+\}", "{}", path[: found.start()])].add(found[1])
    assert {place: found for place, found in names.items() if len(found) > 1} == {}


def invoked() -> list[tuple[str, str]]:
    """What the role may invoke: function, and its alias with the colon where it has one."""
    (statement,) = INVOKE_ROLE["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction"
    found = []
    for resource in statement["Resource"]:
        if alias := resource.get("Ref"):
            found.append((alias.removesuffix(".Alias"), ":live"))
        else:
            found.append((resource["GetAtt"].removesuffix(".Arn"), ""))
    return found


def test_alias_is_what_api_and_role_name_when_a_function_is_deployed_in_steps() -> None:
    """Who names the function itself would be answered by the newest code at once, whatever the steps are."""
    stepped = {name for name, item in FUNCTIONS.items() if "AutoPublishAlias" in item["Properties"]}
    assert "IssuePolicyFunction" in stepped
    for name in stepped:
        properties = FUNCTIONS[name]["Properties"]
        assert properties["AutoPublishAlias"] == "live"
        assert properties["AutoPublishAliasAllProperties"] is True, "the product is in a layer"
        assert not properties.get("Events"), "a schedule, stream or queue would need the alias too"
    routed = {
        handler_of(route) for route in ROUTES.values() if "Aliaslive}" in str(route[INTEGRATION]["uri"])
    }
    assert routed | {"AuthorizeRequestFunction"} == stepped == {name for name, alias in invoked() if alias}


def test_one_role_invokes_exactly_the_handlers_of_routes_and_the_authorizer() -> None:
    names = [name for name, _ in invoked()]
    assert len(names) == len(set(names))
    assert set(names) == {handler_of(route) for route in ROUTES.values()} | {"AuthorizeRequestFunction"}


def test_invoke_role_s_policy_fits_into_a_role_when_arns_are_at_their_longest() -> None:
    (statement,) = INVOKE_ROLE["Policies"][0]["PolicyDocument"]["Statement"]
    arn = "arn:aws-cn:lambda:cn-northwest-1:123456789012:function:"
    longest = [arn + f"daycover-production-{name}-123456789012"[:64] + alias for name, alias in invoked()]
    assert (
        len(json.dumps({**statement, "Resource": longest}, separators=(",", ":"))) <= ROLE_POLICY_LIMIT - 200
    )


def test_handler_ends_before_its_caller_gives_up_when_it_has_a_route() -> None:
    default = template()["Globals"]["Function"]["Timeout"]
    for name in {handler_of(route) for route in ROUTES.values()}:
        assert FUNCTIONS[name]["Properties"].get("Timeout", default) <= SYNCHRONOUS_LIMIT, name


def test_staff_are_told_that_their_issuer_is_silent_before_the_function_ends() -> None:
    documents, tries = 2, 2
    given_up = documents * tries * (PATIENCE.connect + PATIENCE.read)
    assert FUNCTIONS["SignInStaffFunction"]["Properties"]["Timeout"] >= given_up + 5
