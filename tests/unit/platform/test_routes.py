"""Which request a route is for, and how its function's arguments are read from it."""

import base64
import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import Field

from daycover.platform.content import JSON, Content, raw_body
from daycover.platform.http import Body
from daycover.platform.problems import MalformedJsonError, UnsupportedContentTypeError
from daycover.platform.replies import EVERYWHERE, Reply, no_content, picture
from daycover.platform.routes import ContentError, Route, segments_of


class Shade(StrEnum):
    DARK = "DARK"
    LIGHT = "LIGHT"


class Painted(Body):
    name: str


def paint(
    wall_id: str, day: date, body: Painted, shade: Shade = Shade.DARK, coats: Annotated[int, Field(ge=1)] = 2
) -> Reply[Any]:
    del wall_id, day, body, shade, coats
    return no_content()


ROUTE = Route("POST", "/v1/walls/<wall_id>/days/<day>", paint)
FOUND = {"wall_id": "w", "day": "2026-11-24"}


def arguments(body: Any = None, found: dict[str, str] = FOUND, **event: Any) -> dict[str, Any]:
    return ROUTE.arguments(found, event, lambda: {"name": "a"} if body is None else body)


def errors(body: Any = None, found: dict[str, str] = FOUND, **event: Any) -> list[tuple[Any, ...]]:
    with pytest.raises(ContentError) as raised:
        arguments(body, found, **event)
    return [error["loc"] for error in raised.value.errors]


@pytest.mark.parametrize(
    ("path", "wall_id"),
    [
        ("/v1/walls/w-1/days/2026-11-24", "w-1"),
        ("/v1/walls/w-1/days/2026-11-24/", "w-1"),
        ("/v1/walls/w-1/days/2026-11-24//\n", "w-1"),
        ("/v1/walls/北%20a b/days/x", "北%20a b"),
        ("/v1/walls/w/1/days/x", None),
        ("/v1/walls//days/x", None),
        ("/v1/walls/w\\1/days/x", None),
        ("/v1/walls/w\n/days/x", None),
        ("//v1/walls/w/days/x", None),
        ("/V1/walls/w/days/x", None),
        ("", None),
    ],
)
def test_route_takes_the_paths_of_its_form_and_no_other(path: str, wall_id: str | None) -> None:
    found = ROUTE.match("POST", segments_of(path))
    assert (found["wall_id"] if found else None) == wall_id
    assert ROUTE.match("GET", segments_of(path)) is None


def test_arguments_are_read_by_their_annotations_when_the_request_is_right() -> None:
    read = arguments(queryStringParameters={"shade": "LIGHT", "coats": "3", "unknown": "1"})
    assert read == {
        "wall_id": "w",
        "day": date(2026, 11, 24),
        "shade": Shade.LIGHT,
        "coats": 3,
        "body": Painted(name="a"),
    }
    assert {name: arguments()[name] for name in ("shade", "coats")} == {"shade": Shade.DARK, "coats": 2}


def test_query_parameter_is_refused_when_it_is_given_twice() -> None:
    once: dict[str, Any] = {
        "queryStringParameters": {"coats": "3"},
        "multiValueQueryStringParameters": {"coats": ["3"]},
    }
    twice = once | {"multiValueQueryStringParameters": {"coats": ["3", "3"]}}
    assert arguments(**once)["coats"] == 3
    assert errors(**twice) == [("query", "coats")]


def test_every_fault_is_named_by_its_place_when_there_are_several() -> None:
    query = {"shade": "RED", "coats": "0"}
    places = errors({"more": 1}, {"wall_id": "w", "day": "x"}, queryStringParameters=query)
    assert places == [
        ("path", "day"),
        ("query", "shade"),
        ("query", "coats"),
        ("body", "name"),
        ("body",),  # holds a member whose name is the client's own
    ]


@pytest.mark.parametrize("body", [[], [None], [{"name": "a"}], [[{"name": "a"}]], "a", 1, False])
def test_body_is_refused_when_it_is_no_object(body: Any) -> None:
    assert errors(body) == [("body",)]


def content(body: str | None, *types: str, is_base64: bool = False) -> Any:
    event = {
        "body": body,
        "headers": {"content-TYPE": types[-1]} if types else None,
        "multiValueHeaders": {"content-TYPE": list(types)} if types else None,
        "isBase64Encoded": is_base64,
    }
    return Content(event).read()


def in_base64(body: str | bytes) -> str:
    return base64.b64encode(body if isinstance(body, bytes) else body.encode()).decode()


