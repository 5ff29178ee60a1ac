"""No answer repeats what was sent, no log line holds it, and nothing fails: every route, every place of a request.

Each route is asked as its first event file asks that succeeds, in the world that this file speaks of, with one place of
the request changed at a time and with all of them changed: to a word that stands nowhere else, in forms that get as far
as a route lets them, and to what parsers and tables choke on.
"""

import ast
import base64
import copy
import json
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from urllib.parse import quote, urlencode

import pytest

from daycover.platform.routes import Route
from tests.functional.attack.world import routes
from tests.functional.claims import test_events as claims
from tests.functional.claims.aws import local_aws
from tests.functional.claims.stage import Stage
from tests.functional.cover import test_events as cover
from tests.functional.cover.gate import Gate, whole_aws
from tests.functional.web.settings import configure
from tests.support.events import placeholders, read_event
from tests.support.functions import HANDLERS, key_of, load, route_of
from tests.support.insured import credentials_of
from tests.support.key_material import insurer_keys, merchant_credentials

WORD = "ZQ7MARK"
"""Has the form of ids and codes, so it goes as deep as anything that is typed."""
NUMBER = 918_273_645
MARKS = (WORD.lower(), str(NUMBER))
PLANTED: tuple[Any, ...] = (
    WORD,
    f"标记 {WORD}",
    NUMBER,
    f"{WORD}@example.cn",
    f"1{NUMBER}0",
    [WORD],
    {WORD: WORD},
)
"""In place of a value: a code, words, a number; an address, digits, and what no value is."""
EACH = 3
"""So many of them in every place, the others in turn."""
INDIGESTIBLE: tuple[Any, ...] = (
    None,
    True,
    "",
    "\x00",
    "\ud800",
    "\ufeff",
    "９" * 18,
    "9" * 4_000,
    10**40,
    -(10**40),
    1e308,
    [],
    {},
    [[[]]],
    "9999-12-31T23:59:59.999999+14:00",
    "0001-01-01T00:00:00-14:00",
    "9999-12-31",
)
"""What stores, clocks and parsers choke on."""
RAW = (
    "{",
    "[" * 30_000,
    '{"a":' * 10_000,
    f'{{"{WORD}":1,"{WORD}":2}}',
    f'{{"{WORD}":NaN}}',
    f'\ufeff{{"{WORD}":1}}',
    f'"{WORD}"',
    f'["{WORD}"]',
    f'{{"{WORD}":"\x00"}}',
    "9" * 5_000,
    "null",
    f"{WORD}={WORD}",
    "\ud800" + WORD,
    WORD * 10_000,
)
"""Bodies that are no body of ours."""
FORM, BOUNDARY = "application/x-www-form-urlencoded", "zq7boundary"
TYPES = (
    None,
    "",
    FORM,
    f"multipart/form-data; boundary={BOUNDARY}",
    "multipart/form-data",
    "text/plain",
    "text/xml",
    "application/xml",
    "application/octet-stream",
    "application/problem+json",
    "application/json; charset=gb18030",
    "application/json, text/plain",
    f"application/{WORD}",
    WORD,
)
HEADERS = (
    "Accept-Language",
    "Accept",
    "Authorization",
    "User-Agent",
    "Idempotency-Key",
    "X-Forwarded-For",
    "Cookie",
)
QUERIED = (
    [WORD],
    [f"标记 {WORD}"],
    [WORD, WORD],
    [str(NUMBER)],
    ["９"],
    [""],
    ["\x00"],
    ["\ud800"],
    ["-1"],
    ["9" * 5_000],
    [base64.b64encode(b"[" * 6_000).decode()],
)
"""In place of a query parameter, which may be given twice."""
CALLBACKS = ("/v1/wechat/", "/v1/insurer/")
"""Read as bytes whatever they call themselves: they are signed."""
Event = dict[str, Any]
Ask = Callable[[Event], Event]


