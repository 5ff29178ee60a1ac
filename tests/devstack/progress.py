"""Progress lines with the seconds since the start."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Say what begins and how long it took; `quiet` says nothing, for tests."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._begin = time.monotonic()

    def say(self, text: str) -> None:
        if not self._quiet:
            print(f"[{time.monotonic() - self._begin:6.1f} s] {text}", flush=True)

    @contextmanager
    def phase(self, text: str) -> Iterator[None]:
        self.say(f"{text} …")
        start = time.monotonic()
        yield
        self.say(f"{text}: done in {time.monotonic() - start:.1f} s")
