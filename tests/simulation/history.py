"""One history: a cast in a world, and what they do, in the order that a seed gives.

A history is a list of acts, each with its time and a seed of its own, so that one of them can be left out and the
others do what they did: that is how a failing history is shrunk.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

from tests.simulation.cast import Cast, enrol_companies, made_up_people, open_project, wanted_project
from tests.simulation.faults import Rates
from tests.simulation.invariants import Violation, Watch
from tests.simulation.surroundings import deterministic
from tests.simulation.world import Weather, World

AFTERMATH = timedelta(days=4)
"""Good weather at the end, in which everything must come right or show."""
SETTLING = timedelta(hours=1)
"""How long what was sent last may be on its way: a stream reader's attempts and a copy of a message take minutes."""


class Act(NamedTuple):
    """One thing that somebody sets out to do, so long after the beginning."""

    number: int
    at: timedelta
    name: str
    seed: str


Doing = Callable[["History", Random], None]
ACTS: dict[str, tuple[float, Doing]] = {}
"""By name: how often it is chosen against the others, and what it does."""


def act(weight: float) -> Callable[[Doing], Doing]:
    def known(doing: Doing) -> Doing:
        ACTS[doing.__name__] = weight, doing
        return doing

    return known


@dataclass(frozen=True, slots=True)
class Script:
    """All that a seed decides before anything happens."""

    seed: str
    start: datetime
    days: int
    people: int
    companies: int
    weather: Weather
    acts: tuple[Act, ...]

    def without(self, numbers: Sequence[int]) -> "Script":
        return replace(self, acts=tuple(one for one in self.acts if one.number not in numbers))


CALM_WEATHER = Weather()
STORM = Weather(
    rates=Rates(crash=0.01, unreached=0.01, lost=0.01, conflict=0.02),
    interleaving=0.15,
    stale=0.2,
    duplicates=0.1,
    outage_hours=25,
    ttl_lag_days=3.0,
    skew_seconds=2,
    machines=0.01,
    queues=0.02,
    buckets=0.05,
    store_minutes=5,
)
WEATHERS = (
    CALM_WEATHER,
    Weather(interleaving=0.4, stale=0.5, duplicates=0.2),
    Weather(rates=Rates(crash=0.02), interleaving=0.05),
    Weather(rates=Rates(unreached=0.03, lost=0.05), duplicates=0.2, ttl_lag_days=10.0),
    Weather(outage_hours=25, duplicates=0.3, ttl_lag_days=0.0),
    Weather(
        rates=Rates(conflict=0.1),
        interleaving=0.1,
        machines=0.05,
        queues=0.1,
        buckets=0.2,
        store_minutes=15,
    ),
    STORM,
    replace(STORM, skew_seconds=300),
)


BEGINNING, KEPT = "arrive", 0.6
"""What every history has, and how often it has any other act: where some are left out, those that are left meet each
other more often (swarm testing: Groce and others, ISSTA 2012)."""


def script(seed: int | str) -> Script:
    """Write the script of a seed: a few days with many acts, or weeks with as many."""
    luck = Random(f"{seed}:script")
    days = luck.choice((1, 2, 3, 5, 5, 8, 8, 8, 8, 40, 70))
    start = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(
        days=luck.randrange(120), hours=luck.randrange(24), minutes=luck.randrange(60)
    )
    names = [name for name in ACTS if name == BEGINNING or luck.random() < KEPT]
    weights = [ACTS[name][0] for name in names]
    chosen = luck.choices(names, weights, k=luck.randint(20, 80))
    # people come in the rush, and what they do to each other is done in the same minutes
    times = sorted(
        timedelta(
            days=luck.randrange(days), seconds=luck.choice((0, luck.randrange(600), luck.randrange(86_400)))
        )
        for _ in chosen
    )
    acts = tuple(
        Act(number, at, name, f"{seed}:{number}")
        for number, (at, name) in enumerate(zip(times, chosen, strict=True))
    )
    return Script(
        seed=str(seed),
        start=start,
        days=days,
        people=luck.choice((1, 1, 2, 3)),
        companies=luck.choice((1, 1, 2)),
        weather=luck.choice(WEATHERS),
        acts=acts,
    )


