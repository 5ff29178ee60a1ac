"""The local AWS: one ministack process on 127.0.0.1, with its state in a directory of ours."""

import shutil
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

from tests.devstack.layout import ENGINE, DevstackError, last_line
from tests.devstack.processes import Child, base_environment
from tests.devstack.recorder import FILE
from tests.devstack.saving import SAVE_EVERY

_START_SECONDS = 60.0
_SAVES_SECONDS, _ENDS_SECONDS = 10.0, 0.5
CALLS = "calls.jsonl"
"""What functions and state machines asked for, since this stack was brought up."""
_PROXIES = {"http_proxy", "https_proxy", "all_proxy"}


class Engine:
    """Start, stop and restart ministack.

    It writes its state when it is stopped, and every `save_every` seconds if that is given.
    """

    def __init__(self, directory: Path, port: int, save_every: float | None = None) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.state = directory / "state"
        self.calls = directory / CALLS
        self.calls.unlink(missing_ok=True)
        self._save_every = save_every
        self._services = self.state / "services"
        self._scratch = directory / "tmp"
        self._port = port
        self._child: Child | None = None

    def start(self, log: Path, *, for_good: bool = False) -> None:
        """Start on the state at hand (none: an empty AWS) and wait until it answers.

        `for_good`: nothing will begin with the state that it ends with, so it is not written then; ten thousand
        policies take ten seconds.
        """
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        self._child = Child(
            [str(ENGINE.python), "-m", "tests.devstack.launch_engine"],
            log=log,
            environment=self._environment(),
            grace=_ENDS_SECONDS if for_good else _SAVES_SECONDS,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self._child.running or time.monotonic() > deadline:
                self.stop()
                raise DevstackError(f"the local AWS does not start: {last_line(log)} (log: {log})")
            time.sleep(0.05)

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    @property
    def saved_at(self) -> datetime | None:
        """When the state was written that a start would begin with; None for an empty AWS."""
        written = [file.stat().st_mtime for file in self._services.glob("*.json")]
        return datetime.fromtimestamp(max(written)).astimezone() if written else None

    def stop(self) -> None:
        """Stop and leave no process and no scratch file behind. Idempotent."""
        if self._child is not None:
            self._child.stop()
            self._child = None
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/_ministack/health", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _environment(self) -> dict[str, str]:
        # handlers inherit this environment, so it holds nothing of the developer's AWS set-up and no proxy
        inherited = {
            name: value for name, value in base_environment().items() if name.lower() not in _PROXIES
        }
        saving = {} if self._save_every is None else {SAVE_EVERY: str(self._save_every)}
        return (
            inherited
            | saving
            | {
                "GATEWAY_PORT": str(self._port),
                "BIND_HOST": "127.0.0.1",
                "IOT_MTLS_ENABLED": "0",
                "PERSIST_STATE": "1",
                FILE: str(self.calls),
                "STATE_DIR": str(self._services),
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self.state / "s3"),
                "TMPDIR": str(self._scratch),
            }
        )
