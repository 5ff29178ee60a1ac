"""The front door passes what it gets, keeps the size limit, and says in a problem document what failed."""

import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.devstack.front_door import BODY_LIMIT, FrontDoor

pytestmark = pytest.mark.enable_socket

EVERY_BYTE = bytes(range(256)) * 5


class _Echo(BaseHTTPRequestHandler):
    """Answer with the request's line and headers in a header, its body as the body."""

    protocol_version = "HTTP/1.1"

    def _echo(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(201)
        self.send_header("Got", json.dumps({"line": self.path, "headers": self.headers.items()}))
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = _echo

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    accepted = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.accepted += 1
        super().process_request(request, client_address)


@pytest.fixture
def api() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def door(api: _Server, tmp_path: Path) -> Iterator[FrontDoor]:
    with FrontDoor(0, 0, tmp_path) as front_door:
        front_door.target = f"http://127.0.0.1:{api.server_port}/stage"
        yield front_door


def ask(
    door: FrontDoor, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(door.http_url.removeprefix("http://"))
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def got(response: http.client.HTTPResponse) -> tuple[str, dict[str, str]]:
    seen = json.loads(response.headers["Got"])
    return seen["line"], {name.lower(): value for name, value in seen["headers"]}


def test_body_query_and_headers_arrive_as_sent(door: FrontDoor) -> None:
    response, content = ask(
        door,
        "POST",
        "/v1/a%2Fb?x=1&x=2&y=%E5%A5%BD",
        EVERY_BYTE,
        {"Authorization": "Bearer t", "TE": "trailers"},
    )
    line, headers = got(response)
    assert (response.status, content) == (201, EVERY_BYTE)
    assert line == "/stage/v1/a%2Fb?x=1&x=2&y=%E5%A5%BD"
    assert headers["authorization"] == "Bearer t"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert "te" not in headers
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_chunked_body_arrives_whole(door: FrontDoor) -> None:
    connection = http.client.HTTPConnection(door.http_url.removeprefix("http://"))
    connection.request("POST", "/", iter([b"one ", b"two"]), encode_chunked=True)
    assert connection.getresponse().read() == b"one two"
    connection.close()


def test_client_cannot_choose_the_forwarded_scheme(door: FrontDoor) -> None:
    response, _ = ask(
        door, "GET", "/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    )
    _, headers = got(response)
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"


def test_head_has_length_and_no_body(door: FrontDoor) -> None:
    response, content = ask(door, "HEAD", "/")
    assert (response.status, content) == (201, b"")


def test_https_presents_a_certificate_for_this_machine(door: FrontDoor, tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    connection = http.client.HTTPSConnection(door.https_url.removeprefix("https://"), context=context)
    connection.request("GET", "/")
    response = connection.getresponse()
    response.read()
    assert got(response)[1]["x-forwarded-proto"] == "https"
    connection.close()
    assert (tmp_path / "certificate.key").stat().st_mode & 0o077 == 0


def test_connection_is_kept_on_both_sides(door: FrontDoor, api: _Server) -> None:
    connection = http.client.HTTPConnection(door.http_url.removeprefix("http://"))
    for _ in range(5):
        connection.request("GET", "/")
        connection.getresponse().read()
    connection.close()
    assert api.accepted == 1


def test_hundred_requests_in_parallel(door: FrontDoor) -> None:
    def one(number: int) -> bool:
        body = str(number).encode() * 1000
        response, content = ask(door, "POST", "/", body)
        return response.status == 201 and content == body

    with ThreadPoolExecutor(100) as pool:
        assert all(pool.map(one, range(100)))


@pytest.mark.parametrize("size", [BODY_LIMIT, BODY_LIMIT + 1])
def test_body_over_the_limit_is_refused(door: FrontDoor, size: int) -> None:
    response, content = ask(door, "POST", "/", bytes(size))
    if size <= BODY_LIMIT:
        assert (response.status, len(content)) == (201, size)
    else:
        assert response.status == 413
        assert response.headers["Content-Type"] == "application/problem+json"
        assert json.loads(content)["status"] == 413


def test_unreachable_api_is_a_502_problem_and_another_target_works_at_once(door: FrontDoor) -> None:
    working = door.target
    door.target = "http://127.0.0.1:9/stage"
    response, content = ask(door, "GET", "/")
    assert (response.status, json.loads(content)["status"]) == (502, 502)
    assert response.headers["Content-Type"] == "application/problem+json"
    door.target = working
    assert ask(door, "GET", "/")[0].status == 201


def test_silent_api_is_a_504_problem(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.devstack.front_door._UPSTREAM_SECONDS", 0.05)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as silent:  # accepts, never serves
        door.target = f"http://127.0.0.1:{silent.server_port}"
        response, content = ask(door, "GET", "/")
    assert (response.status, json.loads(content)["status"]) == (504, 504)


def test_door_without_a_deployed_api_says_so(door: FrontDoor) -> None:
    door.target = ""
    assert ask(door, "GET", "/")[0].status == 503
