"""A history is its seed's alone: it can be played again, without some of its acts, and made small."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from daycover.platform.observability import logger
from tests.functional.claims.aws import OPERATIONS
from tests.simulation import acts as _acts  # noqa: F401 - what everybody does registers itself
from tests.simulation.history import (
    ACTS,
    AFTERMATH,
    CALM_WEATHER,
    STORM,
    Act,
    History,
    Outcome,
    Script,
    played,
    script,
)
from tests.simulation.invariants import Violation
from tests.simulation.planted import PLANTED, planted
from tests.simulation.shrink import fails_by, shrunk
from tests.simulation.surroundings import deterministic
from tests.simulation.world import Weather, World

SEED = 5
ROOT = Path(__file__).parents[2]


def short(seed: int | str = SEED, acts: int = 12, weather: Weather = STORM) -> Script:
    """A stormy day or two with few acts: everything by chance, and soon played."""
    whole = script(seed)
    return replace(whole, days=1, weather=weather, acts=tuple(whole.acts[:acts]))


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return played(short())


def test_same_seed_gives_the_same_history(outcome: Outcome) -> None:
    assert script(SEED) == script(SEED) != script(SEED + 1)
    again = played(short())
    assert (again.digest, again.steps, again.told) == (outcome.digest, outcome.steps, outcome.told)
    assert played(replace(short(), seed="another")).digest != outcome.digest
    assert outcome.steps > 50
    assert sum(outcome.faults.values()) > 0


def digests() -> list[str]:
    """Of short ones, one with claims on two policies (3), and one that withdraws from a company's projects (15)."""
    return [played(one).digest for one in (short(), short(2, 24), script(3), script(15))]


PLAY = """
from tests.simulation.test_history import digests
print(*digests())
"""


def test_same_seed_gives_the_same_history_in_another_process() -> None:
    """Sets have another order there; two others, because a set of two has the order of here in half of them."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "layers/daycover/python")))
    here = digests()
    for hashes in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hashes, "PYTHONPATH": path}
        done = subprocess.run(
            [sys.executable, "-c", PLAY],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == here


def test_act_left_out_leaves_the_others_their_time_and_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: dict[str, float] = {}

    def doing(known: History, luck: Random) -> None:
        drawn[f"{known.world.now()}"] = luck.random()
        known.world.perform("somebody", "asks", lambda process: luck.random())

    monkeypatch.setitem(ACTS, "asks", (1.0, doing))
    acts = tuple(Act(n, timedelta(hours=n), "asks", f"s:{n}") for n in range(6))
    whole = replace(short(weather=CALM_WEATHER), acts=acts)
    played(whole)
    before = dict(drawn)
    drawn.clear()
    played(whole.without([1, 4]))
    kept = [f"{whole.start + one.at}" for one in acts if one.number not in {1, 4}]
    assert (list(drawn), drawn) == (kept, {at: before[at] for at in kept})
    assert len({*before.values()}) == len(acts)


def test_script_without_acts_is_otherwise_the_same() -> None:
    whole = script(SEED)
    numbers = [one.number for one in whole.acts]
    assert len({one.seed for one in whole.acts}) == len(numbers) == len({*numbers})
    assert [one.at for one in whole.acts] == sorted(one.at for one in whole.acts)
    less = whole.without(numbers[::2])
    assert replace(less, acts=whole.acts) == whole
    assert less.acts == whole.acts[1::2]


# ---- shrinking -----------------------------------------------------------------------------------------


def failing(breaks: Callable[[set[int]], str | None]) -> tuple[Callable[[Script], Outcome], list[int]]:
    """Plays in which a set of acts breaks an invariant, or none; how many acts each play had."""
    plays: list[int] = []

    def play(one: Script) -> Outcome:
        plays.append(len(one.acts))
        broken = breaks({act.number for act in one.acts})
        violations = [] if broken is None else [Violation(broken, "", "", one.start)]
        return Outcome(one, violations, steps=0, virtual_days=0.0, digest="")

    return play, plays


def many(acts: int) -> Script:
    whole = script(SEED)
    return replace(whole, acts=tuple(Act(n, timedelta(hours=n), "scan", f"s:{n}") for n in range(acts)))


@pytest.mark.parametrize("needed", [{0}, {63}, {3, 17}, {0, 31, 32, 63}, set(range(0, 64, 8))])
def test_history_shrinks_to_the_acts_that_it_needs_to_fail(needed: set[int]) -> None:
    play, plays = failing(lambda acts: "broken" if needed <= acts else None)
    smallest, outcome = shrunk(many(64), play)
    assert {act.number for act in smallest.acts} == needed
    assert (outcome.script, fails_by(outcome)) == (smallest, "broken")
    assert len(plays) <= 400


def test_smaller_history_is_kept_only_when_it_fails_in_the_same_way() -> None:
    play, _ = failing(lambda acts: "broken" if {3, 17} <= acts else "another" if 3 in acts else None)
    smallest, outcome = shrunk(many(20), play)
    assert ({act.number for act in smallest.acts}, fails_by(outcome)) == ({3, 17}, "broken")


def test_shrinking_ends_after_as_many_plays_as_it_may_make() -> None:
    play, plays = failing(lambda acts: "broken" if {3, 20, 40, 60} <= acts else None)
    smallest, outcome = shrunk(many(64), play, most=5)
    assert len(plays) == 5
    assert fails_by(outcome) == "broken" == fails_by(play(smallest))


def test_history_that_breaks_nothing_is_not_shrunk() -> None:
    play, _ = failing(lambda acts: None)
    with pytest.raises(ValueError, match="breaks nothing"):
        shrunk(many(4), play)


def test_history_with_a_planted_defect_shrinks_and_fails_the_same_way() -> None:
    (defect,) = (one for one in PLANTED if one.name == "a_day_and_an_hour")
    with planted(defect):
        whole = next(
            one for one in (short(seed, 24, CALM_WEATHER) for seed in range(20)) if fails_by(played(one))
        )
        smallest, outcome = shrunk(whole, most=30)
        assert fails_by(outcome) == fails_by(played(whole)) == defect.invariant
        assert played(smallest).digest == outcome.digest
    assert len(smallest.acts) <= 4 < len(whole.acts)
    assert fails_by(played(smallest)) is None


# ---- the last moment -----------------------------------------------------------------------------------


def writes_of_a_claim(world: World) -> None:
    row = {"pk": {"S": "CLAIM#1"}, "sk": {"S": "HISTORY#000001"}}
    world.services["dynamodb"].call("PutItem", TableName=OPERATIONS, Item=row)


def queues_a_row(world: World) -> None:
    message = {"Id": "1", "MessageBody": "{}"}
    world.services["sqs"].call("SendMessageBatch", QueueUrl=world.config.insurer_queue_url, Entries=[message])


def lost_at_the_end(
    sends: Callable[[World], None], after: timedelta, consumes: Callable[[], Any]
) -> tuple[set[str], int]:
    """What is lost when it was sent so long after the script's end; how often its consumers were invoked."""
    said: list[object] = []
    invoked = 0
    with deterministic(SEED, said.append):
        history = History(short(acts=0, weather=CALM_WEATHER), said)
        world = history.world

        def invoke(function: str, payload: Any) -> Any:
            nonlocal invoked
            if function not in {"follow_claims", "inform_worker", "report_to_insurer"}:
                return World.invoke(world, function, payload)
            invoked += 1
            return consumes()

        world.invoke = invoke  # type: ignore[method-assign]
        ends = history.script.start + timedelta(days=history.script.days)
        world.agenda.at(ends + after, "sends", lambda: sends(world))
        violations = history.play().violations
        world.agenda.close()
    assert {found.invariant for found in violations} <= {"nothing_lost"}
    return {found.about for found in violations}, invoked