ROUTES = list(routes())


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], tuple[Ask, Event]]:
    """Give what asks a function in the world that its file speaks of, and what the file asks."""

    def made(function: str, file: Path) -> tuple[Ask, Event]:
        if function in claims.FUNCTIONS:
            stage = Stage(local_aws(), monkeypatch)
            claims.PREPARED.get(key_of(file), Stage.nothing)(stage)
            return lambda event: stage.invoke(function, event), json.loads(file.read_text(encoding="utf-8"))
        configure(monkeypatch)
        gate = Gate(whole_aws(), merchant_credentials())
        gate.adapters.insurer_credentials = credentials_of(insurer_keys())
        cover.PREPARED.get(key_of(file), Gate.covered)(gate)
        values = dict.fromkeys(placeholders(file), "unknown") | gate.values
        return lambda event: gate.invoke(function, event, monkeypatch), read_event(file, values)

    return made


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place in a body and what it holds, the body itself first."""
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def planted(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(body)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


def everywhere(body: Any, value: Any) -> Any:
    if isinstance(body, dict):
        return {key: everywhere(item, value) for key, item in body.items()} | {WORD: value}
    return [everywhere(item, value) for item in body] if isinstance(body, list) else value


def bodies(body: Any) -> Iterator[Any]:
    """The body with one place changed, then with all of them; of what is indigestible each place has its share."""
    for turn, (path, held) in enumerate(places(body)):
        share = INDIGESTIBLE[turn % EACH :: EACH]
        for value in (*PLANTED[:EACH], PLANTED[EACH + turn % (len(PLANTED) - EACH)], *share):
            yield planted(body, path, value)
        if isinstance(held, dict):
            yield planted(body, path, held | {WORD: WORD})
            yield planted(body, path, held | {f"{WORD}/~{NUMBER}\ud800": {WORD: NUMBER}})
        if isinstance(held, list) and held:
            yield planted(body, path, held * 200)
    yield from (everywhere(body, value) for value in PLANTED)


def requests(event: Event, route: Route) -> Iterator[Event]:
    """Everything that the file's request could have been."""
    body = json.loads(event["body"]) if event["body"] else {}
    for name in event.get("pathParameters") or {}:
        for value in (WORD, f"标记{WORD}", "x" * 800, "\ud800", "\x00", "a#b", "９" * 20):
            parameters = event["pathParameters"] | {name: value}
            path = "/".join(
                parameters.get(part[1:-1], part) if part.startswith("{") else part
                for part in event["resource"].split("/")
            )
            yield event | {"path": path, "pathParameters": parameters}
    asked = event.get("multiValueQueryStringParameters") or {}
    queries = [asked | {WORD: [WORD]}] + [
        asked | {one.name: given} for one in route.in_query for given in QUERIED
    ]
    for query in queries:
        single = {key: values[-1] for key, values in query.items()}
        yield event | {"queryStringParameters": single, "multiValueQueryStringParameters": query}
    for name in ("Accept-Language", "Authorization"):
        yield event | {"headers": event["headers"] | {name: f"{WORD};q={NUMBER}"}}
    yield event | {"headers": dict.fromkeys(HEADERS, WORD) | event["headers"]}
    named = {"requestId": WORD, "extendedRequestId": "JKJaXmPLvHcESHA="}  # the first is X-Amzn-RequestId
    yield event | {"requestContext": event["requestContext"] | named}
    yield event | {"headers": None, "multiValueHeaders": None}
    yield event | {"headers": {}, "multiValueHeaders": {}}
    if event["httpMethod"] != "POST":
        return
    for changed in bodies(body):
        yield event | {"body": json.dumps(changed, ensure_ascii=False)}
    for text in RAW:
        yield event | {"body": text}
        yield event | {
            "body": base64.b64encode(text.encode(errors="surrogatepass")).decode(),
            "isBase64Encoded": True,
        }
    yield event | {"body": f"not base64 {WORD}", "isBase64Encoded": True}


