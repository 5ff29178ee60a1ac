from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover.claims.clocks import (
    PausedInterval,
    adjudication_due,
    advance_due,
    limitation_ends,
    payment_due,
    refusal_notice_due,
    service_level,
    service_level_due,
)

pytestmark = pytest.mark.disable_socket

STARTED = datetime(2026, 3, 2, 7, 15, 30, tzinfo=UTC)

days = st.integers(0, 100)


def day(number: Any) -> Any:
    return STARTED + timedelta(days=number)


def pause(first: Any, last: Any) -> Any:
    return PausedInterval(start=day(first), end=None if last is None else day(last))


def utc(*parts: int) -> datetime:
    return datetime(*parts).replace(tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], 30),
        ([pause(2, 7)], 35),
        ([pause(2, 7), pause(10, 13)], 38),
        ([pause(10, 13), pause(2, 7)], 38),  # in any order
        ([pause(2, 7), pause(4, 9)], 37),  # the overlap counts once
        ([pause(2, 12), pause(4, 6)], 40),  # one inside the other
        ([pause(5, 5)], 30),  # answered at once
        ([pause(-5, 3)], 33),  # only what lies within the clock
        ([pause(-5, -3)], 30),
        ([pause(29, 60)], 61),
        ([pause(5, 20), pause(40, 50)], 55),  # the first pause keeps the clock alive for the second
        ([pause(30, 40)], 30),  # asked when the time had run out
        ([pause(5, 20), pause(45, 50)], 45),
    ],
)
def test_adjudication_is_due_after_thirty_days_when_paused_days_are_left_out(pauses: Any, due: Any) -> None:
    assert adjudication_due(STARTED, pauses) == day(due)


@pytest.mark.parametrize("pauses", [[pause(2, None)], [pause(2, 7), pause(10, None)]])
def test_adjudication_has_no_due_time_when_a_pause_is_open(pauses: Any) -> None:
    assert adjudication_due(STARTED, pauses) is None


def test_adjudication_stays_overdue_when_documents_are_asked_for_too_late() -> None:
    assert adjudication_due(STARTED, [pause(31, None)]) == day(30)


@given(st.lists(st.tuples(days, days).map(sorted), max_size=5))
def test_adjudication_is_never_earlier_and_never_later_than_the_pauses_when_any_are_closed(
    spans: Any,
) -> None:
    due = adjudication_due(STARTED, [pause(first, last) for first, last in spans])
    assert day(30) <= due <= day(30) + sum((timedelta(last - first) for first, last in spans), timedelta())


@given(st.lists(st.tuples(days, days).map(sorted), max_size=5))
def test_thirty_unpaused_days_pass_when_adjudication_falls_due(spans: Any) -> None:
    due = adjudication_due(STARTED, [pause(first, last) for first, last in spans])
    assert due is not None
    clock_days = (due - STARTED).days
    paused = {d for first, last in spans for d in range(first, last)}
    assert len(set(range(clock_days)) - paused) == 30


def test_pause_is_refused_when_it_ends_before_it_starts() -> None:
    with pytest.raises(ValidationError):
        pause(7, 2)


def test_pause_is_refused_when_an_instant_has_no_zone() -> None:
    with pytest.raises(ValidationError):
        PausedInterval(start=datetime(2026, 3, 2))


def test_refusal_notice_is_due_on_day_three_when_adjudicated() -> None:
    assert refusal_notice_due(STARTED) == day(3)


def test_payment_is_due_on_day_ten_when_agreed() -> None:
    assert payment_due(STARTED) == day(10)


def test_advance_is_due_on_day_sixty_when_documents_first_came_in() -> None:
    assert advance_due(STARTED) == day(60)


@pytest.mark.parametrize(
    ("accident", "ends"),
    [
        # 2026-03-02 15:15 +08:00: through 2028-03-02
        (STARTED, utc(2028, 3, 2, 16)),
        # 2026-03-02 23:59:59 and 2026-03-03 00:00 +08:00 are two civil days
        (utc(2026, 3, 2, 15, 59, 59), utc(2028, 3, 2, 16)),
        (utc(2026, 3, 2, 16), utc(2028, 3, 3, 16)),
        # 29 February has no counterpart: through 28 February
        (utc(2028, 2, 29, 4), utc(2030, 2, 28, 16)),
        # 2028-02-28 16:30 UTC is 29 February in +08:00
        (utc(2028, 2, 28, 16, 30), utc(2030, 2, 28, 16)),
        # into a leap year: through 28 February, not 29
        (utc(2026, 2, 28, 4), utc(2028, 2, 28, 16)),
        (utc(2026, 12, 31, 15), utc(2028, 12, 31, 16)),
    ],
)
def test_limitation_ends_after_the_same_civil_day_when_two_years_have_passed(
    accident: Any, ends: Any
) -> None:
    assert limitation_ends(accident) == ends
    assert limitation_ends(accident).tzinfo is UTC


@given(st.datetimes(datetime(2024, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_limitation_is_never_shorter_than_two_years_when_counted_to_the_end_of_the_day(accident: Any) -> None:
    assert timedelta(days=730) < limitation_ends(accident) - accident <= timedelta(days=732)


@pytest.mark.parametrize(
    ("complete", "due"),
    [
        # Monday 2026-03-02, 15:15 +08:00: Tuesday, Wednesday
        (STARTED, utc(2026, 3, 4, 16)),
        # Monday 23:59:59 and Tuesday 00:00 +08:00
        (utc(2026, 3, 2, 15, 59, 59), utc(2026, 3, 4, 16)),
        (utc(2026, 3, 2, 16), utc(2026, 3, 5, 16)),
        # Friday and Saturday 2026-03-06/07: Monday, Tuesday
        (utc(2026, 3, 6, 4), utc(2026, 3, 10, 16)),
        (utc(2026, 3, 7, 4), utc(2026, 3, 10, 16)),
        # Thursday 2026-04-30: Labour Day 1-5 May, so 6 and 7 May
        (utc(2026, 4, 30, 4), utc(2026, 5, 7, 16)),
        # Friday 2026-05-08: Saturday the 9th is a make-up working day
        (utc(2026, 5, 8, 4), utc(2026, 5, 11, 16)),
        # Wednesday 2026-09-30: National Day 1-7 October, so 8 and 9 October
        (utc(2026, 9, 30, 4), utc(2026, 10, 9, 16)),
    ],
)
def test_service_level_is_two_prc_working_days_when_holidays_are_published(complete: Any, due: Any) -> None:
    assert service_level_due(complete) == due
    assert service_level(complete).holidays_known
    assert service_level_due(complete).tzinfo is UTC


def test_service_level_counts_monday_to_friday_and_says_so_when_holidays_are_not_published() -> None:
    # Friday 2090-10-06 in +08:00, the National Day week of a year that nobody has published
    level = service_level(utc(2090, 10, 6, 4))
    assert level.due == utc(2090, 10, 10, 16)
    assert not level.holidays_known


@given(st.datetimes(datetime(2005, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_service_level_is_two_days_at_least_when_documents_are_complete_at_any_time(complete: Any) -> None:
    assert timedelta(days=2) < service_level_due(complete) - complete <= timedelta(days=13)
