"""Lifecycle, shift windows and the fence around a site."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from daycover.china_time import CHINA
from daycover.projects.project import (
    EARLY,
    TRANSITIONS,
    CheckInTooEarlyError,
    ProjectNotOpenError,
    ProjectNotRunningError,
    ProjectStatus,
    ProjectTransitionError,
    Shift,
)
from tests.support.builders import a_night_project, a_project, a_site

DRAFT, OPEN, PAUSED, CLOSED = ProjectStatus
ALLOWED = {(DRAFT, OPEN), (DRAFT, CLOSED), (OPEN, PAUSED), (OPEN, CLOSED), (PAUSED, OPEN), (PAUSED, CLOSED)}


def china(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=CHINA)


def test_lifecycle_has_a_row_for_every_status_when_read() -> None:
    assert set(TRANSITIONS) == set(ProjectStatus)


@pytest.mark.parametrize("before", list(ProjectStatus))
@pytest.mark.parametrize("after", list(ProjectStatus))
def test_status_changes_only_when_the_lifecycle_has_the_step(
    before: ProjectStatus, after: ProjectStatus
) -> None:
    project = a_project(status=before)
    if (before, after) in ALLOWED:
        moved = project.moved_to(after)
        assert (moved.status, moved.version) == (after, project.version + 1)
    else:
        with pytest.raises(ProjectTransitionError):
            project.moved_to(after)


@pytest.mark.parametrize("status", [DRAFT, PAUSED, CLOSED])
def test_scan_is_refused_when_the_project_is_not_open(status: ProjectStatus) -> None:
    with pytest.raises(ProjectNotOpenError) as refusal:
        a_project(status=status).check_open(china(24, 9))
    assert refusal.value.facts == {"status": status}


def test_scan_is_refused_when_the_last_shift_is_over() -> None:
    project = a_project()  # 08:00-18:00, until the 30th
    project.check_open(china(30, 17, 59, 59))
    with pytest.raises(ProjectNotRunningError):
        project.check_open(china(30, 18))


def test_scan_is_taken_on_the_morning_after_when_the_last_shift_crosses_midnight() -> None:
    project = a_night_project(ends_on=date(2026, 11, 30))
    project.check_open(datetime(2026, 12, 1, 5, 59, tzinfo=CHINA))
    with pytest.raises(ProjectNotRunningError):
        project.check_open(datetime(2026, 12, 1, 6, 0, tzinfo=CHINA))


@pytest.mark.parametrize(
    ("now", "opens_at"),
    [
        (china(24, 5, 59, 59), china(24, 6)),
        (china(24, 6), None),
        (china(24, 8), None),
        (china(24, 17, 59, 59), None),
        (china(24, 18), china(25, 6)),
        (china(24, 23, 59), china(25, 6)),
        (china(19, 12), china(20, 6)),  # the day before the first
        (china(20, 6), None),
    ],
)
def test_day_shift_opens_two_hours_early_and_closes_at_its_end_when_checked(
    now: datetime, opens_at: datetime | None
) -> None:
    _expect(a_project(), now, opens_at)


@pytest.mark.parametrize(
    ("now", "opens_at"),
    [
        (china(24, 17, 59, 59), china(24, 18)),
        (china(24, 18), None),
        (china(24, 23, 59, 59), None),
        (china(25, 0), None),
        (china(25, 5, 59, 59), None),
        (china(25, 6), china(25, 18)),
        (china(20, 3), china(20, 18)),  # before the first night there was none
        (datetime(2026, 11, 24, 16, 30, tzinfo=UTC), None),  # 00:30 of the 25th in China
    ],
)
def test_night_shift_is_open_across_midnight_when_checked(now: datetime, opens_at: datetime | None) -> None:
    _expect(a_night_project(), now, opens_at)


def test_shift_window_is_over_when_the_last_shift_has_ended() -> None:
    a_night_project().check_shift(datetime(2026, 12, 1, 5, 59, tzinfo=CHINA))
    for now in (datetime(2026, 12, 1, 6, 0, tzinfo=CHINA), datetime(2026, 12, 1, 20, 0, tzinfo=CHINA)):
        with pytest.raises(ProjectNotRunningError):
            a_night_project().check_shift(now)


def test_shift_lasts_a_whole_day_when_it_ends_when_it_starts() -> None:
    start, end = Shift(starts_at=time(8), ends_at=time(8)).on(date(2026, 11, 24))
    assert end - start == timedelta(hours=24)
    a_project(shift=Shift(starts_at=time(8), ends_at=time(8))).check_shift(china(25, 7, 59))


def test_site_moves_with_a_change_of_its_own_unless_the_project_is_closed() -> None:
    project, site = a_project(), a_site(31.24)
    moved = project.with_site(site)
    assert (moved.site, moved.version) == (site, project.version + 1)
    with pytest.raises(ProjectTransitionError):
        a_project(status=CLOSED).with_site(site)


def _expect(project: object, now: datetime, opens_at: datetime | None) -> None:
    assert timedelta(minutes=120) == EARLY
    check = project.check_shift  # type: ignore[attr-defined]
    if opens_at is None:
        check(now)
    else:
        with pytest.raises(CheckInTooEarlyError) as refusal:
            check(now)
        assert refusal.value.facts == {"opens_at": opens_at}
