"""Notice that the local AWS has died, say so, and start it again from its last saved state or give up.

While it is away the front door answers 503, which says that it is worth asking again; never 502 for long.
"""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.devstack.engine import Engine
from tests.devstack.front_door import FrontDoor
from tests.devstack.layout import DevstackError
from tests.devstack.progress import Progress

_LOOK_SECONDS = 0.05


@dataclass
class Recovery:
    """How often a dead engine is started again, and why that came to an end."""

    restarts: int = 0
    gave_up: threading.Event = field(default_factory=threading.Event)
    reason: str = ""


class EngineWatch:
    """Watch one engine for as long as the context lasts; `door` leads to it."""

    def __init__(
        self, engine: Engine, door: FrontDoor, recovery: Recovery, logs: Path, progress: Progress
    ) -> None:
        self._engine = engine
        self._door = door
        self._recovery = recovery
        self._logs = logs
        self._progress = progress
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="engine watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            if not self._engine.running and not self._brought_back():
                return

    def _brought_back(self) -> bool:
        target, saved = self._door.target, self._engine.saved_at
        if self._recovery.restarts <= 0 or saved is None:
            self._give_up("the local AWS has ended and is not started again")
            return False
        self._recovery.restarts -= 1
        self._door.close("The local AWS has ended and is starting again.")
        self._progress.say(
            f"the local AWS has ended: starting it again from its state of {saved:%H:%M:%S} "
            "(executions that ran are lost)"
        )
        start = time.monotonic()
        try:
            self._engine.stop()  # what the dead one left behind
            self._engine.start(self._logs / "engine-restarted.log")
        except DevstackError as error:
            self._give_up(f"the local AWS has ended and does not come back: {error}")
            return False
        self._door.target = target
        self._progress.say(f"the local AWS is back after {time.monotonic() - start:.1f} s")
        return True

    def _give_up(self, reason: str) -> None:
        self._door.close(f"{reason[0].upper()}{reason[1:]}.")
        self._recovery.reason = f"{reason} (log: {self._logs})"
        self._recovery.gave_up.set()
