"""Who lost access when, as the acts of operations see it; AWS failing in its own ways, until the weather clears."""

from datetime import UTC, datetime, timedelta

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