def takes() -> Any:
    return {"batchItemFailures": []}


def fails() -> Any:
    raise RuntimeError


@pytest.mark.parametrize(("sends", "consumers"), [(writes_of_a_claim, 2), (queues_a_row, 1)])
@pytest.mark.parametrize("before", [timedelta(), timedelta(milliseconds=300), timedelta(hours=1)])
def test_what_is_sent_in_the_last_moment_arrives_before_a_history_is_judged(
    sends: Callable[[World], None], consumers: int, before: timedelta
) -> None:
    assert lost_at_the_end(sends, AFTERMATH - before, takes) == (set(), consumers)


@pytest.mark.parametrize("before", [timedelta(), timedelta(hours=1), timedelta(hours=6)])
def test_what_its_consumer_never_takes_is_lost_however_late_it_was_sent(before: timedelta) -> None:
    lost, invoked = lost_at_the_end(writes_of_a_claim, AFTERMATH - before, fails)
    assert lost == {"follow_claims: 1 records", "inform_worker: 1 records"}
    assert invoked >= 11 + 6  # the attempts that the template gives them
    lost, invoked = lost_at_the_end(queues_a_row, AFTERMATH - before, fails)
    assert lost == {"InsurerQueue: 1 messages"}
    assert invoked > 1


def test_nothing_that_a_process_keeps_belongs_to_a_history() -> None:
    """The first in a process makes what all of them share: keys, caches, modules. It takes no chance of a seed's."""
    code = "from tests.simulation.test_history import digests\nprint(*digests(), *digests())"
    path = os.pathsep.join((str(ROOT), str(ROOT / "layers/daycover/python")))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.split()
    half = len(told) // 2
    assert told[:half] == told[half:]


def test_a_history_leaves_no_line_of_the_log_open() -> None:
    """Whoever dies in the middle of a line leaves it open, in a process that is not used again."""
    stormy = short(2, 24)
    played(stormy)
    assert logger._depth == 0


NAME = "赵新来"


def says_in_the_log(_world: World) -> None:
    logger.error("who", name=NAME)


def sends(world: World) -> None:
    message = {"Id": "1", "MessageBody": json.dumps({"name": NAME})}
    world.services["sqs"].call("SendMessageBatch", QueueUrl=world.config.insurer_queue_url, Entries=[message])


def starts(world: World) -> None:
    with pytest.raises(Exception):  # noqa: B017 - whatever the task says of it, its input is kept
        world._invoked("SubmitPayoutFunction", {"claim_no": NAME})


@pytest.mark.parametrize("tell", [says_in_the_log, sends, starts], ids=lambda one: one.__name__)
def test_name_is_noticed_wherever_it_is_kept(tell: Callable[[World], None]) -> None:
    said: list[object] = []
    with deterministic(SEED, said.append):
        history = History(short(weather=CALM_WEATHER), said)
        history.watch.after_step("the beginning")
        assert not history.watch.violations
        tell(history.world)
        history.watch.after_step("what was told")
    assert "no_personal_data" in {found.invariant for found in history.watch.violations}
