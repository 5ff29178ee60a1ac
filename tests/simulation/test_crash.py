"""A sample of the crash points, and what shows that they would be seen: the whole of them is `make simulate`'s."""

from unittest.mock import patch

import pytest

from daycover.cover.check_in import CheckIn, CheckInStatus
from daycover.cover.start_check_in import StartCheckIn
from tests.simulation.crash import Point, calm, cover, crash_points, figures, places, run_point

SAMPLE = {"issue_without_the_app": {"start_check_in"}, "payout": {"submit_payout"}}


def sample(journey: str) -> list[Point]:
    return [point for point in crash_points(journey) if point.place.operation in SAMPLE[journey]]


@pytest.mark.parametrize("journey", SAMPLE)
def test_outcome_is_the_same_when_the_process_dies_at_any_point(journey: str) -> None:
    points = sample(journey)
    assert {point: found for point in points if (found := run_point(point))} == {}


@pytest.mark.parametrize("journey", SAMPLE)
def test_points_are_one_more_than_twice_the_calls(journey: str) -> None:
    for place, calls in places(journey).items():
        points = [point.point for point in crash_points(journey) if point.place == place]
        assert points == list(range(2 * len(calls) + 1))


def test_point_is_not_covered_when_the_run_never_comes_to_it() -> None:
    last = sample("payout")[-1]
    beyond = last._replace(point=last.point + 2)
    with pytest.raises(AssertionError, match="never reached"):
        run_point(beyond)
    found = cover("payout", lambda points: iter([[], ["lost"]]))
    assert (found.covered, found.total) == (1, len(list(crash_points("payout"))))
    assert figures([found])["journeys"][0]["problems"] == ["lost"]


def _reminded_late(self: StartCheckIn, check_in: CheckIn) -> CheckIn:
    ready = check_in.model_copy(update={"status": CheckInStatus.PRE_ORDERED})
    self.check_ins.pre_ordered(ready)
    self.reminders.ask_later(check_in.worker_id, check_in.check_in_id, 0)
    return ready


def test_lost_policy_is_seen_when_the_reminder_is_sent_after_the_check_in_is_stored() -> None:
    calm("issue_without_the_app")
    with patch.object(StartCheckIn, "_pre_ordered", _reminded_late):
        last = sample("issue_without_the_app")[-5:]
        found = [problem for point in last for problem in run_point(point)]
    assert any(problem.startswith("policies: ") for problem in found)
