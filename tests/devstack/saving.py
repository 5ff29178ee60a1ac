"""Save the local AWS's state while it runs; inside the engine, called by its shims.

A killed engine then begins again with what it knew some seconds before. Each service's file is replaced as a
whole; two services may be some milliseconds apart, and an execution that runs is lost, as over any restart.
"""

import hashlib
import importlib
import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

SAVE_EVERY = "DEVSTACK_SAVE_EVERY_SECONDS"
_ATTEMPTS = 5

logger = logging.getLogger("saving")

States = Mapping[str, Callable[[], Any]]


class Saver:
    """Write the services whose state has changed, again and again, until told to stop."""

    def __init__(self, states: Callable[[], States]) -> None:
        persistence = importlib.import_module("ministack.core.persistence")
        self._directory = Path(persistence.STATE_DIR)
        self._encoded: Callable[[Any], Any] = persistence._json_default
        self._version: Callable[[str], int] = persistence._state_format_version
        self._states = states
        self._written: dict[str, bytes] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, seconds: float) -> None:
        def run() -> None:
            while not self._stopped.wait(seconds):
                self.save()

        self._thread = threading.Thread(target=run, name="saving", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write nothing more: the engine is about to write its last state itself."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def save(self) -> None:
        """Write what has changed since the last time."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for service, state_of in self._states().items():
            try:
                self._save(service, state_of)
            except Exception:
                logger.exception("the state of %s is not saved", service)

    def _save(self, service: str, state_of: Callable[[], Any]) -> None:
        state = _undisturbed(state_of)
        if state is None:  # nothing to report, which is not an empty state
            return
        # one call for the whole text: the C encoder is ten times as fast as writing piece by piece
        wrapped = {"__ministack_format__": self._version(service), "payload": state}
        text = json.dumps(wrapped, default=self._encoded).encode()
        digest = hashlib.sha256(text).digest()
        if self._written.get(service) == digest:
            return
        fresh = self._directory / f".{service}.saving"
        fresh.write_bytes(text)
        os.replace(fresh, self._directory / f"{service}.json")
        self._written[service] = digest


def _undisturbed(state_of: Callable[[], Any]) -> Any:
    """Copy a service's state; a copy during which a request changed it is begun again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return state_of()
        except RuntimeError:  # a dictionary changed size during iteration
            if attempt == _ATTEMPTS:
                raise
    return None


_savers: list[Saver] = []


def save_while_running(states: Callable[[], States]) -> None:
    """Begin to save if the environment says how often."""
    saver = Saver(states)
    if seconds := os.environ.get(SAVE_EVERY):
        saver.start(float(seconds))
        _savers.append(saver)


def stop_saving() -> None:
    while _savers:
        _savers.pop().stop()
