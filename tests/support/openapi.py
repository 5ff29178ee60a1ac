"""The OpenAPI document: routes and models from the resolvers of all functions, the statuses that each route
answers from its event files, so that what is documented has been seen. `make openapi` writes it."""

import importlib.util
import inspect
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from daycover.platform.http import HttpApi
from daycover.platform.routes import Route

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "openapi.json"
OPEN_PATHS = (
    "/v1/sessions",
    "/v1/tokens",
    "/v1/staff-sessions",
    "/v1/verifications",
    "/v1/certificates",
    "/v1/health",
    "/v1/wechat",
    "/v1/insurer",
    "/.well-known",
)
SIGNED = {("POST", "/v1/wechat/transfer-notices"): frozenset({"204"})}
"""A notice that is accepted bears WeChat's signature of this minute, so no file holds one."""
PROBLEM = {
    "type": "object",
    "description": "RFC 9457; docs/problems.md explains each type. Other members are the problem's facts.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "the id of the request"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def document() -> dict[str, Any]:
    """Merge the paths and components of every `functions/*/*/app.py` that has a resolver, in a stable order."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "daycover",
            "version": "1",
            "description": "Errors are RFC 9457 problem documents.",
        },
        "paths": {},
        "components": {
            "schemas": {"Problem": PROBLEM},
            "responses": {
                "Problem": {
                    "description": "A problem document",
                    "content": {
                        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                    },
                }
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"token": []}],
    }
    for app in sorted((ROOT / "functions").glob("*/*/app.py")):
        resolver = getattr(_load(app), "api", None)
        if resolver is None:
            continue
        part = _part(resolver)
        for path, methods in part.get("paths", {}).items():
            if path.startswith(("/v1/", "/.well-known/")):
                merged["paths"].setdefault(path, {}).update(_described(path, methods))
        merged["components"]["schemas"].update(part.get("components", {}).get("schemas", {}))
    merged["paths"] = dict(sorted(merged["paths"].items()))
    schemas = merged["components"]["schemas"]
    used = _used(merged["paths"], schemas) | {"Problem"}
    merged["components"]["schemas"] = {name: schemas[name] for name in sorted(used)}
    return merged


def _part(api: HttpApi) -> dict[str, Any]:
    """The document of one function: its routes, declared once more to Powertools' resolver, which describes them."""
    described = APIGatewayRestResolver(enable_validation=True)
    for route in api.routes:
        rule = route.path.replace("{", "<").replace("}", ">")
        described.route(rule, route.method)(_told(route))
    part: dict[str, Any] = json.loads(described.get_openapi_json_schema(title="daycover", version="1"))
    return part


def _told(route: Route) -> Callable[[], None]:
    """A function with the name, the words and the signature of the route's own, in Powertools' terms."""

    def told() -> None: ...

    told.__name__, told.__doc__ = route.run.__name__, route.run.__doc__
    signature = inspect.signature(route.run)
    parameters = [
        one.replace(annotation=Annotated[one.annotation, Query()]) if one in route.in_query else one
        for one in signature.parameters.values()
    ]
    told.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=parameters,
        return_annotation=Response[route.answer],  # type: ignore[name-defined]
    )
    return told


def _used(part: Any, schemas: Mapping[str, Any]) -> set[str]:
    """The names of all schemas that a part refers to, directly or through others."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(waiting.pop())))
        waiting += [schemas[name] for name in named - found]
        found |= named
    return found


def text() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def _described(path: str, methods: dict[str, Any]) -> dict[str, Any]:
    for method, operation in methods.items():
        if path.startswith(OPEN_PATHS):
            operation["security"] = []
        operation["responses"] = _responses(operation["responses"]["200"], method.upper(), path)
    return methods


def _responses(success: Mapping[str, Any], method: str, path: str) -> dict[str, Any]:
    problem = {"$ref": "#/components/responses/Problem"}
    responses: dict[str, Any] = {}
    for status in sorted(_seen()[method, path]):
        if status >= "400":
            responses[status] = problem
        elif status == "204":
            responses[status] = {"description": "Done"}
        else:
            responses[status] = dict(success)
    return responses | {"default": problem}


@cache
def _seen() -> Mapping[tuple[str, str], set[str]]:
    """The statuses in the names of the event files, by method and path."""
    seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for file in (ROOT / "events").glob("*/*/*.json"):
        status = file.name.split(".")[-2]
        event = json.loads(file.read_text(encoding="utf-8"))
        if status.isdecimal():
            seen[event["httpMethod"], event["resource"]].add(status)
    for route, statuses in SIGNED.items():
        seen[route] |= statuses
    return seen


def _load(app: Path) -> Any:
    name = f"openapi_{app.parent.name}"
    spec = importlib.util.spec_from_file_location(name, app)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
