"""Which request a route is for, and how its function's arguments are read from it."""

import base64
import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import Field

from daycover.platform.content import Content
from daycover.platform.http import Body
from daycover.platform.problems import MalformedJsonError, UnsupportedContentTypeError
from daycover.platform.replies import Reply, no_content, picture
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
        ("body", "more"),
    ]


@pytest.mark.parametrize("body", [[], [None], [[{"name": "a"}]], "a", 1, False])
def test_body_is_refused_when_it_is_no_object(body: Any) -> None:
    assert errors(body) == [("body",)]


def test_body_is_read_when_it_stands_in_an_array() -> None:
    assert arguments([{"name": "a"}, {"name": "b"}])["body"] == Painted(name="a")


def content(body: str | None, content_type: str | None = None, *, is_base64: bool = False) -> Any:
    headers = {} if content_type is None else {"content-TYPE": content_type}
    return Content({"body": body, "headers": headers, "isBase64Encoded": is_base64}).read()


@pytest.mark.parametrize("content_type", [None, "", "application/json", " application/json; charset=utf-8"])
def test_body_is_json_when_its_type_says_so_or_nothing(content_type: str | None) -> None:
    assert content('{"a": 1}', content_type) == {"a": 1}
    assert content(base64.b64encode('{"a": "北"}'.encode()).decode(), content_type, is_base64=True) == {
        "a": "北"
    }
    assert content("", content_type) is None
    with pytest.raises(MalformedJsonError):
        content("{", content_type)


def test_form_is_read_as_lists_when_its_type_says_so() -> None:
    assert content("a=1&a=2&b=", "application/x-www-form-urlencoded") == {"a": ["1", "2"], "b": [""]}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "APPLICATION/JSON", "multipart/form-data; boundary=x"]
)
def test_body_is_refused_when_its_type_is_another(content_type: str) -> None:
    with pytest.raises(UnsupportedContentTypeError):
        content("{}", content_type)


@pytest.mark.parametrize("body", ["e30", base64.b64encode(b"\xff\xfe").decode()])
def test_body_is_malformed_when_it_is_no_text_in_base64(body: str) -> None:
    with pytest.raises(MalformedJsonError):
        Content({"body": body, "isBase64Encoded": True})


def test_image_travels_in_base64_and_text_as_it_is_when_answered() -> None:
    image = picture("png", b"\x89PNG").for_gateway()
    assert (image["isBase64Encoded"], base64.b64decode(image["body"])) == (True, b"\x89PNG")
    assert image["multiValueHeaders"] == {"Cache-Control": ["no-store"], "Content-Type": ["image/png"]}
    nothing = no_content().for_gateway()
    assert (nothing["statusCode"], nothing["body"], nothing["multiValueHeaders"]) == (204, "", {})
    json.dumps([image, nothing])
