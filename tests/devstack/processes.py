"""Child processes of the local stack, each under a guard that ends it when we end (see `guard`)."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.devstack.layout import ROOT

_KILL_MARGIN = 5.0


class Child:
    """A running command in a session of its own, so that Ctrl-C reaches it through us alone."""

    def __init__(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], grace: float = 10.0
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._grace = grace
        with log.open("w") as output:
            self._guard = subprocess.Popen(
                [sys.executable, "-m", "tests.devstack.guard", str(grace), *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env=dict(environment),
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._guard.poll() is None

    def wait(self) -> int:
        """Wait for the command to end and return its exit code; whatever interrupts us stops it too."""
        try:
            return self._guard.wait()
        finally:
            self.stop()

    def stop(self) -> None:
        """End the command and everything it started. Idempotent."""
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        try:
            self._guard.wait(self._grace + _KILL_MARGIN)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()


def base_environment() -> dict[str, str]:
    """Return our environment without the settings of AWS, SAM and Python that change a child's behaviour."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PYTHON", "VIRTUAL_ENV", "SAM_"))
    }


def aws_environment(endpoint: str, region: str) -> dict[str, str]:
    """Return what points any AWS client at the engine, with credentials that open nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
