"""Who goes on when: order, interleaving by the seed alone, and the end of a process's time."""

import gc
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import pytest
from greenlet import GreenletExit

from tests.simulation.agenda import Agenda, Fiber, TimeLimit
from tests.support.fakes.port import Crash

START = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_agenda(seed: int = 1, interleaving: float = 0.0) -> Agenda:
    return Agenda(START, Random(seed), interleaving=interleaving)


def test_earlier_comes_first_and_in_one_moment_what_was_planned_first() -> None:
    agenda, done = an_agenda(), list[str]()
    for name, hours in (("late", 2), ("first of one", 1), ("second of one", 1), ("soon", 0)):
        agenda.after(hours * HOUR, name, lambda: None)
    agenda.run(START + 3 * HOUR, done.append)
    assert done == ["soon", "first of one", "second of one", "late"]


def test_run_ends_at_its_time_and_leaves_what_comes_later() -> None:
    agenda, seen = an_agenda(), list[datetime]()
    for hours in (1, 2, 3):
        agenda.after(hours * HOUR, "look", lambda: seen.append(agenda.now()))
    agenda.run(START + 2 * HOUR)
    assert (seen, agenda.now(), agenda.is_empty) == (
        [START + HOUR, START + 2 * HOUR],
        START + 2 * HOUR,
        False,
    )
    agenda.run(START + 5 * HOUR)
    assert (len(seen), agenda.now(), agenda.is_empty) == (3, START + 5 * HOUR, True)


def test_what_is_overdue_comes_now_and_time_never_goes_back() -> None:
    agenda, seen = an_agenda(), list[datetime]()

    def act() -> None:
        agenda.at(START, "overdue", lambda: seen.append(agenda.now()))

    agenda.after(HOUR, "act", act)
    agenda.run(START + 2 * HOUR)
    assert seen == [START + HOUR]


def told_by_two(agenda: Agenda) -> str:
    """Two fibers of four steps each, which begin in the same moment."""
    said = list[str]()

    def walk(name: str) -> Callable[[], None]:
        def steps() -> None:
            for _ in range(4):
                said.append(name)
                agenda.pause()

        return steps

    for name in "ab":
        agenda.at(START, name, walk(name))
    agenda.run(START + HOUR)
    return "".join(said)


def test_fiber_is_never_left_at_a_call_when_there_is_no_interleaving() -> None:
    assert {told_by_two(an_agenda(seed)) for seed in range(20)} == {"aaaabbbb"}


def test_seed_alone_says_who_goes_on_when_fibers_interleave() -> None:
    orders = [told_by_two(an_agenda(seed, 0.5)) for seed in range(40)]
    assert orders == [told_by_two(an_agenda(seed, 0.5)) for seed in range(40)]
    assert len(set(orders)) > 10
    rarely = [told_by_two(an_agenda(seed, 0.02)) for seed in range(40)]
    assert 20 < rarely.count("aaaabbbb") < 40
    assert all(sorted(order) == sorted("aaaabbbb") for order in orders)


def test_time_passes_for_everybody_while_a_fiber_waits() -> None:
    agenda, said = an_agenda(), list[tuple[str, datetime]]()

    def waits() -> None:
        agenda.sleep(60)
        said.append(("waited", agenda.now()))

    agenda.at(START, "waits", waits)
    agenda.after(timedelta(seconds=30), "other", lambda: said.append(("other", agenda.now())))
    agenda.run(START + HOUR)
    minute = timedelta(minutes=1)
    assert said == [("other", START + minute / 2), ("waited", START + minute)]


def with_deadline(seconds: float, act: Callable[[Agenda], None]) -> list[str]:
    agenda, said = an_agenda(interleaving=1.0), list[str]()

    def process() -> None:
        assert agenda.fiber is not None
        agenda.fiber.deadline = agenda.now() + timedelta(seconds=seconds)
        try:
            act(agenda)
        except Exception:
            said.append("caught by the product")
        except TimeLimit:
            said.append("killed")
        else:
            said.append("done")

    agenda.at(START, "process", process)
    agenda.run(START + HOUR)
    return said


@pytest.mark.parametrize(("seconds", "said"), [(10, "done"), (9.9, "killed")])
def test_process_is_killed_when_it_waits_longer_than_its_time(seconds: float, said: str) -> None:
    assert with_deadline(seconds, lambda agenda: agenda.sleep(10)) == [said]


def test_process_is_killed_at_its_next_call_when_others_took_its_time() -> None:
    def calls(agenda: Agenda) -> None:
        for _ in range(1000):
            agenda.pause()

    assert with_deadline(3, calls) == ["killed"]
    assert issubclass(TimeLimit, Crash)


def test_error_of_a_fiber_ends_the_run_and_leaves_the_rest_planned() -> None:
    agenda, done = an_agenda(), list[str]()

    def fails() -> None:
        raise KeyError

    agenda.at(START, "fails", fails)
    agenda.at(START, "goes on", lambda: None)
    with pytest.raises(KeyError):
        agenda.run(START + HOUR)
    assert (agenda.fiber, agenda.is_empty) == (None, False)
    agenda.run(START + HOUR, done.append)
    assert done == ["goes on"]


def test_listeners_are_told_each_time_that_a_fiber_goes_on_and_is_left() -> None:
    agenda, told = an_agenda(), list[str]()

    def resumed(fiber: Fiber) -> None:
        told.append(f"{fiber.name} resumed")

    agenda.resumed, agenda.left = resumed, lambda: told.append("left")
    agenda.at(START, "waits", lambda: agenda.sleep(60))
    agenda.after(timedelta(seconds=30), "other", lambda: None)
    agenda.run(START + HOUR)
    assert told == ["waits resumed", "left", "other resumed", "left", "waits resumed", "left"]


def test_call_from_outside_any_fiber_is_never_left() -> None:
    agenda = an_agenda(interleaving=1.0)
    agenda.pause()
    assert (agenda.is_empty, agenda.now()) == (True, START)


def test_fiber_under_way_lets_go_of_what_it_holds_when_the_agenda_is_closed() -> None:
    agenda = an_agenda()
    ended: list[str] = []

    def waits(held: "Held") -> None:
        try:
            agenda.sleep(3600)
        finally:
            ended.append("left")
            with pytest.raises(GreenletExit):
                agenda.pause()

    held = Held()
    agenda.after(timedelta(), "waits", partial(waits, held))
    agenda.run(START + timedelta(minutes=1))
    gone = weakref.ref(held)
    del held
    agenda.close()
    gc.collect()
    assert (ended, gone(), agenda.is_empty) == (["left"], None, True)


class Held:
    pass
