"""Reports, files and breaks: what holds in memory holds in the operations table."""

import io
from datetime import date, timedelta
from typing import Any

import boto3
import pytest

from daycover.errors import ConcurrentChangeError
from daycover.platform.config import Config
from daycover.reporting.breaks import (
    BreakKind,
    BreakNotFoundError,
    BreakStatus,
    Difference,
    Resolution,
    opened,
)
from daycover.reporting.daily_file import FileAnswer, FileState
from daycover.reporting.rows import ReportRow, ReportState, rows_of
from daycover.store.breaks import StoredBreaks
from daycover.store.reports import StoredFiles, StoredReports
from tests.functional.claims.aws import local_aws, operations_table
from tests.support.builders import NOW, a_policy
from tests.support.fakes.reporting import FakeBreaks, FakeFiles, FakeReports, drawn_up

TODAY = date(2026, 11, 24)


@pytest.fixture(params=["fake", "aws"])
def stores(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeReports(), FakeFiles(), FakeBreaks()
    config = local_aws()
    return real(config)


def real(config: Config) -> Any:
    table = operations_table()
    files = StoredFiles(table, boto3.client("s3"), config.documents_bucket)
    return StoredReports(table), files, StoredBreaks(table)


def rows(count: int) -> list[ReportRow]:
    return [row for number in range(count) for row in rows_of(a_policy(sequence=number + 1))]


def test_first_announcement_and_first_answer_stand_when_repeated(stores: Any) -> None:
    reports = stores[0]
    (row,) = rows(1)
    first = reports.announce(row, NOW)
    assert reports.announce(row, NOW + timedelta(hours=1)) == first
    assert reports.answer(row, ReportState.ACKNOWLEDGED, None, NOW)
    assert not reports.answer(row, ReportState.REJECTED, "LATER", NOW)
    assert reports.announce(row, NOW).state is ReportState.ACKNOWLEDGED
    (found,) = reports.of_day("C1", TODAY)
    assert (found.row, found.state, found.reason) == (row, ReportState.ACKNOWLEDGED, None)


def test_rows_that_were_taken_together_are_acknowledged_and_others_are_as_they_stand(stores: Any) -> None:
    reports = stores[0]
    first, second, refused, silent, *_ = wanted = rows(5)
    other = wanted[4].model_copy(update={"company_id": "C2"})
    for row in (first, second, refused, silent, other):
        reports.announce(row, NOW)
    for _ in range(2):
        reports.acknowledge([first, second, other], NOW)
    reports.answer(refused, ReportState.REJECTED, "NOT_INSURABLE", NOW)
    states = {report.row.row_id: report.state for report in reports.of_day("C1", TODAY)}
    assert states == {
        first.row_id: ReportState.ACKNOWLEDGED,
        second.row_id: ReportState.ACKNOWLEDGED,
        refused.row_id: ReportState.REJECTED,
        silent.row_id: ReportState.REPORTED,
    }
    (elsewhere,) = reports.of_day("C2", TODAY)
    assert (elsewhere.row, elsewhere.state, elsewhere.answered_at) == (other, ReportState.ACKNOWLEDGED, NOW)


def test_rejection_keeps_its_reason_when_read(stores: Any) -> None:
    reports = stores[0]
    (row,) = rows(1)
    reports.announce(row, NOW)
    reports.answer(row, ReportState.REJECTED, "NOT_INSURABLE", NOW)
    assert [report.reason for report in reports.of_day("C1", TODAY)] == ["NOT_INSURABLE"]


def test_day_holds_its_own_rows_only_when_read(stores: Any) -> None:
    reports = stores[0]
    wanted = rows(20)
    for row in [*wanted, wanted[0].model_copy(update={"company_id": "C2"})]:
        reports.announce(row, NOW)
    found = list(reports.of_day("C1", TODAY))
    assert {report.row.row_id for report in found} == {row.row_id for row in wanted}
    assert len(found) == 20


def test_row_waits_since_the_first_time_until_it_is_settled(stores: Any) -> None:
    reports = stores[0]
    first, second = rows(2)
    reports.wait(first, NOW)
    reports.wait(first, NOW + timedelta(hours=1))
    reports.wait(second, NOW + timedelta(minutes=1))
    assert reports.waiting(NOW, 100) == [(first, NOW)]
    assert [row for row, _ in reports.waiting(NOW + timedelta(days=1), 100)] == [first, second]
    assert reports.find(first.row_id).row == first
    for _ in range(2):
        reports.settle(first.row_id)
    assert reports.find(first.row_id) is None


def test_acknowledged_file_stays_so_until_another_one_comes(stores: Any) -> None:
    files = stores[1]
    file, lines = drawn_up("C1", TODAY, rows(2))
    assert files.latest("C1", TODAY) is None
    assert files.put(file, io.BytesIO(lines))
    acknowledged = FileAnswer(FileState.ACKNOWLEDGED, 2, 140)
    files.note(file, acknowledged, NOW)
    files.note(file, FileAnswer(FileState.ANNOUNCED), NOW)
    assert files.latest("C1", TODAY) == (file, acknowledged)
    other, _ = drawn_up("C1", TODAY, rows(3))
    files.note(other, FileAnswer(FileState.REFUSED, reason="HASH_DIFFERS"), NOW)
    assert files.latest("C1", TODAY) == (other, FileAnswer(FileState.REFUSED, reason="HASH_DIFFERS"))


def test_break_is_added_once_and_moves_between_lists_when_resolved(stores: Any) -> None:
    breaks = stores[2]
    difference = Difference(kind=BreakKind.JOURNAL_MISSING, day=TODAY, subject="DC-ISSUED", expected_fen=70)
    found = opened(difference, NOW)
    assert breaks.add(found)
    assert not breaks.add(opened(difference, NOW + timedelta(days=1)))
    assert breaks.list_by(BreakStatus.OPEN) == ([found], None)
    resolved = found.model_copy(
        update={
            "status": BreakStatus.RESOLVED,
            "resolution": Resolution.CORRECTED,
            "reference": "REV-1",
            "resolved_by": "finance-1",
            "resolved_at": NOW,
        }
    )
    breaks.resolve(resolved)
    with pytest.raises(ConcurrentChangeError):
        breaks.resolve(resolved)
    assert breaks.get(found.break_id) == resolved
    assert breaks.list_by(BreakStatus.OPEN) == ([], None)
    assert breaks.list_by(BreakStatus.RESOLVED) == ([resolved], None)
    with pytest.raises(BreakNotFoundError):
        breaks.get("BR0")
