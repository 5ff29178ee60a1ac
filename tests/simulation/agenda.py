"""What is still to happen, and who goes on when: virtual time, fibers, and the order that a seed gives.

Everything runs in one thread. Each action is a fiber (a greenlet) that may be left at any call to the outside:
then it stands on the agenda again, some time later, and others go on in between.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from greenlet import GreenletExit, greenlet

from tests.support.fakes.port import Crash

Act = Callable[[], object]


class TimeLimit(Crash):
    """Lambda ends a process that takes longer than its function's timeout."""


@dataclass(slots=True)
class Fiber:
    """One action under way; `process` is whatever it runs in (its container)."""

    name: str
    thread: greenlet
    process: Any = None
    deadline: datetime | None = None


class Agenda:
    """Actions by time; of those due in the same moment the earlier planned is the first."""

    def __init__(self, start: datetime, luck: Random, *, interleaving: float = 0.0) -> None:
        """`interleaving`: how often a fiber is left at a call."""
        self.at_now = start
        self.interleaving = interleaving
        self.steps = 0
        self.is_closed = False
        self.fiber: Fiber | None = None
        self.resumed: Callable[[Fiber], None] = lambda fiber: None
        """Told before a fiber goes on."""
        self.left: Callable[[], None] = lambda: None
        """Told when it was left or has ended."""
        self._luck = luck
        self._planned: list[tuple[datetime, int, str, Act]] = []
        self._numbers = count()
        self._main = greenlet.getcurrent()

    def now(self) -> datetime:
        return self.at_now

    def at(self, when: datetime, what: str, act: Act) -> None:
        """Plan an action. What is due already comes as soon as it can."""
        heapq.heappush(self._planned, (max(when, self.at_now), next(self._numbers), what, act))

    def after(self, delay: timedelta, what: str, act: Act) -> None:
        self.at(self.at_now + delay, what, act)

    @property
    def is_empty(self) -> bool:
        return not self._planned

    def run(self, until: datetime, each: Callable[[str], None] = lambda what: None) -> None:
        """Go on until nothing is planned before `until`; `each` is told after every step what it was."""
        self._main = greenlet.getcurrent()
        while self._planned and self._planned[0][0] <= until:
            when, _, what, act = heapq.heappop(self._planned)
            self.at_now = max(self.at_now, when)
            self.steps += 1
            if isinstance(act, _Resumption):
                self._switch(act.fiber)
            else:
                self._switch(Fiber(what, greenlet(act)))
            each(what)
        self.at_now = max(self.at_now, until)

    def close(self) -> None:
        """End the fibers that are still under way: nobody finds what a fiber holds that nothing goes on with, and a
        night of histories would fill the memory."""
        self._main, self.is_closed = greenlet.getcurrent(), True
        for _, _, _, act in self._planned:
            if isinstance(act, _Resumption):
                act.fiber.thread.throw(GreenletExit)
        self._planned.clear()

    def pause(self) -> None:
        """A fiber may be left here, for up to two seconds. Raises TimeLimit where its time is over."""
        if self.is_closed:
            raise GreenletExit  # on its way out it asks for nothing any more
        fiber = self.fiber
        if fiber is None or greenlet.getcurrent() is not fiber.thread:
            return  # no fiber of ours: the world is being built
        if self.interleaving and self._luck.random() < self.interleaving:
            self._leave(fiber, timedelta(milliseconds=self._luck.choice((1, 1, 5, 40, 300, 2000))))
        if fiber.deadline is not None and self.at_now > fiber.deadline:
            raise TimeLimit

    def sleep(self, seconds: float) -> None:
        """A fiber waits; raises TimeLimit where its time is over by then."""
        if self.is_closed:
            raise GreenletExit
        fiber = self.fiber
        assert fiber is not None
        self._leave(fiber, timedelta(seconds=seconds))
        if fiber.deadline is not None and self.at_now > fiber.deadline:
            raise TimeLimit

    def _leave(self, fiber: Fiber, delay: timedelta) -> None:
        self.at(self.at_now + delay, fiber.name, _Resumption(fiber))
        self._main.switch()

    def _switch(self, fiber: Fiber) -> None:
        self.fiber = fiber
        self.resumed(fiber)
        try:
            fiber.thread.switch()
        finally:
            self.fiber = None
            self.left()


class _Resumption:
    """An action that is a fiber's going on."""

    def __init__(self, fiber: Fiber) -> None:
        self.fiber = fiber

    def __call__(self) -> None:
        raise AssertionError("the agenda switches to it")
