"""The way from a container to what listens on this machine's loopback address only: the local AWS and the simulators.

SAM CLI leaves out `--docker-network host`, so a container sits in Docker's bridge network. On Linux it reaches this
machine by the bridge's gateway, where a relay listens while it runs. Where Docker runs in a machine of its own (macOS,
Windows) that gateway is not here; Docker gives the name `host.docker.internal` there, which leads to our loopback.
"""

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from types import TracebackType

from tests.devstack.layout import DevstackError

LOOPBACK = "127.0.0.1"
DESKTOP = "host.docker.internal"
_OURS = re.compile(rf"http://{re.escape(LOOPBACK)}:(\d+)")
_CHUNK = 65_536
_SECONDS = 20


def gateway() -> str:
    """Give the address of Docker's bridge. Raises DevstackError, in one line, where no engine answers."""
    docker = shutil.which("docker")
    if docker is None:
        raise DevstackError("no docker on the PATH: `make invoke` runs the same without a container")
    command = [docker, "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise DevstackError(f"the Docker engine gave no answer in {_SECONDS} s") from None
    address = done.stdout.strip()
    if done.returncode or not address:
        why = (done.stderr.strip().splitlines() or ["it has no bridge network"])[-1]
        raise DevstackError(f"no Docker engine to run a container: {why}")
    return address


def ports_in(variables: Mapping[str, str]) -> set[int]:
    """Give the ports of this machine that the values name."""
    return {int(port) for value in variables.values() for port in _OURS.findall(value)}


def seen_from(host: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Give the variables as a container needs them, which knows this machine by `host`."""
    return {name: _OURS.sub(rf"http://{host}:\1", value) for name, value in variables.items()}


class Relay:
    """Passes connections to `host` on to the same ports of the loopback address, until it is left."""

    def __init__(self, host: str, ports: Iterable[int]) -> None:
        self._host = host
        self._ports = sorted(ports)
        self._open = ExitStack()

    @property
    def host(self) -> str:
        """What a container calls this machine."""
        return self._host

    def __enter__(self) -> "Relay":
        for port in self._ports:
            try:
                listening = socket.create_server((self._host, port))
            except OSError:
                if _is_here(self._host):
                    self._open.close()
                    raise DevstackError(
                        f"port {port} of Docker's gateway {self._host} is taken: stop what listens there"
                    ) from None
                self._host = DESKTOP
                break
            self._open.callback(_stop, listening)
            threading.Thread(target=self._accept, args=(listening, port), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _accept(self, listening: socket.socket, port: int) -> None:
        while True:
            try:
                came, _ = listening.accept()
            except OSError:
                return  # left
            threading.Thread(target=_pass_on, args=(came, port), daemon=True).start()


def _stop(listening: socket.socket) -> None:
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)  # whoever waits for a connection holds a closed socket open
    listening.close()


def _pass_on(came: socket.socket, port: int) -> None:
    with came, suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=_SECONDS) as to:
        to.settimeout(None)
        back = threading.Thread(target=_copy, args=(to, came), daemon=True)
        back.start()
        _copy(came, to)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _is_here(host: str) -> bool:
    """Whether this machine has the address."""
    try:
        with socket.create_server((host, 0)):
            return True
    except OSError:
        return False
