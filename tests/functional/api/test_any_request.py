"""Whatever anybody sends, each route answers as the OpenAPI document says: never a 5xx, never another form.

Requests are made up from the document by Schemathesis, right ones and wrong ones, with ids of the gate's world
mixed in so that they get past the door. They come from every role and each duty of staff, and in every content type.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.core import NOT_SET

from daycover.platform.callers import Caller, Duty
from daycover.platform.http import MAX_PATH_BYTES
from daycover.platform.replies import EVERYWHERE
from daycover.platform.routes import Route, segments_of
from daycover.projects.roles import OperatorRole
from tests.functional.access.prepared import OWNER
from tests.functional.cover.gate import Gate, whole_aws
from tests.simulators.credentials import Credentials
from tests.support.builders import PROJECT, WORKER
from tests.support.enrolled import join
from tests.support.fakes.claims import FakeBillPlatform
from tests.support.functions import HANDLERS, events_of, route_of
from tests.support.openapi import DOCUMENT

REQUESTS = 20
"""Made up for each route and run; enough to meet each member missing, mistyped, too long."""
DOCUMENTED = json.loads(DOCUMENT.read_text(encoding="utf-8"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENTED)
SIGNED = ("/v1/insurer/", "/v1/wechat/")
"""Called by servers in their own protocol, whose answers are not ours to shape."""
ROUTES = [
    (method.upper(), path)
    for path, methods in DOCUMENTED["paths"].items()
    for method in methods
    if not path.startswith(SIGNED)
]
ROLES: Mapping[str, Mapping[str, str]] = {
    "anonymous": {},
    "worker": {"role": "worker", "subject": WORKER},
    "company": {"role": "company", "subject": "C1", "provider_id": "P1"},
    "provider": {"role": "provider", "subject": "P1", "provider_id": "P1"},
    "operator": {"role": "operator", "subject": OWNER},
    "staff": {"role": "staff", "subject": "s-1", "staff_roles": " ".join(Duty)},
    **{duty.value: {"role": "staff", "subject": "s-2", "staff_roles": duty.value} for duty in Duty},
}
"""Callers as the authorizer describes them."""
JSON = "application/json"
FORM, BOUNDARY = "application/x-www-form-urlencoded", "b0undary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
ACCEPTED = frozenset({JSON, "application/json; charset=utf-8"})
MADE_UP = settings(
    database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
TYPES = (*ACCEPTED, FORM, MULTIPART, "text/plain", "text/xml", "application/octet-stream", None)


def function_of() -> Iterator[tuple[tuple[str, str], str]]:
    """Which function answers which route, from the event files."""
    for function in HANDLERS:
        for file in events_of(function):
            event = json.loads(file.read_text(encoding="utf-8"))
            if "httpMethod" in event and function != "authorize_request":
                yield (event["httpMethod"], event["resource"]), function


FUNCTIONS = dict(function_of())


@pytest.fixture(scope="module", params=sorted(ROUTES), ids=" ".join)
def asked(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The route that both tests ask before the next one's turn."""
    method, path = request.param
    return method, path


@pytest.fixture(scope="module")
def worlds() -> dict[str, Gate]:
    """The world that stands."""
    return {}


@pytest.fixture(scope="module")
def gate(asked: tuple[str, str], worlds: dict[str, Gate], credentials: Credentials) -> Gate:
    """The gate with somebody covered, and the bills' platforms, which every member of staff may have asked.

    To build it takes longer than to ask a route everything, so whoever only reads has the world that others read.
    """
    method, path = asked
    name = method if method == "GET" else path
    if name not in worlds:
        worlds.clear()  # AWS is emptied for the next
        gate = Gate(whole_aws(), credentials)
        gate.adapters.bill_platform = FakeBillPlatform()
        gate.covered()
        join(gate.adapters, "C1", OWNER, OperatorRole.OWNER)
        worlds[name] = gate
    return worlds[name]


def written(content: Any, kind: str | None) -> str:
    """Give a body as its type writes it."""
    members = content if isinstance(content, dict) else {"value": content}
    if kind == FORM:
        return urlencode(members)
    if kind == MULTIPART:
        heads = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n' for name in members)
        parts = (f"{head}{value}\r\n" for head, value in zip(heads, members.values(), strict=True))
        return "".join(parts) + f"--{BOUNDARY}--\r\n"
    text = json.dumps(content)
    return f"<request>{text}</request>" if kind == "text/xml" else text


def event_of(
    method: str, path: str, case: Case[Any], caller: Mapping[str, str], kind: str | None, *, in_base64: bool
) -> dict[str, Any]:
    """Give the request as API Gateway hands it over."""
    query = {name: str(value) for name, value in (case.query or {}).items()}
    body = None
    if isinstance(case.body, bytes):
        body = case.body.decode(errors="replace")
    elif case.body is not NOT_SET:
        body = written(case.body, kind)
    if body is not None and in_base64:
        body = base64.b64encode(body.encode(errors="surrogatepass")).decode()
    parameters = {name: str(value) for name, value in (case.path_parameters or {}).items()}
    concrete = path
    for name, value in parameters.items():
        concrete = concrete.replace("{" + name + "}", value)
    headers = {
        name: str(value) for name, value in (case.headers or {}).items() if name.lower() != "content-type"
    }
    if kind is not None:
        headers["Content-Type"] = kind
    return {
        "resource": path,
        "path": concrete,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": parameters or None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "stage": "live",
            "requestId": "5f3c1a52-0d0b-4b60-9d0a-2f4f0a7c1e01",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "fuzz"},
            "authorizer": dict(caller),
        },
        "body": body,
        "isBase64Encoded": in_base64,
    }