@pytest.mark.parametrize(
    "content_type",
    [
        JSON,
        " application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        'application/json ; charset="utf-8"',
        "application/json; charset=utf8; profile=x",
        "application/json;",
    ],
)
def test_body_is_read_when_its_type_is_json_in_utf_8(content_type: str) -> None:
    assert content('{"a": 1}', content_type) == {"a": 1}
    assert content(in_base64('{"a": "北"}'), content_type, is_base64=True) == {"a": "北"}
    assert content("", content_type) is None
    with pytest.raises(MalformedJsonError):
        content("{", content_type)


def test_no_body_is_needed_to_say_nothing_when_no_type_is_given() -> None:
    assert content(None) is None
    assert content("") is None


@pytest.mark.parametrize(
    "types",
    [
        (),
        ("",),
        ("text/plain",),
        ("text/json",),
        ("application/x-www-form-urlencoded",),
        ("multipart/form-data",),
        ("multipart/form-data; boundary=x",),
        ("application/problem+json",),
        ("application/json5",),
        ("application/jsonp; charset=utf-8",),
        ("application/json; charset=gb18030",),
        ("application/json; charset=utf-16",),
        ("application/json; charset=",),
        ("application/json; charset = gbk",),
        ("application/json; charset=gbk; charset=utf-8",),
        ("application/json; charset=utf-8; charset=gbk",),
        ("application/json, text/plain",),
        ("text/plain", "application/json"),
        ("application/json", "application/json"),
        ("application/json", "multipart/form-data; boundary=x"),
    ],
)
@pytest.mark.parametrize("body", ["{}", "{", "name=a", "\ud800"])
def test_body_is_refused_unread_when_its_type_is_another_or_none_or_several(
    types: tuple[str, ...], body: str
) -> None:
    with pytest.raises(UnsupportedContentTypeError):
        content(body, *types)
    with pytest.raises(UnsupportedContentTypeError):
        content("not base64!", *types, is_base64=True)


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1,"a":1}',
        '{"b":{"a":1,"a":2}}',
        '{"a":NaN}',
        "[Infinity]",
        "[-Infinity]",
        '{"a":1e999}',
        "-1E400",
        "9" * 400 + ".5",
        "\ufeff{}",
        '{"a":"\x00"}',
        '{"a":"\n"}',
        "[" * 60_000,
        '{"a":' * 10_000,
        "9" * 5_000,
        "{} {}",
    ],
)
def test_body_is_malformed_when_it_is_no_json(body: str) -> None:
    with pytest.raises(MalformedJsonError):
        content(body, JSON)
    with pytest.raises(MalformedJsonError):
        content(in_base64(body), JSON, is_base64=True)


@pytest.mark.parametrize(
    "body",
    [
        "e30",
        "e30=!",
        "北",
        in_base64(b"\xff\xfe"),
        in_base64("{}".encode("utf-16")),
        in_base64('{"a":"北"}'.encode("gb18030")),
        in_base64(b'{"a":"\xed\xa0\x80"}'),
    ],
)
def test_body_is_malformed_when_it_is_no_text_in_base64(body: str) -> None:
    with pytest.raises(MalformedJsonError):
        content(body, JSON, is_base64=True)


@pytest.mark.parametrize(("body", "raw"), [("北", "北".encode()), ("\ud800", b"\xed\xa0\x80"), (None, b"")])
def test_bytes_of_a_callback_are_those_that_came(body: str | None, raw: bytes) -> None:
    assert raw_body({"body": body}) == raw
    assert raw_body({"body": in_base64(raw), "isBase64Encoded": True}) == raw


@pytest.mark.parametrize("body", ["e30", "北", "{}"])
def test_callback_has_no_bytes_when_they_are_no_base64(body: str) -> None:
    assert raw_body({"body": body, "isBase64Encoded": True}) == b""


def test_image_travels_in_base64_and_text_as_it_is_when_answered() -> None:
    image = picture("png", b"\x89PNG").for_gateway()
    assert (image["isBase64Encoded"], base64.b64decode(image["body"])) == (True, b"\x89PNG")
    always = {name: [value] for name, value in EVERYWHERE.items()}
    assert image["multiValueHeaders"] == always | {"Content-Type": ["image/png"]}
    nothing = no_content().for_gateway()
    assert (nothing["statusCode"], nothing["body"], nothing["multiValueHeaders"]) == (204, "", always)
    json.dumps([image, nothing])
