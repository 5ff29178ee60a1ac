"""The simulators of everything outside AWS, as one process: `python -m tests.simulators`."""

import json
import sys
import time
from pathlib import Path

from tests.devstack.layout import DevstackError, last_line
from tests.devstack.ports import Ports
from tests.devstack.processes import Child, base_environment

_START_SECONDS = 30.0


class Simulators:
    """Start and stop the simulators, and know their base URLs by name."""

    def __init__(self, directory: Path, ports: Ports) -> None:
        self._directory = directory
        self._ports = ports
        self._child: Child | None = None

    def start(self, log: Path) -> dict[str, str]:
        """Start them and return their base URLs once they listen.

        Their ports are fixed because the URLs are parameters of the template: others would be another stack.
        """
        ports_file = self._directory / "ports.json"
        self._directory.mkdir(parents=True, exist_ok=True)
        ports_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.simulators"]
        command += ["--state-dir", str(self._directory), "--ports-file", str(ports_file)]
        command += ["--wechat-pay-port", str(self._ports.wechat_pay)]
        command += [
            "--mini-program-port",
            str(self._ports.mini_program),
            "--oidc-port",
            str(self._ports.oidc),
            "--bank-port",
            str(self._ports.bank),
            "--insurer-port",
            str(self._ports.insurer),
            "--fiscal-port",
            str(self._ports.fiscal),
            "--tax-port",
            str(self._ports.tax),
        ]
        self._child = Child(command, log=log, environment=base_environment())
        deadline = time.monotonic() + _START_SECONDS
        while not ports_file.exists():
            if not self._child.running or time.monotonic() > deadline:
                self.stop()
                raise DevstackError(f"the simulators do not start: {last_line(log)} (log: {log})")
            time.sleep(0.05)
        return {str(name): str(url) for name, url in json.loads(ports_file.read_text()).items()}

    def stop(self) -> None:
        """Stop them. Idempotent."""
        if self._child is not None:
            self._child.stop()
            self._child = None
