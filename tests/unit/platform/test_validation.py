"""What a broken rule says to people, and that one request leaves one line."""

import json
from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from daycover.errors import DaycoverError
from daycover.platform.http import Body, HttpApi, View, open_api
from daycover.platform.replies import Reply, reply
from daycover.platform.validation import RULES, rule_of
from daycover.projects.project import ProjectStatus


class Asked(Body):
    name: Annotated[str, StringConstraints(min_length=2, max_length=4, pattern="^[a-z]+$")] = "ab"
    count: Annotated[int, Field(ge=1, le=9)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    status: ProjectStatus = ProjectStatus.OPEN
    at: AwareDatetime | None = None
    names: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]  # noqa: RUF012
    pages: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)


class Part(Body):
    fen: int = 1


class Typed(Body):
    count: int = 1
    share: float = 0.5
    is_so: bool = False
    on: date | None = None
    at: AwareDatetime | None = None
    status: ProjectStatus = ProjectStatus.OPEN
    parts: tuple[Part, ...] = ()
    by_status: dict[ProjectStatus, int] = {}  # noqa: RUF012
    word: str = "a"


class Named(View):
    name: str


class UnheardOfError(DaycoverError):
    """It has no kind, so no caller is to meet it."""


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"count": True}, ("count",)),
        ({"count": "12"}, ("count",)),
        ({"count": "1_000"}, ("count",)),
        ({"count": "１２"}, ("count",)),
        ({"count": "١٢"}, ("count",)),
        ({"count": 1.5}, ("count",)),
        ({"share": "0.5"}, ("share",)),
        ({"share": "٠.٥"}, ("share",)),
        ({"share": False}, ("share",)),
        ({"is_so": 1}, ("is_so",)),
        ({"is_so": "no"}, ("is_so",)),
        ({"on": 0}, ("on",)),
        ({"on": 1764374400}, ("on",)),
        ({"on": "２０２６-11-24"}, ("on",)),
        ({"on": "2026-11-24T00:00:00Z"}, ("on",)),
        ({"at": 1764374400}, ("at",)),
        ({"at": 1764374400000}, ("at",)),
        ({"at": "2026-11-24"}, ("at",)),
        ({"parts": [{"fen": 1}, {"fen": True}]}, ("parts", 1, "fen")),
        ({"by_status": {"OPEN": "1"}}, ("by_status", "OPEN")),
        ({"word": 1}, ("word",)),
        ({"word": "\ud800"}, ("word",)),
    ],
)
def test_value_of_another_type_is_refused_at_its_place_when_a_body_is_read(
    said: dict[str, Any], place: tuple[Any, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        Typed.read(said)
    assert [one["loc"] for one in refused.value.errors()] == [place]


def test_member_is_refused_when_its_name_is_no_text() -> None:
    with pytest.raises(ValidationError):
        Typed.read({"parts": [{"fen": 1, "\ud800": 1}]})


def test_value_of_json_s_own_types_is_taken_when_a_body_is_read() -> None:
    said = {
        "count": 12,
        "share": 1,
        "is_so": True,
        "on": "2026-11-24",
        "at": "2026-11-24T08:00:00+08:00",
        "status": "OPEN",
        "parts": [{"fen": 3}],
        "by_status": {"OPEN": 1},
        "word": " 北\x00 ",
    }
    read = Typed.read(said)
    assert (read.count, read.share, read.on, read.parts[0].fen) == (12, 1.0, date(2026, 11, 24), 3)
    assert read.word == "北\x00"


def api() -> HttpApi:
    made = open_api()

    @made.post("/v1/ask")
    def ask(body: Asked) -> Reply[Named]:
        return reply(200, Named(name=body.name))

    @made.get("/v1/fail")
    def fail() -> Reply[Named]:
        raise UnheardOfError

    return made


def call(method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", **headers},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"requestId": "r-1", "authorizer": {}},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
    return api().resolve(event, None)


@pytest.mark.parametrize(
    ("body", "chinese"),
    [
        ({"name": "a"}, "至少 2 个字符"),
        ({"name": "abcde"}, "最多 4 个字符"),
        ({"name": "AB"}, "格式不正确"),
        ({"name": 5}, "应为文字"),
        ({"count": 0}, "不得小于 1"),
        ({"count": 10}, "不得大于 9"),
        ({"count": 1.5}, "应为整数"),
        ({"count": "x"}, "应为整数"),
        ({"share": 0}, "应大于 0.0"),
        ({"share": 1}, "应小于 1.0"),
        ({"share": "x"}, "应为数字"),
        ({"status": "GONE"}, "应为以下之一:DRAFT、OPEN、PAUSED、CLOSED"),
        ({"at": "2026-11-24T08:00:00"}, "时间须带时区,例如 +08:00"),
        ({"at": "yesterday"}, "应为 RFC 3339 时间"),
        ({"names": []}, "至少 1 项"),
        ({"names": ["a", "b", "c"]}, "最多 2 项"),
        ({"names": "a"}, "应为数组"),
        ({"pages": []}, "至少 1 项"),
        ({"pages": ["x"]}, "应为整数"),
        ({"more": 1}, "含有未知字段"),
        ([], "应为对象"),
    ],
)
def test_rule_is_said_in_chinese_with_its_limit_when_broken(body: Any, chinese: str) -> None:
    answer = call("POST", "/v1/ask", body)
    assert answer["statusCode"] == 422
    assert [error["detail"] for error in json.loads(answer["body"])["errors"]] == [chinese]


def test_rule_is_said_in_english_when_asked_for() -> None:
    answer = call("POST", "/v1/ask", {"name": "a"}, **{"Accept-Language": "en"})
    (error,) = json.loads(answer["body"])["errors"]
    assert error["detail"] == "String should have at least 2 characters"


def test_rule_is_plain_when_its_kind_is_new_or_its_limit_missing() -> None:
    assert rule_of({"type": "of_another_pydantic", "msg": "English"}, "zh") == "不符合要求"
    assert rule_of({"type": "too_short"}, "zh") == "不符合要求"
    assert all(not text.isascii() for text in RULES.values())


@pytest.mark.parametrize(
    "kind", ["union_tag_invalid", "uuid_parsing", "url_parsing", "of_another_pydantic", "assertion_error"]
)
def test_words_are_our_own_when_pydantic_s_may_quote_the_value(kind: str) -> None:
    assert rule_of({"type": kind, "msg": "Input tag 'SECRET' does not match"}, "en") == "is not as required"


@pytest.mark.parametrize(
    ("method", "path", "body", "level", "status"),
    [
        ("POST", "/v1/ask", {}, "INFO", 200),
        ("POST", "/v1/ask", {"count": 0}, "WARNING", 422),
        ("GET", "/v1/nowhere", None, "WARNING", 404),
        ("GET", "/v1/fail", None, "ERROR", 500),
    ],
)
def test_request_leaves_one_line_when_answered(
    method: str,
    path: str,
    body: Any,
    level: str,
    status: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "daycover-Ask")
    assert call(method, path, body)["statusCode"] == status
    (written,) = capsys.readouterr().out.splitlines()
    line = json.loads(written)
    assert (line["level"], line["status"], line["route"]) == (level, status, path)
    assert (line["correlation_id"], line["function_name"]) == ("r-1", "daycover-Ask")
    assert ("stack" in line) is (status == 500)
    assert ("problem" in line) is (400 <= status < 500)
