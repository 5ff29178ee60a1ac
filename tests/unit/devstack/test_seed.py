"""Seeding repeats what may be repeated when the gateway has no answer, and nothing else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.devstack import seed
from tests.devstack.seed import PatientApi

pytestmark = pytest.mark.enable_socket


class _Gate(ThreadingHTTPServer):
    """Answers each request with the next of its statuses, and with the last of them from then on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _Gate

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append(f"{self.command} {self.path}")
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Gate]:
    monkeypatch.setattr(seed, "_PAUSES", (0.0, 0.0, 0.0))
    server = _Gate()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/scan/abc"),
        ("POST", "/v1/tokens"),
        ("POST", "/v1/consents"),
        ("POST", "/v1/check-ins"),
        ("POST", "/v1/check-ins/c1/policy"),
    ],
)
def test_repeatable_request_is_repeated_when_the_gateway_has_no_answer(
    gate: _Gate, status: int, method: str, path: str
) -> None:
    gate.statuses = [status, status, 200]
    api = PatientApi(gate.url).with_token("t")
    assert api.send(method, path).status == 200
    assert gate.asked == [f"{method} {path}"] * 3


@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/companies/lw-1/projects", "/v1/check-ins/c1/other"])
def test_other_request_is_sent_once(gate: _Gate, path: str) -> None:
    gate.statuses = [504, 200]
    assert PatientApi(gate.url).post(path, {"a": 1}).status == 504
    assert gate.asked == [f"POST {path}"]


@pytest.mark.parametrize("status", [200, 401, 404, 409, 429, 500])
def test_answer_of_the_product_is_not_asked_for_again(gate: _Gate, status: int) -> None:
    gate.statuses = [status]
    assert PatientApi(gate.url).get("/v1/scan/abc").status == status
    assert len(gate.asked) == 1


def test_patience_ends(gate: _Gate) -> None:
    gate.statuses = [504]
    assert PatientApi(gate.url).get("/v1/scan/abc").status == 504
    assert len(gate.asked) == 4
