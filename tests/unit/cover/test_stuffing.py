"""F12: shares of shared phones become a score of the company; a person asks, nobody is refused."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from daycover.cover.check_in import CheckInStatus
from daycover.cover.evidence import Signal
from daycover.cover.signals import PAGE, Flagged
from daycover.cover.stuffing import LOOKED_BACK, PAGES, ReadStuffing, stuffing_score, suspected
from tests.support.builders import NOW, PROJECT, a_project, a_signal, an_id_number
from tests.unit.cover.world import World

OTHER = a_project(project_id="0" * 25 + "8", name="夜班分拣", headcount=70)


def reader(world: World) -> ReadStuffing:
    return ReadStuffing(now=world.now, projects=world.projects, flagged=world.flagged)


def a_line(number: int = 1, *signals: Signal, **changes: Any) -> Flagged:
    facts: dict[str, Any] = {
        "check_in_id": "20261124-01",
        "worker_id": f"w{number}",
        "project_id": PROJECT,
        "company_id": "C1",
        "insured_name": "王**",
        "at": NOW,
        "status": CheckInStatus.ISSUED,
        "score": 60,
        "signals": signals or (a_signal("DEVICE_BURST"),),
    }
    return Flagged(**facts | changes)


def test_company_is_to_be_asked_when_a_foreman_s_phone_checks_in_a_crew_of_ghosts() -> None:
    """The whole way: check-ins, their weighing by the queue, the score. Every one of them is insured."""
    world = World(a_project(), OTHER)
    for number in range(5):
        worker = world.worker(f"o-{number}")
        stated = (f"工友{number}", an_id_number(order=f"{number:03d}"))
        check_in = world.face(worker, stated=stated)
        assert world.complete_check_in(worker, check_in.check_in_id, 0) == "ISSUED"
        world.now.advance(minutes=1)
    found = reader(world)("C1")
    assert found.workers == 5, "the first three of the burst too, whom only the others' evidence names"
    assert (found.headcount, found.score, found.review) == (100, 10, False)
    assert [(project.project_id, project.workers, project.score) for project in found.projects] == [
        (PROJECT, 5, 32),
        (OTHER.project_id, 0, 0),
    ]
    assert len(world.policies.all()) == 5


def test_nothing_is_said_of_a_company_when_its_workers_use_their_own_phones() -> None:
    world = World()
    world.flagged.put(a_line(1, a_signal("STALE_POSITION"), a_signal("DEVICE_SHARED", evidence=("w2/1",))))
    found = reader(world)("C1")
    assert (found.workers, found.score, found.review) == (0, 0, False)
    assert reader(world)("C2").projects == ()


def test_week_is_looked_at_and_no_more_when_lines_are_older() -> None:
    world = World()
    edge = NOW - LOOKED_BACK
    world.flagged.put(a_line(1, at=edge, check_in_id="20261117-01"))
    world.flagged.put(a_line(2, at=edge - timedelta(seconds=1), check_in_id="20261117-01"))
    assert reader(world)("C1").workers == 1
    world.now.at = a_project().last_shift_end + LOOKED_BACK
    assert len(reader(world)("C1").projects) == 1
    world.now.advance(seconds=1)
    assert reader(world)("C1").projects == (), "a project that ended before the week says nothing"


def test_reading_ends_when_a_project_has_more_lines_than_anybody_needs() -> None:
    world = World()
    for number in range((PAGES + 1) * PAGE):
        world.flagged.put(a_line(number))
    world.steps.calm()
    found = reader(world)("C1")
    assert world.steps.calls.count("flagged.list_of") == PAGES
    assert (found.workers, found.score) == (PAGES * PAGE, 100)


def test_reading_stops_at_the_page_that_ends_before_the_week_when_there_are_more() -> None:
    world = World()
    for number in range(3 * PAGE):
        world.flagged.put(a_line(number, at=NOW - timedelta(days=30), check_in_id="20261025-01"))
    world.steps.calm()
    assert reader(world)("C1").workers == 0
    assert world.steps.calls.count("flagged.list_of") == 1


def test_worker_counts_once_when_named_by_many_lines() -> None:
    burst = a_signal("DEVICE_BURST", evidence=("w2/20261124-01", "w3/20261124-01"))
    lines = [a_line(1, burst), a_line(2, burst), a_line(1, a_signal("DEVICE_CROWD"))]
    assert suspected(lines, NOW) == {"w1", "w2", "w3"}


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_score_rises_with_the_share_and_stays_within_100_when_anything_is_counted(
    workers: int, headcount: int
) -> None:
    score = stuffing_score(workers, headcount)
    assert 0 <= score <= 100
    assert score <= stuffing_score(workers + 1, headcount)
    assert score >= stuffing_score(workers, headcount + 1)
    assert (score == 100) is (workers > 0 and workers * 100 // max(headcount, workers) >= 50)
