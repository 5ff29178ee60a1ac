"""A large project's covers are counted with their lines: exactly, whatever comes twice, late or in between."""

from datetime import date, timedelta
from typing import Any

import pytest

from daycover.cover.policy import Ending, EndReason, PolicyStatus
from daycover.cover.presence import Visit, Why
from daycover.cover.roster import CoverLine, line_of
from daycover.store.cover_lines import StoredCoverLines
from daycover.store.dynamodb import PageTokenError, Table
from daycover.store.visits import StoredVisits
from tests.functional.claims.aws import local_aws, operations_table
from tests.functional.cover.stores import PlainCipher
from tests.support.builders import NOW, PROJECT, WORKER, a_policy

DAY = date(2026, 11, 24)
MINUTE = NOW.replace(second=0, microsecond=0)


@pytest.fixture
def table() -> Table:
    local_aws()
    return operations_table()


@pytest.fixture
def lines(table: Table) -> StoredCoverLines:
    return StoredCoverLines(table, counted=lambda project_id: project_id == PROJECT)


def count(lines: StoredCoverLines) -> int:
    return sum(lines.counts("C1", PROJECT, [DAY]).values())


def a_line(number: int, **changes: Any) -> CoverLine:
    return line_of(a_policy(sequence=number, **changes))


def a_voided_line() -> CoverLine:
    ending = Ending(at=NOW, by="staff", actor="s-1", reason=EndReason.IDENTITY_THEFT, refund_fen=70)
    return a_line(1, status=PolicyStatus.VOIDED, ended=ending)


def test_count_follows_the_lines_when_records_come_twice_and_in_any_order(lines: StoredCoverLines) -> None:
    first, second = a_line(1), a_line(2, start=NOW + timedelta(minutes=3))
    ended = a_voided_line()
    assert ended.policy_no == first.policy_no
    for line, is_new, counted in (
        (first, True, 1),
        (first, False, 1),
        (second, True, 2),
        (ended, True, 1),
        (ended, False, 1),
        (first, False, 1),
    ):
        assert lines.record(line) is is_new
        assert count(lines) == counted
    assert lines.counts("C1", PROJECT, [DAY]) == {MINUTE: 0, MINUTE + timedelta(minutes=3): 1}


def test_count_stays_when_the_ending_comes_before_its_line(lines: StoredCoverLines) -> None:
    assert lines.record(a_voided_line()) is True
    assert lines.record(a_line(1)) is False
    assert count(lines) == 0


def test_ending_takes_back_what_a_sweeper_added_in_between(lines: StoredCoverLines, table: Table) -> None:
    """The sweeper records the line between the two looks of whoever records the ending."""
    swept: list[bool] = []
    write = table.write

    def interrupted(*writes: Any) -> None:
        if len(writes) == 1 and not swept:
            swept.append(True)
            write(*lines_writes)
        write(*writes)

    lines_writes: list[Any] = []
    table.write = lambda *writes: lines_writes.extend(writes)  # type: ignore[method-assign]
    lines.record(a_line(1))
    table.write = interrupted  # type: ignore[method-assign]
    assert lines.record(a_voided_line()) is True
    assert count(lines) == 0
    assert [line.status for line in lines.of_day("C1", DAY)] == [PolicyStatus.VOIDED]


def test_small_projects_are_not_counted(lines: StoredCoverLines) -> None:
    lines.record(a_line(1, project_id="SMALL"))
    assert lines.counts("C1", "SMALL", [DAY]) == {}


def test_every_line_is_on_one_page_when_the_roster_is_read_by_pages(lines: StoredCoverLines) -> None:
    days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    wanted = [a_line(number, start=NOW + timedelta(days=number % 2)) for number in range(1, 12)]
    for line in [*wanted, a_line(12, project_id="OTHER")]:
        lines.record(line)
    for limit in (1, 4, 5, 100):
        found: list[CoverLine] = []
        token = None
        while True:
            page = lines.page("C1", PROJECT, days, limit, token)
            assert len(page.lines) <= limit
            found += page.lines
            token = page.next_token
            if token is None:
                break
        assert sorted(line.policy_no for line in found) == sorted(line.policy_no for line in wanted)
    for wrong in ("nonsense", f"{DAY}.nonsense", "2026-01-01."):
        with pytest.raises(PageTokenError):
            lines.page("C1", PROJECT, days, 5, wrong)


def test_visit_is_forgotten_until_an_instant_and_not_beyond(table: Table) -> None:
    visits = StoredVisits(table, PlainCipher)
    before, after = (
        Visit(project_id=PROJECT, worker_id=worker, seen_at=NOW + timedelta(seconds=s), why=Why.NOT_VERIFIED)
        for worker, s in ((WORKER, -30), ("OTHER", 30))
    )
    for visit in (before, after):
        visits.record(visit)
        for _ in range(2):
            visits.forget(PROJECT, visit.worker_id, NOW)
    assert visits.of_project(PROJECT, [DAY]) == [after]
    assert visits.of_project(PROJECT, [DAY], 0) == []


def test_visit_before_midnight_is_forgotten_when_the_policy_came_after(table: Table) -> None:
    visits = StoredVisits(table, PlainCipher)
    midnight = NOW.replace(hour=16, minute=0, second=0, microsecond=0)
    visits.record(
        Visit(
            project_id=PROJECT,
            worker_id=WORKER,
            seen_at=midnight - timedelta(minutes=1),
            why=Why.NOT_VERIFIED,
        )
    )
    visits.forget(PROJECT, WORKER, midnight + timedelta(minutes=1))
    assert visits.of_project(PROJECT, [DAY, DAY + timedelta(days=1)]) == []