def known(gate: Gate, name: str) -> list[str]:
    """Ids of the world by the name of a parameter."""
    ids = {
        "company_id": ["C1"],
        "project_id": [PROJECT],
        "policy_no": [policy.policy_no for policy in gate.adapters.policies.recent(gate.person, gate.now())],
        "check_in_id": ["20261124-01"],
        "token": [gate.values["qr_token"]],
        "day": ["2026-11-24"],
        "month": ["2026-11"],
    }
    return ids.get(name, [])


def may_ask(route: Route, caller: Mapping[str, str]) -> bool:
    return route.allowed is None or route.allowed.lets_in(Caller.of(caller))


def answered(outcome: Mapping[str, Any]) -> Response:
    headers = {name: list(values) for name, values in (outcome.get("multiValueHeaders") or {}).items()}
    headers |= {name: [value] for name, value in (outcome.get("headers") or {}).items()}
    body = outcome.get("body") or ""
    return Response(
        status_code=int(outcome["statusCode"]),
        headers={name.lower(): values for name, values in headers.items()},
        content=base64.b64decode(body) if outcome.get("isBase64Encoded") else body.encode(),
        request=requests.Request("GET", "http://localhost").prepare(),
        elapsed=0,
        verify=False,
    )


def test_route_answers_as_documented_when_a_client_sends_anything(
    asked: tuple[str, str], gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, path = asked
    operation = SCHEMA[path][method]
    cases = operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE)
    function = FUNCTIONS[method, path]

    route = route_of(function, method, path)
    let_in = [caller for caller in ROLES.values() if may_ask(route, caller)]

    @settings(MADE_UP, max_examples=REQUESTS)
    @given(
        case=cases,
        caller=st.sampled_from(let_in),
        kind=st.sampled_from(sorted(ACCEPTED)),
        in_base64=st.booleans(),
        data=st.data(),
    )
    def exchange(
        case: Case[Any], caller: Mapping[str, str], kind: str, in_base64: bool, data: st.DataObject
    ) -> None:
        for name in case.path_parameters or {}:
            if ids := known(gate, name):
                case.path_parameters[name] = data.draw(
                    st.sampled_from(ids) | st.just(case.path_parameters[name])
                )
        if isinstance(case.body, dict) and "qr_token" in case.body and data.draw(st.booleans()):
            case.body["qr_token"] = gate.values["qr_token"]
        event = event_of(method, path, case, caller, kind, in_base64=in_base64)
        check(operation, gate.invoke(function, event, monkeypatch), event)

    exchange()


def test_route_answers_as_documented_when_anybody_comes_in_any_type(
    asked: tuple[str, str], gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, path = asked
    operation = SCHEMA[path][method]
    function = FUNCTIONS[method, path]
    route = route_of(function, method, path)
    cases = operation.as_strategy(GenerationMode.POSITIVE)
    made: list[Case[Any]] = []

    @settings(MADE_UP, max_examples=len(TYPES))
    @given(case=cases)
    def make(case: Case[Any]) -> None:
        made.append(case)

    make()
    for turn, (name, caller) in enumerate(ROLES.items()):
        for kind in TYPES:
            case = made[turn % len(made)]
            event = event_of(method, path, case, caller, kind, in_base64=bool(turn % 2))
            outcome = gate.invoke(function, event, monkeypatch)
            check(operation, outcome, event)
            may = may_ask(route, caller)
            if name == "anonymous":
                assert may is (route.allowed is None)
            if not is_found(route, event["path"]):
                assert outcome["statusCode"] == 404, (
                    name,
                    kind,
                    outcome,
                )  # made up with no id that could be one
            elif not may:
                assert outcome["statusCode"] in {403, 404}, (name, kind, outcome)
            elif method == "POST" and event["body"] and kind not in ACCEPTED:
                assert outcome["statusCode"] == 415, (name, kind, outcome)
            elif kind in ACCEPTED:
                assert outcome["statusCode"] != 415, (name, kind, outcome)


def is_found(route: Route, path: str) -> bool:
    """Whether a made-up path is one of the route at all: short enough, and without signs that no id has."""
    is_short = len(path.encode(errors="replace")) <= MAX_PATH_BYTES
    return is_short and route.match(route.method, segments_of(path)) is not None


def check(operation: Any, outcome: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    """Whoever asks for whatever: a documented answer, or a problem that is not ours."""
    response = answered(outcome)
    [kind] = response.headers.get("content-type", [""])
    said = response.content[:300].decode(errors="replace")
    told = f"{response.status_code} {said} to {event}"
    assert response.status_code < 500, told
    assert all(name.lower() in response.headers for name in EVERYWHERE), told
    if response.status_code >= 400:
        assert kind.startswith("application/problem+json"), told
    else:
        documented = DOCUMENTED["paths"][event["resource"]][event["httpMethod"].lower()]["responses"]
        assert str(response.status_code) in documented, told
    if "json" in kind:
        operation.validate_response(response)
