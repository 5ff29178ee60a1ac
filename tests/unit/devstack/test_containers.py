"""A container reaches the local AWS by the bridge's gateway; what is missing is said in one line."""

import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.devstack import containers, invoke, sam
from tests.devstack.containers import DESKTOP, Relay, gateway, ports_in, seen_from
from tests.devstack.layout import DevstackError
from tests.devstack.stack import Stack

pytestmark = pytest.mark.enable_socket

VARIABLES = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    "WECHAT_PAY_URL": "http://127.0.0.1:9001",
    "CHECK_IN_QUEUE_URL": "http://127.0.0.1:4566/000000000000/check-ins",
    "PUBLIC_URL": "https://127.0.0.1:8443",
    "POLICIES_TABLE": "policies",
}


class _Echo(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server that listens on the loopback address only."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def a_docker(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_gateway_is_what_docker_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tmp_path / "asked"
    a_docker(tmp_path, f'echo "$@" > {asked}; echo 172.17.0.1', monkeypatch)
    assert gateway() == "172.17.0.1"
    assert asked.read_text().startswith("network inspect bridge")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'Cannot connect to the Docker daemon' >&2; exit 1", "Cannot connect to the Docker daemon"),
        ("true", "no bridge network"),
    ],
)
def test_missing_engine_is_said_in_one_line(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_docker(tmp_path, script, monkeypatch)
    with pytest.raises(DevstackError, match=said) as raised:
        gateway()
    assert len(str(raised.value).splitlines()) == 1


def test_missing_docker_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DevstackError, match="no docker on the PATH"):
        gateway()


def test_addresses_of_this_machine_are_those_of_the_gateway_when_seen_from_a_container() -> None:
    assert ports_in(VARIABLES) == {4566, 9001}
    seen = seen_from("172.17.0.1", VARIABLES)
    assert seen["AWS_ENDPOINT_URL"] == "http://172.17.0.1:4566"
    assert seen["CHECK_IN_QUEUE_URL"] == "http://172.17.0.1:4566/000000000000/check-ins"
    assert seen["PUBLIC_URL"] == VARIABLES["PUBLIC_URL"], "it is where browsers are, not containers"
    assert "127.0.0.1" not in "".join(seen[name] for name in seen if name != "PUBLIC_URL")


def test_server_on_loopback_is_reached_through_another_address_while_the_relay_runs(port: int) -> None:
    """Any address of 127/8 is this machine's on Linux; where it is not, the way is Docker Desktop's."""
    body = bytes(range(256)) * 2_000
    with Relay("127.0.0.2", [port]) as relay:
        if relay.host == DESKTOP:
            return
        for _ in range(3):
            connection = http.client.HTTPConnection("127.0.0.2", port, timeout=10)
            connection.request("POST", "/", body)
            assert connection.getresponse().read() == body
            connection.close()
    with pytest.raises(OSError):
        http.client.HTTPConnection("127.0.0.2", port, timeout=10).connect()


def test_desktop_s_name_is_used_when_the_gateway_is_not_of_this_machine(port: int) -> None:
    with Relay("192.0.2.1", [port]) as relay:  # an address for documents, nobody's
        assert relay.host == DESKTOP


def test_taken_port_is_said_in_one_line(port: int) -> None:
    with pytest.raises(DevstackError, match=f"port {port} of Docker's gateway 127.0.0.1 is taken"):
        Relay("127.0.0.1", [port]).__enter__()


def test_command_is_built_for_the_bridge_and_its_variables_for_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    ran: list[tuple[list[str], dict[str, Any]]] = []

    class Done:
        returncode = 0

    def run(command: list[str], **_: Any) -> Done:
        file = Path(command[command.index("--env-vars") + 1])
        ran.append((command, json.loads(file.read_text())))
        return Done()

    stack = Stack("s", "", "", f"http://127.0.0.1:{port}", "us-east-1", {}, {}, tmp_path)
    configuration = {"Environment": {"Variables": {"WECHAT_PAY_URL": f"http://127.0.0.1:{port}", "A": "b"}}}
    monkeypatch.setattr(invoke, "LOCAL", tmp_path)
    monkeypatch.setattr(sam, "BUILD", tmp_path)
    (tmp_path / "template.yaml").write_text("Globals:\n      Variables:\n        A: b\n")
    monkeypatch.setattr(invoke, "_found", lambda *_: (tmp_path, stack))
    monkeypatch.setattr(invoke, "_prepare", lambda *_: None)
    monkeypatch.setattr(invoke, "_filled", lambda *_: {"path": "/v1/check-ins"})
    monkeypatch.setattr(invoke, "_configuration", lambda *_: configuration)
    monkeypatch.setattr(invoke, "gateway", lambda: "127.0.0.2")
    monkeypatch.setattr("tests.devstack.invoke.subprocess.run", run)
    monkeypatch.setattr(containers, "_is_here", lambda _: False)  # on macOS the way is Desktop's
    assert invoke.sam_invoke("check_in", tmp_path / "event.json") == 0
    ((command, given),) = ran
    assert command[1:4] == ["local", "invoke", "CheckInFunction"]
    assert "--docker-network" not in command, "SAM CLI ignores `host`"
    variables = given["CheckInFunction"]
    assert variables["A"] == "b"
    for name in ("AWS_ENDPOINT_URL", "WECHAT_PAY_URL"):
        assert variables[name] in {f"http://127.0.0.2:{port}", f"http://{DESKTOP}:{port}"}
    assert "AWS_ENDPOINT_URL: ''" in (tmp_path / "sam-local.yaml").read_text()
