"""Whatever a client sends, each route answers as the OpenAPI document says: never a 5xx, never another form.

Requests are made up from the document by Schemathesis, right ones and wrong ones, with ids of the gate's world
mixed in so that they get past the door.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.core import NOT_SET

from tests.functional.cover.gate import Gate
from tests.support.builders import PROJECT, WORKER
from tests.support.functions import HANDLERS, events_of
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
STAFF = "intake,adjuster,senior_adjuster,finance,auditor"


def function_of() -> Iterator[tuple[tuple[str, str], str]]:
    """Which function answers which route, from the event files."""
    for function in HANDLERS:
        for file in events_of(function):
            event = json.loads(file.read_text(encoding="utf-8"))
            if "httpMethod" in event and function != "authorize_request":
                yield (event["httpMethod"], event["resource"]), function


FUNCTIONS = dict(function_of())


def event_of(method: str, path: str, case: Case[Any], caller: Mapping[str, str]) -> dict[str, Any]:
    """Give the request as API Gateway hands it over."""
    query = {name: str(value) for name, value in (case.query or {}).items()}
    body = None
    if isinstance(case.body, bytes):
        body = case.body.decode(errors="replace")
    elif case.body is not NOT_SET:
        body = json.dumps(case.body)
    parameters = {name: str(value) for name, value in (case.path_parameters or {}).items()}
    concrete = path
    for name, value in parameters.items():
        concrete = concrete.replace("{" + name + "}", value)
    headers = {name: str(value) for name, value in (case.headers or {}).items()}
    return {
        "resource": path,
        "path": concrete,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"} | headers,
        "multiValueHeaders": {},
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
        "isBase64Encoded": False,
    }


def callers(path: str) -> st.SearchStrategy[dict[str, str]]:
    """Who may call, and sometimes who may not."""
    worker = {"role": "worker", "subject": WORKER}
    company = {"role": "company", "subject": "C1"}
    staff = {"role": "staff", "subject": "s-1", "staff_roles": STAFF}
    expected = staff if path.startswith("/v1/staff") else company if "/companies/" in path else worker
    return st.sampled_from([expected, expected, expected, worker, company, staff])


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


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=str)
def test_route_answers_as_documented_when_a_client_sends_anything(
    method: str, path: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.covered()
    operation = SCHEMA[path][method]
    cases = operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE)
    function = FUNCTIONS[method, path]

    @settings(
        max_examples=REQUESTS,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, caller=callers(path), data=st.data())
    def exchange(case: Case[Any], caller: dict[str, str], data: st.DataObject) -> None:
        for name in case.path_parameters or {}:
            if ids := known(gate, name):
                case.path_parameters[name] = data.draw(
                    st.sampled_from(ids) | st.just(case.path_parameters[name])
                )
        if isinstance(case.body, dict) and "qr_token" in case.body and data.draw(st.booleans()):
            case.body["qr_token"] = gate.values["qr_token"]
        outcome = gate.invoke(function, event_of(method, path, case, caller), monkeypatch)
        response = answered(outcome)
        [kind] = response.headers.get("content-type", [""])
        said = response.content[:300].decode(errors="replace")
        told = f"{response.status_code} {said} to {case.body!r} {case.path_parameters} {case.query}"
        assert response.status_code < 500, told
        if response.status_code >= 400:
            assert kind.startswith("application/problem+json"), told
        else:
            assert str(response.status_code) in DOCUMENTED["paths"][path][method.lower()]["responses"], told
        if "json" in kind:
            operation.validate_response(response)

    exchange()
