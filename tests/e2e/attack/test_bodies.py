"""Bodies made to confuse a parser, over the wire: each is refused, nothing of it comes back, nothing is created.

tests/functional/api/test_no_echo.py sends such to every route in process; here the gateway is between.
"""

import json
from typing import Any

import pytest

from tests.e2e.problems import PROBLEM_BASE
from tests.support.http import Answer
from tests.support.world import COMPANY, World, wanted_project

pytestmark = pytest.mark.stack
WORD = "ZQ7MARK"
PROJECTS = f"/v1/companies/{COMPANY.company_id}/projects"


def project(**changes: Any) -> bytes:
    return json.dumps(wanted_project() | {"name": WORD} | changes, ensure_ascii=False).encode()


def with_headcount(literal: str) -> bytes:
    """The number as it is written, which `json` would not write."""
    return project(headcount=987_654).replace(b"987654", literal.encode())


def with_name(name: bytes) -> bytes:
    return project().replace(WORD.encode(), name)


MALFORMED = {
    "nothing closed": b'{"name": "' + WORD.encode(),
    "100,000 deep": b"[" * 30_000 + b"]" * 30_000,
    "deep in a member": project(site=None).replace(b"null", b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "a member twice": project().replace(b'"headcount"', b'"headcount": 1, "headcount"'),
    "two documents": project() + project(),
    "a byte order mark": b"\xef\xbb\xbf" + project(),
    "UTF-16": project().decode().encode("utf-16"),
    "an overlong slash": with_name(b"a\xc0\xafb"),
    "half of UTF-8": with_name(b"\xe6\x9c"),
    "a raw NUL": with_name(b"a\x00b"),
    "NaN": with_headcount("NaN"),
    "Infinity": with_headcount("-Infinity"),
    "more than a double": with_headcount("1e400"),
    "a sum": with_headcount("1+1"),
    "hexadecimal": with_headcount("0x10"),
    "4,400 digits": with_headcount("9" * 4_400),
    "a comment": project().replace(b"{", b"{/* */", 1),
}
INVALID = {
    "2^53 + 1": with_headcount("9007199254740993"),
    "2^63": with_headcount("9223372036854775808"),
    "negative": with_headcount("-1"),
    "a fraction": with_headcount("1.5"),
    "an exponent": with_headcount("1e2"),
    "true": with_headcount("true"),
    "a word": with_headcount('"100"'),
    "full-width digits": with_headcount('"１００"'),
    "half of a pair": with_name(b"\\ud800"),
    "an escaped NUL": with_name(b"a\\u0000b"),
    "right to left": with_name("a\u202eb".encode()),
    "a zero-width space": with_name("\u200b".encode()),
    "10,000 combining marks": with_name(("e" + "\u0301" * 10_000).encode()),
    "an unknown member": project(premium_fen=1),
    "an inherited member": project(__proto__={"status": "OPEN"}),
    "a list": b"[" + project() + b"]",
    "latitude beyond": project(site={"datum": "WGS84", "latitude": 1e308, "longitude": 0, "radius_m": 300}),
}


def assert_nothing_comes_back(answer: Answer, status: int, slug: str) -> None:
    assert answer.status == status, answer.content[:300]
    assert answer.body["type"] == PROBLEM_BASE + slug
    assert WORD not in answer.content.decode()
    assert not any(WORD in value for value in answer.headers.values())


def test_malformed_and_invalid_bodies_are_refused_and_nothing_is_created(world: World) -> None:
    desk, before = world.provider, len(world.provider.projects(COMPANY.company_id))
    for told, content in (*MALFORMED.items(), *INVALID.items()):
        answer = desk.api.send("POST", PROJECTS, content)
        is_invalid = told in INVALID
        assert answer.status == (422 if is_invalid else 400), (told, answer.status, answer.content[:200])
        slug = "invalid-content" if is_invalid else "malformed-json"
        assert_nothing_comes_back(answer, answer.status, slug)
    assert len(world.provider.projects(COMPANY.company_id)) == before


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/json; charset=gb18030", "application/x-amz-json-1.1"],
)
def test_body_is_not_read_when_it_calls_itself_something_else(world: World, content_type: str) -> None:
    answer = world.provider.api.send("POST", PROJECTS, project(), headers={"Content-Type": content_type})
    assert_nothing_comes_back(answer, 415, "unsupported-content-type")


@pytest.mark.parametrize("size", [65_537, 5_000_000])
def test_body_is_not_read_when_it_is_too_large(world: World, size: int) -> None:
    answer = world.provider.api.send("POST", PROJECTS, with_name(WORD.encode() * (size // len(WORD))))
    assert_nothing_comes_back(answer, 413, "body-too-large")


def test_largest_project_number_is_what_json_and_browsers_can_count(world: World) -> None:
    """What is accepted comes back as it was sent."""
    created = world.provider.api.send("POST", PROJECTS, with_headcount("100")).expect(201)
    assert created["headcount"] == 100
    path = f"{PROJECTS}/{created['project_id']}/status"
    world.provider.api.post(path, {"status": "CLOSED"}).expect(200)
