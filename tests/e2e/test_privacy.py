"""After everything above: no record of the run holds anything personal."""

import pytest

from tests.devstack.report import Report
from tests.devstack.seed import WORKERS
from tests.support.people import Person, made_people
from tests.support.personal_data import search_records
from tests.support.waiting import eventually
from tests.support.world import World

pytestmark = pytest.mark.stack


def test_no_log_line_holds_personal_data_when_the_journey_was_played(
    world: World, journey_report: Report
) -> None:
    assert journey_report.steps
    search = search_records(world.stack, [*WORKERS, *made_people()])
    assert search.lines > 1000, "the search has read the run's records"
    assert sorted(set(search.findings)) == []


def test_search_finds_what_the_logs_hold(world: World) -> None:
    """A search that could find nothing would prove nothing."""
    _, policy = world.insured_worker()
    logged = Person(policy["policy_no"], "999", "\0", "\1")  # numbers of policies are in the logs on purpose
    eventually(
        lambda: search_records(world.stack, [logged]).findings,
        lambda findings: any(finding.startswith("name ") for finding in findings),  # the others are anywhere
        "the log line is there",
    )
