"""Fork Lambda workers from one process that has imported what they all import.

Started by `workers` as a script, so it imports nothing but the standard library of ours and leaves no directory
of this repository on a handler's path. One server stands for one set of unpacked layers, whose directories are
named by their content: a layer that changes is another server, never stale code in this one. It starts no thread,
so that a fork begins as a fresh interpreter would.

What was imported here must be what the worker would have imported itself. So the environment that was read
meanwhile is remembered, and an order with another value, or with code that brings a package of its own, is
refused: `workers` then starts a process of its own for it.

An order is one message: a JSON object, with the worker's stdin, stdout and stderr and the pipe that will hold
its exit status as descriptors. The answer is the process id, or the reason of a refusal.
"""

import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

_LARGEST_ORDER = 1 << 20
_DIED_OF_SIGNAL = 255

Order = tuple[dict[str, Any], list[int]]


def search_path(layers: list[str]) -> list[str]:
    """Return what a worker puts before its path for these layers, in its order: the last layer first."""
    found: list[str] = []
    for layer in layers:
        modules = Path(layer) / "python"
        found[:0] = [layer, str(modules)] if modules.is_dir() else [layer]
    return found


class _RecordingEnviron(os._Environ):  # type: ignore[type-arg]
    """The environment while modules are imported; keeps what was read, and the value that was found."""

    read: ClassVar[dict[str, str | None]] = {}

    def __getitem__(self, name: str) -> str:
        self.read[name] = None
        self.read[name] = super().__getitem__(name)
        return str(self.read[name])

    def __iter__(self) -> Iterator[str]:
        for name in super().__iter__():
            self.read[name] = super().__getitem__(name)
            yield name


@contextmanager
def recorded_environment() -> Iterator[dict[str, str | None]]:
    """Give the variables that are read in this context, with their values; None where there was none."""
    _RecordingEnviron.read = {}
    os.environ.__class__ = _RecordingEnviron
    try:
        yield _RecordingEnviron.read
    finally:
        os.environ.__class__ = os._Environ


def preload(packages: list[str]) -> None:
    """Import every module of these packages; of one that does not import, the worker shall say so itself."""
    for package in packages:
        try:
            paths = importlib.import_module(package).__path__
            for module in pkgutil.walk_packages(paths, f"{package}.", onerror=_raise):
                importlib.import_module(module.name)
        except Exception:
            traceback.print_exc()
            for name in [name for name in sys.modules if name.partition(".")[0] == package]:
                del sys.modules[name]


def _raise(_name: str) -> None:
    raise  # noqa: PLE0704 - called by walk_packages while it handles the error


def share_service_descriptions(services: list[str]) -> None:
    """Let boto3 read the descriptions of services once for all workers; they are its only large data.

    Parsed again they are equal, and botocore shares them between the clients of a session already.
    """
    try:
        boto3 = importlib.import_module("boto3.session")
        loader = importlib.import_module("botocore.loaders").JSONFileLoader
    except ImportError:
        return
    read, parsed = loader.load_file, {}

    def load_file(self: Any, path: str) -> Any:
        if path not in parsed:
            parsed[path] = read(self, path)
        return parsed[path]

    loader.load_file = load_file
    session = boto3.Session("none", "none", region_name="us-east-1")
    for service in services:
        session.client(service)


def refusal(order: dict[str, Any], read: dict[str, str | None]) -> str | None:
    """Return why a fork would not be what a process of its own is; None if it is the same."""
    for name, value in read.items():
        if order["environment"].get(name) != value:
            return f"{name} was read while modules were imported"
    own = {name.partition(".")[0] for name in os.listdir(order["directory"])}
    if known := sorted(own & {name.partition(".")[0] for name in sys.modules}):
        return f"its code brings {known[0]}"
    return None


class _Children:
    """The forked workers: whoever ends is reaped, and its exit status told."""

    def __init__(self) -> None:
        self._status: dict[int, int] = {}
        signal.signal(signal.SIGCHLD, self._reap)

    def fork(self, order: Order) -> int:
        """Return the child's process id, and 0 in the child."""
        # a child that ends at once must be known before it is reaped
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid:
            *streams, self._status[pid] = order[1]
            for descriptor in streams:
                os.close(descriptor)
        else:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        return pid

    def _reap(self, _number: int, _frame: FrameType | None) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return  # none is left: a signal may also come while this runs, before the last is struck off
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            descriptor = self._status.pop(pid)
            try:
                os.write(descriptor, bytes([code if code >= 0 else _DIED_OF_SIGNAL]))
            except BrokenPipeError:
                pass  # nobody waits for it any more
            os.close(descriptor)


def serve(control: socket.socket, read: dict[str, str | None]) -> Order | None:
    """Fork a worker for each order; return the order in the worker, and None when the engine has gone."""
    children = _Children()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _LARGEST_ORDER, 4)
        if not message:
            return None
        order = json.loads(message)
        reason = refusal(order, read)
        if reason is None:
            pid = children.fork((order, descriptors))
            if not pid:
                return order, descriptors
            control.send(str(pid).encode())
        else:
            for descriptor in descriptors:
                os.close(descriptor)
            control.send(reason.encode())


def become_worker(order: dict[str, Any], streams: list[int], path: list[str]) -> None:
    """Take the place of a fresh interpreter that runs the order's script; the end of it ends the process."""
    for number, descriptor in enumerate(streams[:3]):
        os.dup2(descriptor, number)
    # of the server and of the other workers, which must see their ends when those close
    os.closerange(3, max(map(int, os.listdir("/proc/self/fd"))) + 1)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.stdin = os.fdopen(0, errors=sys.stdin.errors, closefd=False)
    sys.stdout = os.fdopen(1, "w", errors=sys.stdout.errors, closefd=False)
    # stderr stays the object that it is: modules that log may have taken hold of it when they were imported
    script = order["script"]
    sys.argv = [script]
    sys.path[:] = [os.path.dirname(script), *path]
    importlib.invalidate_caches()
    gc.enable()
    runpy.run_path(script, run_name="__main__")


def main() -> None:
    """Preload, then serve until the engine goes; a fork leaves the loop and becomes a worker."""
    del sys.path[0]  # this directory: a handler must not find `seed` or `stack` by name
    path = list(sys.path)
    control = socket.socket(fileno=int(sys.argv[1]))
    start = json.loads(sys.argv[2])
    sys.path[:0] = search_path(start["layers"])
    stdout, sys.stdout = sys.stdout, sys.stderr  # as in a worker
    with recorded_environment() as read:
        preload(start["packages"])
    share_service_descriptions(start["services"])
    sys.stdout = stdout
    if threading.active_count() > 1:
        raise RuntimeError("a module starts a thread when it is imported: it cannot be forked")
    gc.collect()
    gc.disable()  # a collection would write to every page that the workers share
    gc.freeze()
    control.send(b"ready")
    forked = serve(control, read)
    if forked is not None:
        order, streams = forked
        control.detach()  # its number is closed below and may soon be another file's
        become_worker(order, streams, path)


if __name__ == "__main__":
    main()
