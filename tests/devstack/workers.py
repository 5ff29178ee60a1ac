"""Lambda workers of the local AWS that cost little memory; runs inside the engine, called by its shims.

On Linux a worker is a fork of a server that has imported what is in the layers (`fork_server`): it is held in
memory once, and a cold start need not import it. Elsewhere it is a process of its own, as in
stock ministack: on macOS a fork that did not begin a new program may not use the system's frameworks, which
`urllib` asks for proxies. Everywhere, the workers that wait for a call end when they hold too much together.
"""

import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from tests.devstack import memory
from tests.devstack.recorder import FUNCTION

IDLE_BYTES = 700 * 1024**2
"""What the workers that wait for a call may hold of their own; above it the least recently used end. With it the
whole of `make run` stays below `memory.BOUND_GB`."""

PACKAGES = ("daycover",)
"""Imported by the server, from the layers alone, with all that they import."""
SERVICES = ("s3",)
"""What the product asks by boto3; a service's description is most of what a client holds in memory."""

logger = logging.getLogger("workers")

_SERVER = Path(__file__).with_name("fork_server.py")
_START_SECONDS = 60.0
_LOOK_SECONDS = 1.0
_USUAL_BYTES = 60 * 1024**2


class RefusedError(Exception):
    """A fork would not be what a process of its own is; the text says why."""


class ForkedProcess:
    """A forked worker, with the part of `subprocess.Popen` that ministack uses."""

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int, status: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin: TextIO = os.fdopen(stdin, "w", buffering=1)
        self.stdout: TextIO = os.fdopen(stdout)
        self.stderr: TextIO = os.fdopen(stderr)
        self._status = os.fdopen(status, "rb", buffering=0)
        self._reading = threading.Lock()

    def poll(self) -> int | None:
        return self._ended(0.0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("worker", timeout or 0.0)
        return code

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass  # ended since

    def _ended(self, timeout: float | None) -> int | None:
        with self._reading:
            if self.returncode is None:
                waiting = select.poll()
                waiting.register(self._status, select.POLLIN)
                if waiting.poll(None if timeout is None else timeout * 1000):
                    # no status: the server itself has gone, and with it whoever could tell
                    self.returncode = int.from_bytes(self._status.read(1) or b"\xff", "big")
                    self._status.close()
            return self.returncode


class ForkServer:
    """One server process for one set of layers."""

    def __init__(self, layers: Sequence[str], environment: Mapping[str, str]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_START_SECONDS)
        self._ordering = threading.Lock()
        start = json.dumps({"packages": PACKAGES, "services": SERVICES, "layers": list(layers)})
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(_SERVER), str(theirs.fileno()), start],
                stdin=subprocess.DEVNULL,
                env=dict(environment),
                pass_fds=[theirs.fileno()],
            )
        self._workers: list[ForkedProcess] = []
        self._answer()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def busy(self) -> bool:
        return any(worker.poll() is None for worker in self._workers)

    def fork(self, script: str, directory: str, environment: Mapping[str, str]) -> ForkedProcess:
        """Start a worker. Raises RefusedError, and OSError when the server has gone."""
        order = {"script": script, "directory": directory, "environment": dict(environment)}
        (stdin, to_stdin), (from_stdout, stdout), (from_stderr, stderr), (from_status, status) = (
            os.pipe() for _ in range(4)
        )
        theirs = [stdin, stdout, stderr, status]
        try:
            with self._ordering:
                answer = self._ask(json.dumps(order).encode(), theirs)
            if not answer.isdigit():
                raise RefusedError(answer.decode())
        except (OSError, RefusedError):
            for descriptor in (to_stdin, from_stdout, from_stderr, from_status):
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        worker = ForkedProcess(int(answer), to_stdin, from_stdout, from_stderr, from_status)
        with self._ordering:
            self._workers = [*(known for known in self._workers if known.poll() is None), worker]
        return worker

    def _ask(self, order: bytes, descriptors: Sequence[int]) -> bytes:
        try:
            socket.send_fds(self._control, [order], descriptors)
            return self._answer()
        except OSError:
            self._process.kill()  # an answer that comes late would be taken for the next order's
            raise

    def stop(self) -> None:
        """End the server; it has no workers left."""
        self._control.close()
        self._process.wait()

    def _answer(self) -> bytes:
        answer = self._control.recv(1024)
        if not answer:
            raise ConnectionError("the fork server has ended")
        return answer


