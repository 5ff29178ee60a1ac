"""An engine that is killed comes back with what it had saved, or the stack ends and says why."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.devstack import __main__ as command
from tests.devstack import environments
from tests.devstack.engine import Engine
from tests.devstack.front_door import FrontDoor
from tests.devstack.layout import ENGINE
from tests.devstack.progress import Progress
from tests.devstack.stack import client
from tests.devstack.watch import EngineWatch, Recovery

pytestmark = pytest.mark.enable_socket

REGION = "us-east-1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def new_engine(tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    environments.ensure([ENGINE])
    engines: list[Engine] = []

    def started(save_every: float | None = None) -> Engine:
        engines.append(Engine(tmp_path / "aws", free_port(), save_every))
        engines[-1].start(tmp_path / "engine.log")
        return engines[-1]

    yield started
    for engine in engines:
        engine.stop()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[FrontDoor]:
    with FrontDoor(0, 0, tmp_path) as door:
        yield door


def kill(engine: Engine) -> None:
    """kill -9 the ministack process itself, which is the only child of its guard."""
    assert engine._child is not None
    guard = engine._child._guard.pid
    table = subprocess.run(
        ["ps", "-ax", "-o", "pid=", "-o", "ppid="], capture_output=True, text=True, check=True
    ).stdout
    (process,) = [int(row.split()[0]) for row in table.splitlines() if int(row.split()[1]) == guard]
    os.kill(process, signal.SIGKILL)


def wait_until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def queues(engine: Engine) -> list[str]:
    found = client("sqs", engine.url, REGION).list_queues().get("QueueUrls", [])
    return [url.rpartition("/")[2] for url in found]


def ask(door: FrontDoor) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(door.http_url).netloc, timeout=30)
    try:
        connection.request("GET", "/health")
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def saved(engine: Engine, queue: str) -> Callable[[], bool]:
    file = engine.state / "services" / "sqs.json"
    return lambda: file.exists() and queue in file.read_text()


def test_stock_loses_what_was_not_saved_by_a_stop_in_peace(
    new_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    engine = new_engine()
    client("sqs", engine.url, REGION).create_queue(QueueName="kept")
    kill(engine)
    wait_until(lambda: not engine.running)
    assert engine.saved_at is None
    engine.stop()
    engine.start(tmp_path / "again.log")
    assert queues(engine) == []


def test_killed_engine_comes_back_with_its_state_and_the_door_never_says_502(
    new_engine: Callable[..., Engine], door: FrontDoor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = new_engine(0.1)
    client("sqs", engine.url, REGION).create_queue(QueueName="kept")
    wait_until(saved(engine, "kept"))
    door.target = f"{engine.url}/_ministack"
    recovery = Recovery(restarts=1)
    with EngineWatch(engine, door, recovery, tmp_path, Progress()):
        assert ask(door)[0] == 200
        kill(engine)
        wait_until(lambda: door.target == "")
        answers: list[tuple[int, Any]] = []
        while not answers or answers[-1][0] != 200:
            answers.append(ask(door))
            assert answers[-1][0] in (200, 503)
        assert answers[0][1]["detail"] == "The local AWS has ended and is starting again."
        assert queues(engine) == ["kept"]
    assert not recovery.gave_up.is_set()
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("] ")[2].partition(":")[0] for line in lines[:1]] == ["the local AWS has ended"]
    assert len(lines) == 2


def test_engine_that_dies_once_too_often_ends_the_stack_with_its_reason(
    new_engine: Callable[..., Engine], door: FrontDoor, tmp_path: Path
) -> None:
    engine = new_engine(0.1)
    client("sqs", engine.url, REGION).create_queue(QueueName="kept")
    wait_until(saved(engine, "kept"))
    door.target = f"{engine.url}/_ministack"
    recovery = Recovery()
    with EngineWatch(engine, door, recovery, tmp_path, Progress(quiet=True)):
        kill(engine)
        assert recovery.gave_up.wait(10)
        status, problem = ask(door)
    assert recovery.reason.startswith("the local AWS has ended and is not started again")
    assert (status, problem["detail"]) == (503, "The local AWS has ended and is not started again.")


def test_engine_that_cannot_start_again_ends_the_stack_with_its_reason(
    new_engine: Callable[..., Engine], door: FrontDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine(0.1)
    wait_until(lambda: engine.saved_at is not None)
    recovery = Recovery(restarts=3)
    with EngineWatch(engine, door, recovery, tmp_path, Progress(quiet=True)):
        monkeypatch.setattr("tests.devstack.engine._START_SECONDS", 0.0)
        monkeypatch.setattr(engine, "_answers", lambda: False)
        kill(engine)
        assert recovery.gave_up.wait(30)
    assert "the local AWS has ended and does not come back: the local AWS does not start" in recovery.reason


def test_run_ends_with_one_line_and_a_failure_when_the_local_aws_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def dying_stack(*, recovery: Recovery, **_: Any) -> Iterator[Any]:
        yield SimpleNamespace(write=lambda file: None, base_url="b", https_url="h", engine_url="e")
        raise AssertionError("the stack left its context without the error")

    def die(_stack: Any, _report: Any, _progress: Any) -> None:
        recoveries[0].reason = "the local AWS has ended"
        recoveries[0].gave_up.set()

    recoveries: list[Recovery] = []

    def recovery(restarts: int) -> Recovery:
        recoveries.append(Recovery(restarts))
        return recoveries[0]

    monkeypatch.setattr(command, "running_stack", dying_stack)
    monkeypatch.setattr(command, "_play", die)
    monkeypatch.setattr(command, "Recovery", recovery)
    monkeypatch.setattr(command, "require_free", lambda _ports: None)
    monkeypatch.setattr(command, "STACK_FILE", tmp_path / "stack.json")
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["devstack", "run"])
    assert command.main() == 1
    assert capsys.readouterr().err == "error: the local AWS has ended\n"
    assert recoveries[0].restarts == 3


def watching() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "engine watch"}


def test_stop_in_peace_is_no_death(
    new_engine: Callable[..., Engine], door: FrontDoor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = watching()  # the stack of the end-to-end tests may live in this process
    engine = new_engine(0.1)
    with EngineWatch(engine, door, Recovery(restarts=1), tmp_path, Progress()):
        assert len(watching() - others) == 1
    engine.stop()
    assert watching() == others
    assert capsys.readouterr().out == ""
