"""The API for its clients, from the code: `docs/openapi.json`, and `docs/api.md` for people, by `make openapi`.

Routes come from the resolvers of all functions, who may call them from `api/duties.py`, words from the functions'
docstrings, models from pydantic. The statuses of a route are those of its event files, so that what is documented
has been seen, and so are its examples (`tests/support/samples.py`).
"""

import inspect
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from daycover.books.sheets import SheetKind
from daycover.platform.replies import SHEET_TYPES
from daycover.platform.routes import Route
from tests.support.duties import operation_id
from tests.support.functions import HANDLERS, capability_of, events_of, load
from tests.support.samples import answer_of, request_of

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "openapi.json"
PAGE = ROOT / "docs" / "api.md"
REF = "#/components/schemas/{model}"
JSON, PROBLEM_JSON = "application/json", "application/problem+json"
PAGES, PICTURES, SHEETS = ("text/html",), ("image/png", "image/svg+xml"), tuple(SHEET_TYPES.values())
SIGNED = {("POST", "/v1/wechat/transfer-notices"): frozenset({"204"})}
"""A notice that is accepted bears WeChat's signature of this minute, so no file holds one."""
SERVERS = [
    {
        "url": "https://{host}",
        "variables": {"host": {"default": "daycover.cn"}},
        "description": "`PublicUrl`",
    },
    {"url": "http://127.0.0.1:8700", "description": "`make run`"},
]
TAGS = {
    "access": "signing in, health",
    "projects": "projects and their QR codes",
    "cover": "scan, consents, check-in, referrals, policies, certificates, roster",
    "claims": "loss notices, claims and their documents, decisions",
    "payouts": "payouts, payees, their identity, beneficiaries",
    "books": "statements, payments, credit, figures",
    "reporting": "reports to the insurer, breaks",
    "web": "pages",
}
MEANINGS = {200: "Done", 201: "Made", 202: "Taken, not at its end", 204: "Taken"}
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
Part = tuple[str, str, str]
"""Operation, `body`, `answer` or the parameter's place, name: what one schema is about."""


class Operation(NamedTuple):
    function: str
    route: Route

    @property
    def id(self) -> str:
        return operation_id(self.route.run.__name__)

    @property
    def key(self) -> tuple[str, str]:
        return self.route.method, self.route.path

    @property
    def is_described(self) -> bool:
        """Pages are for browsers, not for clients."""
        return self.route.path.startswith(("/v1/", "/.well-known/"))

    @property
    def words(self) -> tuple[str, str]:
        """Summary and description."""
        summary, _, more = (inspect.getdoc(self.route.run) or "").partition("\n\n")
        return summary.removesuffix("."), " ".join(more.split())

    @property
    def answers(self) -> tuple[Any, ...]:
        """What a success may hold: models, text for pages, bytes for pictures and sheets."""
        answer = self.route.answer
        return get_args(answer) if isinstance(answer, UnionType) else (answer,)

    @property
    def model(self) -> Any:
        """The models among the answers, as one type; None where there are none."""
        models = [item for item in self.answers if isinstance(item, type) and issubclass(item, BaseModel)]
        return _united(models) if models else None

    @property
    def other_content(self) -> Mapping[str, tuple[str, ...]]:
        """What a success may hold beside models, by the word for it."""
        found: dict[str, tuple[str, ...]] = {"a page": PAGES} if str in self.answers else {}
        if bytes in self.answers:
            is_sheet = any(
                SheetKind in (one.annotation, *get_args(one.annotation)) for one in self.route.in_query
            )
            found |= {"a sheet": SHEETS} if is_sheet else {"a picture": PICTURES}
        return found

    @property
    def who(self) -> str:
        allowed = self.route.allowed
        return "" if allowed is None else ", ".join(allowed.duties or allowed.roles)