_servers: dict[tuple[str, ...], ForkServer] = {}
_not_forked: set[tuple[str, ...]] = set()
_starting = threading.Lock()


def start_worker(
    command: Sequence[str], *, directory: str, environment: Mapping[str, str], layers: Sequence[str]
) -> "ForkedProcess | subprocess.Popen[str]":
    """Start a worker for a function's unpacked code and layers: `command` is interpreter and script.

    Its session token is its function's name, so that all that it signs says so (`recorder`).
    """
    environment = {**environment, "AWS_SESSION_TOKEN": FUNCTION + environment["AWS_LAMBDA_FUNCTION_NAME"]}
    if can_fork(command[0]):
        try:
            return _server(tuple(layers), environment).fork(command[1], directory, environment)
        except (
            RefusedError,
            OSError,
        ) as error:  # or killed from outside: then the next one gets a new server
            logger.warning("a worker in %s is a process of its own: %s", directory, error)
    return subprocess.Popen(
        list(command),
        cwd=directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=dict(environment),
    )


def can_fork(interpreter: str) -> bool:
    return sys.platform == "linux" and interpreter == sys.executable


def _server(layers: tuple[str, ...], environment: Mapping[str, str]) -> ForkServer:
    """Return the server for these layers. Raises RefusedError if it does not start, once and for all."""
    with _starting:
        if layers in _not_forked:
            raise RefusedError("no server starts for its layers")
        server = _servers.get(layers)
        if server is None or not server.running:
            for known, other in list(_servers.items()):
                if not other.busy:  # of layers that no function uses any more
                    _servers.pop(known).stop()
            try:
                server = _servers[layers] = ForkServer(layers, environment)
            except OSError as error:
                _not_forked.add(layers)
                raise RefusedError("no server starts for its layers") from error
        return server


def end_surplus(pools: dict[str, list[Any]], lock: threading.Lock, end: Callable[[list[Any]], None]) -> None:
    """Drop the least recently used of the idle workers from their pools while all hold too much; end them."""
    with lock:
        known = [worker for workers in pools.values() for worker in workers]
    sizes = {
        id(worker): _own_memory(worker._proc) for worker in known
    }  # takes a while: calls go on meanwhile
    with lock:
        idle = [worker for workers in pools.values() for worker in workers if not worker.in_use]
        excess = sum(sizes.get(id(worker), 0) for worker in idle) - IDLE_BYTES
        surplus = []
        for worker in sorted(idle, key=lambda worker: worker.last_used):
            if excess <= 0:
                break
            surplus.append(worker)
            excess -= sizes.get(id(worker), 0)
        for key in [key for key, workers in pools.items() if any(worker in surplus for worker in workers)]:
            pools[key] = [worker for worker in pools[key] if worker not in surplus]
            if not pools[key]:
                del pools[key]
    if surplus:
        end(surplus)


class Surplus:
    """Look for workers to end a little after calls have come back, and not in the way of their answers."""

    def __init__(self) -> None:
        self._returned = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def look(self, *arguments: Any) -> None:
        """Have `end_surplus` called soon with these arguments."""
        self._returned.set()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, args=arguments, name="surplus", daemon=True)
                self._thread.start()

    def _run(self, *arguments: Any) -> None:
        while self._returned.wait():
            self._returned.clear()
            end_surplus(*arguments)
            time.sleep(_LOOK_SECONDS)


surplus = Surplus()


def _own_memory(process: Any) -> int:
    """Return the bytes that the end of this process gives back; where nobody tells, what is usual."""
    if process is None:
        return 0
    held = memory.private(process.pid)
    return _USUAL_BYTES if held is None else held
