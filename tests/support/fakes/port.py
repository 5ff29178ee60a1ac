"""What every fake is: a port whose calls pass `Steps`, and a clock that moves only when told.

A test can let another actor go on at a step (interleavings) or cut the caller off there (crashes).
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta


class Crash(BaseException):
    """The process ends here; no `except Exception` may live on."""


class Steps:
    """Counts the calls to the outside and lets a test intervene before or after any of them."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None

    def crash_at(self, index: int, *, applied: bool) -> None:
        """Cut the caller off at call number `index`, before it takes effect or, if `applied`, after."""

        def strike(_: str) -> None:
            if len(self.calls) - 1 == index:
                raise Crash

        self.before, self.after = (lambda name: None, strike) if applied else (strike, lambda name: None)

    def calm(self) -> None:
        self.before = self.after = lambda name: None
        self.calls.clear()


class _Step:
    """`with` block of one call: the steps around it, the store's atomicity inside."""

    def __init__(self, port: "FakePort", name: str) -> None:
        self._port = port
        self._name = name

    def __enter__(self) -> None:
        self._port.steps.calls.append(self._name)
        self._port.steps.before(self._name)
        self._port.lock.acquire()

    def __exit__(self, kind: object, *_: object) -> None:
        self._port.lock.release()
        if kind is None:
            self._port.steps.after(self._name)


class FakePort:
    def __init__(self, steps: Steps | None = None) -> None:
        self.steps = steps or Steps()
        self.lock = threading.RLock()

    def call(self, name: str) -> _Step:
        return _Step(self, name)


class Clock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **step: float) -> None:
        self.at += timedelta(**step)