@cache
def operations() -> tuple[Operation, ...]:
    found = [
        Operation(function, route)
        for function in HANDLERS
        if (api := getattr(load(function), "api", None)) is not None
        for route in api.routes
    ]
    return tuple(sorted(found, key=lambda one: (one.route.path, one.route.method)))


@cache
def document() -> dict[str, Any]:
    """Give the OpenAPI document."""
    described = [one for one in operations() if one.is_described]
    schemas, models = _schemas(described)
    paths: dict[str, dict[str, Any]] = {}
    for one in described:
        paths.setdefault(one.route.path, {})[one.route.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "daycover",
            "version": "1",
            "description": "Errors are RFC 9457 problem documents.",
        },
        "servers": SERVERS,
        "tags": [{"name": name, "description": words} for name, words in TAGS.items() if name != "web"],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted((models | {"Problem": PROBLEM}).items())),
            "responses": {
                "Problem": {
                    "description": "A problem document",
                    "content": {PROBLEM_JSON: {"schema": {"$ref": REF.format(model="Problem")}}},
                }
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def text() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def _schemas(described: list[Operation]) -> tuple[dict[Part, Any], dict[str, Any]]:
    """The schema of each part, and those of the models that they refer to."""
    inputs: list[tuple[Part, Literal["validation", "serialization"], TypeAdapter[Any]]] = []
    for one in described:
        for place, parameters in _parameters(one.route):
            for item in parameters:
                adapter = TypeAdapter(item.annotation)
                inputs.append(((one.id, place, item.name), "validation", adapter))
        if one.model is not None:
            inputs.append(((one.id, "answer", ""), "serialization", TypeAdapter(one.model)))
    found, common = TypeAdapter.json_schemas(inputs, ref_template=REF)
    parts = {key: _without_title(schema) for (key, _), schema in found.items()}
    return parts, {name: _without_titles(schema) for name, schema in common.get("$defs", {}).items()}


def _parameters(route: Route) -> Iterator[tuple[str, list[inspect.Parameter]]]:
    yield "path", route.in_path
    yield "query", route.in_query
    yield "body", route.in_body


def _operation(one: Operation, schemas: Mapping[Part, Any]) -> dict[str, Any]:
    summary, more = one.words
    allowed = one.route.allowed
    made: dict[str, Any] = {
        "operationId": one.id,
        "tags": [capability_of(one.function)],
        "summary": summary,
        **({"description": more} if more else {}),
        "security": [] if allowed is None else [{"token": list(allowed.roles)}],
        **({"x-duties": list(allowed.duties)} if allowed and allowed.duties else {}),
    }
    parameters = [
        {
            "name": item.name,
            "in": place,
            "required": item.default is inspect.Parameter.empty,
            "schema": schemas[one.id, place, item.name] | _default(item),
        }
        for place, items in _parameters(one.route)
        if place != "body"
        for item in items
    ]
    if parameters:
        made["parameters"] = parameters
    for item in one.route.in_body:
        content = {"schema": schemas[one.id, "body", item.name], **_example(request_of(one.key))}
        made["requestBody"] = {"required": True, "content": {JSON: content}}
    made["responses"] = _responses(one, schemas)
    return made


def _default(item: inspect.Parameter) -> dict[str, Any]:
    return {} if item.default in {inspect.Parameter.empty, None} else {"default": item.default}


def _responses(one: Operation, schemas: Mapping[Part, Any]) -> dict[str, Any]:
    problem = {"$ref": "#/components/responses/Problem"}
    responses: dict[str, Any] = {}
    for status in sorted(_seen()[one.key]):
        if status >= "400":
            responses[status] = problem
        elif status == "204":
            responses[status] = {"description": MEANINGS[204]}
        else:
            responses[status] = {
                "description": MEANINGS[int(status)],
                "content": _content(one, schemas, int(status)),
            }
    return responses | {"default": problem}


def _content(one: Operation, schemas: Mapping[Part, Any], status: int) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if one.model is not None:
        content[JSON] = {"schema": schemas[one.id, "answer", ""], **_example(answer_of(one.key, status))}
    return content | {media_type: {} for types in one.other_content.values() for media_type in types}


def _example(found: Any) -> dict[str, Any]:
    return {} if found is None else {"example": found}


@cache
def _seen() -> Mapping[tuple[str, str], set[str]]:
    """The statuses in the names of the event files, by method and path."""
    seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for file in events_of(*HANDLERS):
        status = file.name.split(".")[-2]
        event = json.loads(file.read_text(encoding="utf-8"))
        if status.isdecimal():
            seen[event["httpMethod"], event["resource"]].add(status)
    for route, statuses in SIGNED.items():
        seen[route] |= statuses
    return seen


def _united(models: list[Any]) -> Any:
    united = models[0]
    for model in models[1:]:
        united = united | model
    return united


def _without_title(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}


def _without_titles(model: dict[str, Any]) -> dict[str, Any]:
    """Names say what pydantic's titles (`Claim No`) repeat."""
    properties = {name: _without_title(item) for name, item in model.get("properties", {}).items()}
    return _without_title(model) | ({"properties": properties} if properties else {})


# ---- the page

PREAMBLE = """\
# The API

JSON over HTTPS, times in RFC 3339 (answers in UTC, `Z`), money in integer fen. Every refusal is an
`application/problem+json` document ([problems.md](problems.md)); Chinese by default, English with
`Accept-Language: en`. Every route needs `Authorization: Bearer <token>` except those marked *open*.

Bodies, answers and an example of each stand in [openapi.json](openapi.json) under the operation's name. Both are
written by `make openapi` from the handlers, `api/duties.py` and the event files.
"""
AUDIENCES: dict[str, Callable[[Operation], bool]] = {
    "Sign in (open)": lambda one: one.function.startswith("sign_in"),
    "Labour company and service provider (role `provider` or `company`)": lambda one: (
        "company" in _roles(one)
    ),
    "Worker (role `worker`)": lambda one: "worker" in _roles(one),
    "Insurer staff (role `staff`)": lambda one: "staff" in _roles(one),
    "Anyone (open)": lambda _: True,
}


def page() -> str:
    """Give the page: every route once, by who may call it."""
    lines = [PREAMBLE]
    left = list(operations())
    for title, is_theirs in AUDIENCES.items():
        theirs = [one for one in left if is_theirs(one)]
        left = [one for one in left if one not in theirs]
        is_staff = "staff" in title
        head = ["Operation", "Route", *(["Duty"] if is_staff else []), "What it does", "Body", "Answer"]
        lines += [f"## {title}\n", _row(head), "|" + "---|" * len(head)]
        lines += [_row(_cells(one, is_staff=is_staff)) for one in theirs]
        lines.append("")
    return "\n".join(lines)


def _roles(one: Operation) -> tuple[str, ...]:
    return () if one.route.allowed is None else one.route.allowed.roles


def _cells(one: Operation, *, is_staff: bool) -> list[str]:
    asked = [item.name for item in one.route.in_query]
    query = "?" + "&".join(f"{name}=" for name in asked) if asked else ""
    duties = one.route.allowed.duties if one.route.allowed else ()
    summary, more = one.words
    return [
        f"`{one.id}`" if one.is_described else "",
        f"`{one.route.method} {one.route.path}{query}`",
        *([", ".join(duties) or "any"] if is_staff else []),
        f"{summary}. {more}".strip(),
        ", ".join(f"`{item.annotation.__name__}`" for item in one.route.in_body),
        " ".join([*_statuses(one), _answer_words(one)]).strip(),
    ]


def _statuses(one: Operation) -> list[str]:
    return [status for status in sorted(_seen()[one.key]) if status < "400"]


def _answer_words(one: Operation) -> str:
    models = get_args(one.model) or (() if one.model is None else (one.model,))
    words = [f"`{model.__name__}`" for model in models if get_origin(model) is None]
    return " or ".join([*words, *one.other_content])


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