def forms(event: Event) -> Iterator[Event]:
    """What the route is asked, the word everywhere, in every other type."""
    marked = everywhere(json.loads(event["body"]) if event["body"] else {}, WORD)
    part = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{WORD}"\r\n\r\n{WORD}\r\n--{BOUNDARY}--\r\n'
    )
    texts = (
        json.dumps(marked),
        urlencode(marked),
        part,
        f"<{WORD}>{WORD}</{WORD}>",
        quote(json.dumps(marked)),
    )
    headers = {name: value for name, value in event["headers"].items() if name.lower() != "content-type"}
    for turn, kind in enumerate(TYPES):
        text = texts[turn % len(texts)]
        yield event | {"headers": headers | ({} if kind is None else {"Content-Type": kind}), "body": text}
        typed = headers | ({} if kind is None else {"content-type": kind})
        yield event | {
            "headers": typed,
            "multiValueHeaders": {key: [value] for key, value in typed.items()},
            "body": base64.b64encode(text.encode()).decode(),
            "isBase64Encoded": True,
        }


def told(answer: Event) -> str:
    """All that an answer says, headers included, in the letters that a person would look for."""
    body = answer["body"] or ""
    text = base64.b64decode(body).decode(errors="replace") if answer["isBase64Encoded"] else body
    return json.dumps([text, answer["multiValueHeaders"]], ensure_ascii=False).lower()


@pytest.mark.parametrize(
    ("function", "file"), ROUTES, ids=lambda value: value if isinstance(value, str) else value.stem
)
def test_nothing_comes_back_and_nothing_fails_whatever_is_sent(
    function: str,
    file: Path,
    world: Callable[[str, Path], tuple[Ask, Event]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    ask, event = world(function, file)
    route = route_of(function, event["httpMethod"], event["resource"])
    for asked in requests(event, route):
        answer = ask(copy.deepcopy(asked))
        shown = f"{answer['statusCode']} {answer['body'][:300]} to {json.dumps(asked)[:900]}"
        assert answer["statusCode"] < 500, shown
        if answer["statusCode"] >= 400:
            assert not any(mark in told(answer) for mark in MARKS), shown
    if event["httpMethod"] == "POST" and not event["resource"].startswith(CALLBACKS):
        for asked in forms(event):
            answer = ask(copy.deepcopy(asked))
            shown = f"{answer['statusCode']} {answer['body'][:300]} to {json.dumps(asked)[:900]}"
            assert answer["statusCode"] == 415, shown
            assert answer["multiValueHeaders"]["Accept"] == ["application/json"]
            assert not any(mark in told(answer) for mark in MARKS), shown
    for line in capsys.readouterr().out.splitlines():
        assert not any(mark in line.lower() for mark in MARKS), line


def words_in(function: str) -> Iterator[tuple[str, Any]]:
    """Each member of a body that a handler's line names, with its annotation."""
    for run in ast.walk(ast.parse(HANDLERS[function].read_text(encoding="utf-8"))):
        if not isinstance(run, ast.FunctionDef):
            continue
        for call in ast.walk(run):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func).startswith("logger.")):
                continue
            for node in ast.walk(call):
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "body":
                    (route,) = (one for one in load(function).api.routes if one.run.__name__ == run.name)
                    (body,) = route.in_body
                    yield f"{run.name}: {node.attr}", body.annotation.model_fields[node.attr].annotation


def is_one_of_ours(kind: Any) -> bool:
    """Whether whatever is sent is one of the contract's own words, or several."""
    if get_origin(kind) is Literal or kind in {bool, type(None), ...}:
        return True
    if get_args(kind):
        return all(is_one_of_ours(part) for part in get_args(kind))
    return isinstance(kind, type) and issubclass(kind, Enum)


def test_line_says_of_a_body_nothing_but_words_of_the_contract() -> None:
    """What is written after a success is met once in a world, so no request of the others need have come there."""
    said = [one for function in HANDLERS for one in words_in(function)]
    assert len(said) > 5
    assert [name for name, kind in said if not is_one_of_ours(kind)] == []
