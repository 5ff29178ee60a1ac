"""Who lost access when, as the acts of operations see it; AWS failing in its own ways, until the weather clears; what
operations put back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from daycover.payouts.reconcile import BankStatementUnavailableError
from tests.simulation.deliveries import Schedule, schedules
from tests.simulation.seen import Seen
from tests.simulation.surroundings import deterministic
from tests.simulation.world import Weather, World

START = datetime(2026, 12, 1, tzinfo=UTC)
ACCESS = ("C1", "SP1")


def taken(seen: Seen) -> bool:
    return seen.begin((ACCESS,))[1] == (ACCESS,)


def test_access_is_gone_once_that_was_answered_and_until_somebody_gives_it() -> None:
    seen = Seen()
    assert not taken(seen)
    seen.took(ACCESS, seen.gifts(ACCESS))
    assert taken(seen)
    with seen.giving(ACCESS):
        assert not taken(seen)
    assert not taken(seen)


def test_nobody_can_say_that_access_is_gone_when_it_was_given_meanwhile() -> None:
    seen = Seen()
    before = seen.gifts(ACCESS)
    with seen.giving(ACCESS):
        assert seen.gifts(ACCESS) is None
        seen.took(ACCESS, before)
        assert not taken(seen)
    seen.took(ACCESS, before)
    assert not taken(seen)
    seen.took(ACCESS, seen.gifts(ACCESS))
    assert taken(seen)


def test_services_fail_in_their_own_ways_until_the_weather_clears() -> None:
    with deterministic(1, lambda line: None):
        world = World(1, START, Weather(machines=1, queues=1, buckets=1))
        assert world.machines.faults("SubmitPayoutFunction") in {"lost", "unreached"}
        assert world.queues.refuses("{}")
        assert world.s3.conflicts("key")
        assert world.faults.counts == {"MACHINES": 1, "QUEUES": 1, "BUCKETS": 1}
        world.clear_up()
        assert world.machines.faults("SubmitPayoutFunction") is None
        assert not world.queues.refuses("{}")
        assert not world.s3.conflicts("key")


def test_store_answers_again_after_some_minutes() -> None:
    with deterministic(1, lambda line: None):
        world = World(1, START, Weather(store_minutes=5))
        seen = set[bool]()
        world.lose_the_store(START + timedelta(days=1))
        world.agenda.run(
            START + timedelta(days=1, minutes=6), lambda _: seen.add("dynamodb" in world.faults.out)
        )
        assert seen == {True, False}
        assert not world.faults.out
        assert 1 <= world.faults.counts["STORE_OUT"] <= 4


# ---- what operations put back ------------------------------------------------------------------------


def scheduled(name: str) -> Schedule:
    (found,) = (one for one in schedules() if one.name == name)
    return found


def tried(schedule: Schedule, answers: list[Exception | None], redrives: int = 1) -> list[str]:
    """Start a schedule whose function gives these answers, one by one; give the events of all its runs."""
    events: list[str] = []

    def invoke(function: str, payload: Any) -> Any:
        assert function == schedule.name
        events.append(payload["scheduled_at"])
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        return {}

    with deterministic(1, lambda line: None):
        world = World(1, START, Weather())
        world.invoke = invoke  # type: ignore[method-assign]
        world.agenda.at(START, "schedule", lambda: world.start_scheduled(schedule, schedule.event(START)))
        for _ in range(redrives):
            world.agenda.run(world.now() + timedelta(hours=1))
            world.redrive()
        world.agenda.run(world.now() + timedelta(hours=1))
    return events


AT = "2026-12-01T00:00:00Z"
THREE_TIMES: list[Exception | None] = [BankStatementUnavailableError()] * 3


def test_scheduled_run_that_failed_is_put_back_from_its_failure_queue() -> None:
    bank = scheduled("reconcile_bank")
    assert bank.failure_queue == "BankFailureQueue"
    assert tried(bank, [*THREE_TIMES, None], redrives=2) == [AT] * 4
    assert tried(bank, [*THREE_TIMES, *THREE_TIMES, None], redrives=3) == [AT] * 7


def test_scheduled_run_that_came_right_by_itself_is_not_put_back() -> None:
    assert tried(scheduled("reconcile_bank"), [BankStatementUnavailableError(), None]) == [AT] * 2


def test_scheduled_run_that_no_failure_queue_took_is_lost() -> None:
    bank = replace(scheduled("reconcile_bank"), failure_queue=None)
    assert tried(bank, [*THREE_TIMES]) == [AT] * 3