def as_json(chosen: Script) -> dict[str, Any]:
    """A script as a file keeps it: what a seed decides may change with the acts, this does not."""
    weather = asdict(chosen.weather)
    return {
        "seed": chosen.seed,
        "start": chosen.start.isoformat(),
        "days": chosen.days,
        "people": chosen.people,
        "companies": chosen.companies,
        "weather": weather,
        "acts": [[one.number, one.at.total_seconds(), one.name, one.seed] for one in chosen.acts],
    }


def from_json(kept: Mapping[str, Any]) -> Script:
    weather = dict(kept["weather"])
    acts = (Act(number, timedelta(seconds=at), name, seed) for number, at, name, seed in kept["acts"])
    return Script(
        seed=kept["seed"],
        start=datetime.fromisoformat(kept["start"]),
        days=kept["days"],
        people=kept["people"],
        companies=kept["companies"],
        weather=Weather(**weather | {"rates": Rates(**weather["rates"])}),
        acts=tuple(acts),
    )


@dataclass(slots=True)
class Outcome:
    """What became of a history."""

    script: Script
    violations: list[Violation]
    steps: int
    virtual_days: float
    digest: str
    """Of everything that was done and told, and of every item that was written: the same for the same seed."""
    faults: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    """How often somebody was told what."""


class History:
    """A script under way."""

    def __init__(self, played: Script, said: list[object] | None = None) -> None:
        """`said`: takes the lines of the log."""
        self.script = played
        self.world = World(played.seed, played.start, played.weather, said)
        luck = Random(f"{played.seed}:cast")
        self.cast: Cast = made_up_people(luck, played.people)
        self.watch = Watch(self.world, self.cast)
        observer = self.world.observer
        enrol_companies(self.cast, observer, luck, played.companies)
        for company_id in self.cast.company_ids:
            for _ in range(luck.choice((1, 1, 2))):
                open_project(
                    self.cast, observer, company_id, wanted_project(luck, observer, days=played.days)
                )

    def later(self, seconds: float, name: str, doing: Callable[..., object], *of: object) -> None:
        """Plan what somebody does after what they do now: call `doing` with what follows it."""
        self.world.agenda.after(timedelta(seconds=seconds), name, partial(doing, *of))

    def play(self) -> Outcome:
        """Play the script to its end, and a few days of good weather; judge it after every step."""
        world, played = self.world, self.script
        ends = played.start + timedelta(days=played.days)
        world.begin(ends + AFTERMATH)
        world.lose_the_store(ends)
        for one in played.acts:
            doing = ACTS[one.name][1]
            world.agenda.at(
                played.start + one.at,
                one.name,
                partial(doing, self, Random(one.seed)),
            )
        violations = self.watch.violations
        while world.now() < ends and not violations:
            world.agenda.run(min(ends, world.now() + timedelta(hours=6)), self.watch.after_step)
        if not violations:
            world.clear_up()
            for hours in (1, 30, 60):
                world.agenda.run(world.now() + timedelta(hours=hours), self.watch.after_step)
                world.redrive()
            world.agenda.run(ends + AFTERMATH, self.watch.after_step)
            world.settle(ends + AFTERMATH + SETTLING, self.watch.after_step)
            world.redrive()  # what a reader gave up on waits again, and shows
            self.watch.at_the_end()
        return Outcome(
            script=played,
            violations=violations,
            steps=world.agenda.steps,
            virtual_days=(world.now() - played.start) / timedelta(days=1),
            digest=self._digest(),
            faults=dict(world.faults.counts),
            told=_counted(step.told for step in world.steps),
        )

    def _digest(self) -> str:
        digest = sha256()
        for step in self.world.steps:
            digest.update(repr(step).encode())
        for change in self.world.dynamodb.changes:
            digest.update(repr((change.kind, change.key, change.at, change.new)).encode())
        return digest.hexdigest()[:24]


def _counted(words: object) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:  # type: ignore[attr-defined]
        counts[word] = counts.get(word, 0) + 1
    return counts


def played(chosen: Script) -> Outcome:
    """Play a script by itself: whatever is by chance comes of its seed."""
    said: list[object] = []
    with deterministic(chosen.seed, said.append):
        history = History(chosen, said)
        try:
            return history.play()
        finally:
            history.world.agenda.close()
