"""A clock with an agenda, and functions that answer by a script, for tests of one service alone."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.support.builders import NOW

Answer = Any
"""What a function gives; an exception is raised, a callable is called with the payload, a list is used up in order
(its last answer for ever)."""


class Line:
    """Does what is due in order of time, and at one time in the order in which it was put there."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now.astimezone(UTC)
        self.done: list[str] = []
        self._due: list[tuple[datetime, int, str, Callable[[], None]]] = []
        self._numbers = count()

    def now(self) -> datetime:
        return self.time

    def at(self, when: datetime, what: str, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (when, next(self._numbers), what, act))

    def step(self) -> None:
        when, _, what, act = heapq.heappop(self._due)
        self.time = max(self.time, when)
        self.done.append(what)
        act()

    def run(self, seconds: float = 0.0) -> None:
        """Do all that is due within so long, and let the clock stand there."""
        last = self.time + timedelta(seconds=seconds)
        while self._due and self._due[0][0] <= last:
            self.step()
        self.time = last


class Functions:
    """Plays Lambda by name; every function that has no script answers `{}`."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.calls: list[tuple[str, Any]] = []

    def __call__(self, name: str, payload: Any) -> Any:
        self.calls.append((name, payload))
        answer = self.answers.get(name, {})
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(payload) if callable(answer) else answer

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def payloads(self, name: str) -> list[Any]:
        return [payload for called, payload in self.calls if called == name]

    def token(self, step: str) -> str:
        """The newest token of a step of a claim, or that a function was given."""
        given = [
            p["task_token"] for name, p in self.calls if step in {p.get("step"), name} and "task_token" in p
        ]
        return str(given[-1])
