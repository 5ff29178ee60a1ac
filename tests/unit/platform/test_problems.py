"""Problem documents: language, facts, and nothing of the input."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.api.access.health import HealthView
from daycover.api.access.sign_in import ClientSignIn
from daycover.api.cover.check_in import CheckInBody
from daycover.api.cover.tables import MAX_TABLE_BYTES, CalendarBody
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.platform.callers import Allowed, Duty
from daycover.platform.content import MAX_BODY_BYTES
from daycover.platform.http import HttpApi, open_api
from daycover.platform.problems import language_of, problem_document, slug_of, status_of
from daycover.platform.replies import Reply, reply
from daycover.platform.routes import MOST_ERRORS
from daycover.projects.project import ProjectNotOpenError
from tests.support.problems import error_classes

MET = {name: item for name, item in error_classes().items() if item.kind is not None}
GOOD = {"qr_token": "t", "device": {"id": "d", "time": "2026-11-24T08:30:00+08:00"}}


class SecretError(DaycoverError):
    """An error of ours that no caller should meet."""


def raising_api(error: Exception | None = None) -> HttpApi:
    api = open_api()

    @api.post("/v1/things")
    def things(body: CheckInBody) -> Reply[HealthView]:
        if error is not None:
            raise error
        return reply(200, HealthView())

    return api


def bodiless_api(*, reads_raw: bool = False) -> HttpApi:
    api = open_api(reads_raw=reads_raw)

    @api.post("/v1/things")
    def things() -> Reply[HealthView]:
        return reply(200, HealthView())

    return api


def guarded_api() -> HttpApi:
    api = HttpApi({"mine": Allowed(("staff",), (Duty.ADJUSTER, Duty.FINANCE))})

    @api.get("/v1/things")
    def mine() -> Reply[HealthView]:
        assert "adjuster" in api.caller.staff_roles
        return reply(200, HealthView())

    return api


def event(
    body: str | None = None, method: str = "POST", path: str = "/v1/things", **more: Any
) -> dict[str, Any]:
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"} | more.pop("headers", {}),
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"requestId": "r-1", "stage": "v1"} | more.pop("context", {}),
        "body": body,
        "isBase64Encoded": False,
    } | more


def answer(api: HttpApi, sent: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, Any]]:
    response = api.resolve(sent, None)
    json.dumps(response, ensure_ascii=False).encode()  # what Lambda does with it
    return response["statusCode"], json.loads(response["body"]), response


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.8,zh;q=0.9", "zh"),
        ("fr,en;q=0.5", "en"),
        ("fr", "zh"),
        ("*", "zh"),
        ("en;q=0", "zh"),
        ("en;q=abc", "zh"),
        (";;;,,,", "zh"),
    ],
)
def test_language_is_english_only_when_ranked_first(header: str | None, language: str) -> None:
    assert language_of(header) == language


@given(st.text(max_size=60))
def test_language_is_always_one_of_two_when_the_header_is_anything(header: str) -> None:
    assert language_of(header) in {"zh", "en"}


def test_slug_is_the_class_in_words_when_named() -> None:
    assert slug_of("ClaimWindowClosedError") == "claim-window-closed"
    assert slug_of(ConcurrentChangeError) == "concurrent-change"


@pytest.mark.parametrize("name", sorted(MET))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_document_reads_in_both_languages_when_facts_are_missing(name: str, language: str) -> None:
    document = problem_document(MET[name], language, "r-1")
    assert document["title"]
    assert document["detail"]
    assert "{" not in document["detail"]
    has_chinese = any("\u4e00" <= character <= "\u9fff" for character in document["detail"])
    assert has_chinese is (language == "zh")


@pytest.mark.parametrize("error_class", MET.values(), ids=MET)
def test_retry_after_is_given_when_and_only_when_waiting_helps(error_class: type[DaycoverError]) -> None:
    assert (error_class.retry_after is not None) is (status_of(error_class) in {429, 503})
    assert 400 <= status_of(error_class) < 600


def test_facts_are_members_that_never_replace_the_standard_ones_when_they_clash() -> None:
    document = problem_document(ProjectNotOpenError, "zh", "r-1", {"status": "PAUSED", "extra": 1})
    assert document["status"] == 409
    assert document["extra"] == 1
    assert "PAUSED" in document["detail"]


def test_refusal_is_a_problem_document_when_the_use_case_raises() -> None:
    status, document, response = answer(raising_api(ConcurrentChangeError()), event(json.dumps(GOOD)))
    assert (status, document["type"]) == (409, "https://daycover.cn/problems/concurrent-change")
    assert document["instance"] == "r-1"
    assert response["multiValueHeaders"]["Content-Type"] == ["application/problem+json; charset=utf-8"]


def test_answer_that_cannot_be_written_is_a_problem_and_one_line_when_it_fails_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = open_api()

    @api.get("/v1/things")
    def things() -> Reply[HealthView]:
        unwritable: Any = object()
        return reply(200, HealthView.model_construct(status=unwritable))

    status, document, _ = answer(api, event(method="GET"))
    assert (status, document["type"]) == (500, "https://daycover.cn/problems/internal")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["message"] == "request failed"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("王小明 110105199003070021"),
        SecretError(name="王小明"),
        KeyError("王小明"),
        # of bytes that we stored; what a request holds is refused before the function runs
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "王小明"),
    ],
)
def test_answer_is_fixed_and_tells_nothing_when_something_unexpected_fails(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    status, document, _ = answer(raising_api(error), event(json.dumps(GOOD)))
    assert status == 500
    assert document["type"].endswith("/internal")
    assert "王小明" not in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize(
    "body", ["{", "[" * 60_000, '{"qr_token":' + "9" * 5000 + "}", "{'a': 1}", "\ufeff{}", "nul"]
)
def test_status_is_400_when_the_json_is_malformed(body: str) -> None:
    status, document, _ = answer(raising_api(), event(body))
    assert (status, document["type"].rsplit("/", 1)[1]) == (400, "malformed-json")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (None, ""),
        ("", ""),
        ("null", ""),
        ("[]", ""),
        ('"text"', ""),
        ("{}", "/qr_token"),
        (json.dumps(GOOD | {"a/b~c": 1}), ""),
        (json.dumps(GOOD | {"device": {"id": "d", "time": "2026-11-24T08:30:00Z", "qr": 1}}), "/device"),
        (json.dumps(GOOD | {"device": {"id": "d"}}), "/device/time"),
        (json.dumps(GOOD | {"device": {"id": "d", "time": "2026-11-24T08:30:00"}}), "/device/time"),
        (json.dumps(GOOD | {"qr_token": "x" * 201}), "/qr_token"),
        ('{"qr_token":"\\ud800","device":{"id":"d","time":"2026-11-24T08:30:00Z"}}', "/qr_token"),
        (json.dumps(GOOD | {"place": {"latitude": "north", "longitude": 0, "accuracy_m": 1,
                                      "fixed_at": "2026-11-24T08:30:00Z"}}), "/place/latitude"),
    ],
)  # fmt: skip
def test_status_is_422_with_a_pointer_when_the_content_is_invalid(body: str | None, pointer: str) -> None:
    for language in ("zh", "en"):
        status, document, _ = answer(raising_api(), event(body, headers={"Accept-Language": language}))
        assert status == 422
        assert pointer in [error["pointer"] for error in document["errors"]]
        assert all(error["detail"] for error in document["errors"])


@given(st.text(min_size=4, max_size=40).filter(str.strip))
def test_input_is_never_echoed_when_invalid(value: str) -> None:
    sent = json.dumps(GOOD | {"device": {"id": "d", "time": f"SECRET{value}"}})
    _, _, response = answer(raising_api(), event(sent))
    assert "SECRET" not in response["body"]


def test_status_is_413_when_the_body_has_too_many_bytes() -> None:
    for body in ("x" * (MAX_BODY_BYTES + 1), "王" * (MAX_BODY_BYTES // 3 + 1)):
        status, document, _ = answer(raising_api(), event(body))
        assert (status, document["limit_bytes"]) == (413, MAX_BODY_BYTES)


def test_first_of_many_faults_are_told_when_all_of_them_would_be_more_than_an_answer_holds() -> None:
    api = HttpApi(max_body_bytes=MAX_TABLE_BYTES)

    @api.post("/v1/things")
    def things(body: CalendarBody) -> Reply[HealthView]:
        return reply(200, HealthView())

    faulty = json.dumps({"holidays": [{}] * 60_000})
    status, document, response = answer(api, event(faulty))
    assert (status, len(document["errors"])) == (422, MOST_ERRORS)
    assert len(response["body"]) < 20_000


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_body_of_the_most_bytes_is_read_when_it_comes_in_base64(padding: int) -> None:
    most = MAX_BODY_BYTES - MAX_BODY_BYTES % 3 - padding
    api = HttpApi(max_body_bytes=most)
    read = []

    @api.post("/v1/things")
    def things(body: ClientSignIn) -> Reply[HealthView]:
        read.append(body.client_id)
        return reply(200, HealthView())

    credentials = json.dumps({"client_id": "P1", "client_secret": "s"})
    for length, status in ((most, 200), (most + 1, 413)):
        text = base64.b64encode(credentials.ljust(length).encode()).decode()
        assert answer(api, event(text, isBase64Encoded=True))[0] == status
    assert read == ["P1"]


def test_nothing_is_said_of_a_body_when_there_is_no_such_route_or_its_caller_may_not_call_it() -> None:
    oversized = "x" * (MAX_BODY_BYTES + 1)
    assert answer(raising_api(), event(oversized, path="/v1/nowhere"))[0] == 404
    assert answer(guarded_api(), event(oversized, method="GET"))[0] == 403


def test_request_is_named_by_the_gateway_when_its_client_names_it_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    context = {"requestId": "SECRET", "extendedRequestId": "JKJaXmPLvHcESHA="}
    status, document, response = answer(raising_api(), event("{}") | {"requestContext": context})
    assert (status, document["instance"]) == (422, "JKJaXmPLvHcESHA=")
    written = capsys.readouterr().out
    assert json.loads(written)["correlation_id"] == "JKJaXmPLvHcESHA="
    assert "SECRET" not in written + json.dumps(response)


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "image/png"])
def test_status_is_415_when_the_content_type_is_not_json(content_type: str) -> None:
    status, document, response = answer(
        raising_api(), event(json.dumps(GOOD), headers={"Content-Type": content_type})
    )
    assert (status, document["type"].rsplit("/", 1)[1]) == (415, "unsupported-content-type")
    assert "application/json" in document["detail"]
    assert response["multiValueHeaders"]["Accept"] == ["application/json"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (None, "application/x-www-form-urlencoded", 200),  # curl -d ''
        ("", "text/plain", 200),
        ("{", "application/json", 200),
        ("{}", None, 415),
        ("a=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_route_without_a_body_takes_none_or_json_and_reads_neither(
    body: str | None, content_type: str | None, status: int
) -> None:
    sent = event(body) | {"headers": {"Content-Type": content_type} if content_type else None}
    assert answer(bodiless_api(), sent)[0] == status


@pytest.mark.parametrize("content_type", [None, "text/xml", "application/json; charset=gbk"])
def test_callback_is_read_whatever_it_calls_itself_when_it_is_signed(content_type: str | None) -> None:
    api = bodiless_api(reads_raw=True)
    sent = event("<xml>") | {"headers": {"Content-Type": content_type} if content_type else None}
    assert answer(api, sent)[0] == 200
    assert answer(api, sent | {"body": "x" * (MAX_BODY_BYTES + 1)})[0] == 413


def test_status_is_404_when_there_is_no_such_route_or_its_name_is_absurdly_long() -> None:
    assert answer(raising_api(), event(method="DELETE"))[0] == 404
    assert answer(raising_api(), event(path="/v1/things/" + "x" * 1000))[0] == 404


@pytest.mark.parametrize(
    ("authorizer", "status"),
    [
        (None, 403),
        ({}, 403),
        ({"role": "worker", "subject": "w"}, 403),
        ({"role": "staff", "subject": "s"}, 403),
        ({"role": "staff", "subject": "s", "staff_roles": "intake auditor"}, 403),
        ({"role": "staff", "subject": "s", "staff_roles": "intake adjuster"}, 200),
    ],
)
def test_caller_is_let_in_only_when_role_and_duty_fit(authorizer: dict[str, str] | None, status: int) -> None:
    context = {} if authorizer is None else {"authorizer": authorizer}
    assert answer(guarded_api(), event(method="GET", context=context))[0] == status


@pytest.mark.parametrize("body", [json.dumps(GOOD), "{}", "{", None])
@pytest.mark.parametrize("error", [None, RuntimeError(), ConcurrentChangeError()])
@pytest.mark.parametrize("path", ["/v1/things", "/v1/nowhere"])
def test_browser_is_told_to_keep_nothing_and_to_come_by_tls_whatever_is_answered(
    path: str, error: Exception | None, body: str | None
) -> None:
    _, _, response = answer(raising_api(error), event(body, path=path))
    said = {name: value for name, [value] in response["multiValueHeaders"].items()}
    assert said["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] == "no-referrer"
    assert said["Cache-Control"] == "no-store"
