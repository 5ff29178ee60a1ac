"""Runs actors in threads, one at a time, handing over only where a call leaves the process.

A schedule is a sequence of actor numbers; `all_schedules` walks every distinct one, depth first.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.support.fakes.port import Steps

WAIT_SECONDS = 10


class _Actor:
    def __init__(self, run: Callable[[], Any], steps: Steps) -> None:
        self._run = run
        self._steps = steps
        self._go = threading.Semaphore(0)
        self._paused = threading.Semaphore(0)
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._live, daemon=True)

    def start(self) -> None:
        """Run up to the first call to the outside."""
        self._thread.start()
        self._await()

    def step(self) -> None:
        """Let the call happen, and run up to the next one or to the end."""
        self._go.release()
        self._await()

    def pause(self) -> None:
        self._paused.release()
        assert self._go.acquire(timeout=WAIT_SECONDS)

    def is_current(self) -> bool:
        return threading.current_thread() is self._thread

    def _await(self) -> None:
        assert self._paused.acquire(timeout=WAIT_SECONDS), "an actor hangs"

    def _live(self) -> None:
        try:
            self.result = self._run()
        except BaseException as error:
            self.error = error
        self.done = True
        self._paused.release()


def interleave(
    steps: Steps, runs: Sequence[Callable[[], Any]], choose: Callable[[list[int]], int], only: str = ""
) -> list[Any]:
    """Run all to the end; `choose` picks the next of the actors that can go on. Raises their first error.

    `only` limits the places of handing over to calls whose name begins with it.
    """
    actors = [_Actor(run, steps) for run in runs]

    def hand_over(name: str) -> None:
        for actor in actors if name.startswith(only) else ():
            if actor.is_current():
                actor.pause()

    steps.before = hand_over
    try:
        for actor in actors:
            actor.start()
        while waiting := [number for number, actor in enumerate(actors) if not actor.done]:
            actors[choose(waiting)].step()
    finally:
        steps.before = lambda name: None
    for actor in actors:
        if actor.error is not None:
            raise actor.error
    return [actor.result for actor in actors]


class Schedules:
    """Depth-first walk over every schedule: `choose` follows one and notes where others branch off."""

    def __init__(self) -> None:
        self._plan: list[int] = []
        self._seen: list[tuple[int, int]] = []

    def choose(self, waiting: list[int]) -> int:
        depth = len(self._seen)
        pick = self._plan[depth] if depth < len(self._plan) else 0
        self._seen.append((pick, len(waiting)))
        return waiting[pick]

    def __iter__(self) -> Iterator[int]:
        count = 0
        while True:
            self._seen = []
            yield count
            count += 1
            while self._seen and self._seen[-1][0] + 1 >= self._seen[-1][1]:
                self._seen.pop()
            if not self._seen:
                return
            self._plan = [pick for pick, _ in self._seen[:-1]] + [self._seen[-1][0] + 1]
