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

    def interrupt_at(self, place: int | str, act: Callable[[], object], *, applied: bool = False) -> None:
        """Let somebody else act whole, once: before the call at `place` takes effect or, if `applied`, after.

        A place is the number of a call, or a name: then it is the first call of that name.
        """

        def strike(name: str) -> None:
            if place in (len(self.calls) - 1, name):
                self.before = self.after = lambda name: None
                act()

        self.before, self.after = (lambda name: None, strike) if applied else (strike, lambda name: None)

    def crash_at(self, place: int | str, *, applied: bool) -> None:
        """Cut the caller off at a call, before it takes effect or, if `applied`, after."""

        def die() -> None:
            raise Crash

        self.interrupt_at(place, die, applied=applied)

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
