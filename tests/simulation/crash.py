"""Crash points: a process dies at every one of them, exhaustively, and whatever follows must make up for it.

A journey (`tests.simulation.journeys`) is what happens in calm weather, with the operations that are attacked in
it. An operation of n calls to the outside has 2n + 1 points: before each call, after its effect and before its
answer, and after the last, when the work is done and nobody was told. One run dies at one of them, once, in a
container that has read nothing yet; then everybody does what they do without an answer: the app is tapped again,
the workflow tries again, the stream and the queue deliver again, the schedule comes round again. In the end all
invariants hold and the outcome is that of the run in which nothing died.

    python -m tests.simulation.crash [journey …]
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from tests.simulation.faults import Fault, Strike
from tests.simulation.journeys import JOURNEYS, Journey
from tests.simulation.outcome import Outcome, outcome_of
from tests.simulation.processes import SimulatedAdapters
from tests.simulation.stage import START, Stage
from tests.simulation.surroundings import deterministic
from tests.simulation.world import API_TIMEOUT, Told, Weather, World
from tests.support.fakes.port import Crash

NEVER = -1


class Place(NamedTuple):
    """One run of an operation: the `number`th (from 0) of that name in its journey."""

    operation: str
    number: int


class Point(NamedTuple):
    """Where a run dies; `point` is 2n before call n (from 0), 2n + 1 after its effect, the last after all of them."""

    journey: str
    place: Place
    point: int


class Dying(Strike):
    """A strike that keeps the names of the calls it saw."""

    def __init__(self, point: int) -> None:
        super().__init__(point)
        self.calls: list[str] = []

    def at(self, name: str) -> Fault | None:
        self.calls.append(name)
        return super().at(name)

    def at_the_end(self) -> None:
        """All calls are made; the answer is not. Raises Crash where that is the point."""
        if self.point == 2 * self.seen:
            self.struck = "answer"
            raise Crash(self.struck)


class AttackedWorld(World):
    """A world in which the operations of a journey run in new containers, and one of them dies."""

    def __init__(self, operations: frozenset[str], point: Point | None, said: list[object]) -> None:
        self.operations, self.point = operations, point
        self.runs: dict[Place, Dying] = {}
        """Every run of an operation and what it called."""
        self._times: dict[str, int] = {}
        super().__init__("crash", START, Weather(), said)

    @property
    def struck(self) -> str | None:
        return None if self.point is None else self.runs[self.point.place].struck

    def perform(
        self, who: str, what: str, act: Callable[[SimulatedAdapters], Any], limit: timedelta = API_TIMEOUT
    ) -> Told:
        if what not in self.operations:
            return super().perform(who, what, act, limit)
        self._free.clear()
        return super().perform(who, what, lambda process: self._run(what, lambda: act(process)), limit)

    def invoke(self, function: str, payload: Any) -> Any:
        if function not in self.operations:
            return super().invoke(function, payload)
        self._free.clear()
        return self._run(function, lambda: World.invoke(self, function, payload))

    def _run(self, operation: str, act: Callable[[], Any]) -> Any:
        place = Place(operation, self._times.get(operation, 0))
        self._times[operation] = place.number + 1
        is_it = self.point is not None and self.point.place == place
        strike = self.runs[place] = Dying(self.point.point if is_it and self.point else NEVER)
        before, self.faults.strike = self.faults.strike, strike
        try:
            answer = act()
        finally:
            self.faults.strike = before
        strike.at_the_end()
        return answer


class Run(NamedTuple):
    """What became of a journey."""

    outcome: Outcome
    problems: list[str]
    runs: dict[Place, Dying]
    struck: str | None


def played(journey: Journey, point: Point | None = None) -> Run:
    """Play a journey to its end; it dies at `point`, if there is one."""
    said: list[object] = []
    with deterministic("crash", said.append):
        world = AttackedWorld(journey.operations, point, said)
        stage = Stage(world)
        journey.plan(stage)
        ends = START + timedelta(days=journey.days)
        world.begin(ends)
        world.agenda.run(ends, stage.watch.after_step)
        stage.watch.at_the_end()
        problems = [f"{found.invariant}: {found.about}" for found in stage.watch.violations]
        problems += _left_over(world)
        outcome = outcome_of(stage)
        world.agenda.close()
        return Run(outcome, problems, world.runs, world.struck)


def _left_over(world: World) -> Iterator[str]:
    """What only people could put right: nobody is there to do so after one crash."""
    for reader in world.readers:
        if reader.failed:
            yield f"{reader.function} gave up on {len(reader.failed)} records"
    for name, waiting in world.queues.waiting().items():
        if waiting:
            yield f"{name} holds {waiting} messages"
    for execution in world.machines.executions.values():
        if execution.status in {"FAILED", "TIMED_OUT"}:
            yield f"{execution.name} {execution.status} of {execution.error}"


@cache
def calm(name: str) -> Run:
    """Play a journey in which nothing dies. Raises AssertionError where it has problems of its own."""
    run = played(JOURNEYS[name])
    assert not run.problems, (name, run.problems)
    missing = JOURNEYS[name].operations - {place.operation for place in run.runs}
    assert not missing, f"{name} never comes to {sorted(missing)}"
    return run


def places(name: str) -> dict[Place, Sequence[str]]:
    """Give the runs that are attacked, with their calls: of those that make the same calls the first one."""
    found: dict[tuple[str, tuple[str, ...]], Place] = {}
    for place, run in calm(name).runs.items():
        found.setdefault((place.operation, tuple(run.calls)), place)
    return {place: calls for (_, calls), place in found.items()}


def crash_points(name: str) -> Iterator[Point]:
    """Give every point of a journey: 2n + 1 for each operation of n calls."""
    for place, calls in places(name).items():
        for point in range(2 * len(calls) + 1):
            yield Point(name, place, point)


def run_point(point: Point) -> list[str]:
    """Die at one point; give what is not as it would have been, nothing where all came right.

    Raises AssertionError where the run never came to the point.
    """
    expected = calm(point.journey).outcome
    run = played(JOURNEYS[point.journey], point)
    assert run.struck is not None, f"{point} was never reached"
    different = [f"{name}: {was} became {now}" for name, was, now in expected.differences(run.outcome)]
    return [f"{problem} (died at {run.struck})" for problem in run.problems + different]


@dataclass(slots=True)
class JourneyCover:
    """How much of a journey was attacked. `calls` to the outside have 2 × calls + operations points in `total`.

    A point is `covered` where the run died at it and all came right.
    """

    journey: str
    operations: int
    calls: int
    covered: int
    total: int
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.journey}: {self.operations} operations, {self.calls} calls, "
            f"{self.covered} of {self.total} points"
        )


def _attempt(point: Point) -> list[str]:
    """Give the problems of a point, with its name; one that was not reached is a problem."""
    try:
        found = run_point(point)
    except Exception as error:  # of the journey's own people: what they expected was not there
        found = [f"{type(error).__name__}: {error}"]
    return [f"{point.place.operation} #{point.place.number} point {point.point}: {one}" for one in found]


def cover(name: str, attempts: Callable[[Sequence[Point]], Iterator[list[str]]]) -> JourneyCover:
    attacked = places(name)
    points = list(crash_points(name))
    covered = JourneyCover(name, len(attacked), sum(map(len, attacked.values())), 0, len(points))
    for problems in attempts(points):
        covered.covered += not problems
        covered.problems += problems
    return covered


def cover_all(
    processes: int = 2, names: Sequence[str] = (), tell: Callable[[JourneyCover], None] = lambda one: None
) -> list[JourneyCover]:
    """Attack every journey, or those named, at all of their points; `tell` hears of each that is through."""
    covers = []
    with ProcessPoolExecutor(processes) as pool:
        for name in names or JOURNEYS:
            covers.append(cover(name, lambda points: pool.map(_attempt, points, chunksize=8)))
            tell(covers[-1])
    return covers


def figures(covers: Sequence[JourneyCover]) -> dict[str, Any]:
    """For `.local/simulation.json`."""
    return {
        "covered": sum(one.covered for one in covers),
        "total": sum(one.total for one in covers),
        "journeys": [asdict(one) for one in covers],
    }


def _print(one: JourneyCover) -> None:
    print("\n  ".join((str(one), *one.problems)), flush=True)


def main(names: Sequence[str]) -> dict[str, Any]:
    began = time.monotonic()
    covers = cover_all(names=names, tell=_print)
    found = figures(covers)
    print(f"total: {found['covered']} of {found['total']} points, {time.monotonic() - began:.0f} s")
    return found


if __name__ == "__main__":
    sys.exit(1 if any(one["problems"] for one in main(sys.argv[1:])["journeys"]) else 0)
