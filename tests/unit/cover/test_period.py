"""Instants only: no gap, no overlap, exactly 24 hours, whatever the calendar says."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daycover.china_time import CHINA
from daycover.cover.period import COVER, RENEWAL_WINDOW, Period, next_check_in_from, next_period

FROM = datetime(2026, 11, 24, 23, 50, tzinfo=CHINA)
MINUTE = timedelta(minutes=1)
POLICY = Period(start=FROM, end=FROM + COVER)
LEAP_NIGHT = datetime(2028, 2, 28, 15, 59, tzinfo=UTC)
"""23:59 on 28 February 2028 in China: the next day is the 29th."""


def issue_for(check_ins: list[datetime]) -> list[Period]:
    """What a worker gets who checks in at these instants, one after the other."""
    periods: list[Period] = []
    for now in check_ins:
        period = next_period(now, periods[-1] if periods else None)
        if period is not None:
            periods.append(period)
    return periods


@pytest.mark.parametrize(
    ("after_start", "is_covered"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), True),
        (timedelta(hours=2, minutes=10), True),
        (timedelta(hours=24, seconds=-1), True),
        (timedelta(hours=24), False),
    ],
)
def test_loss_is_covered_when_it_is_inside_the_half_open_day(
    after_start: timedelta, is_covered: bool
) -> None:
    assert POLICY.covers(FROM + after_start) is is_covered


def test_check_in_at_2350_covers_until_one_second_before_2350_when_midnight_lies_between() -> None:
    assert POLICY.covers(datetime(2026, 11, 25, 2, 0, tzinfo=CHINA))
    assert POLICY.covers(datetime(2026, 11, 25, 23, 49, 59, tzinfo=CHINA))
    assert not POLICY.covers(datetime(2026, 11, 25, 23, 50, tzinfo=CHINA))


@pytest.mark.parametrize(
    ("left", "earns"),
    [
        (timedelta(minutes=121), None),
        (timedelta(minutes=120, microseconds=1), None),
        (timedelta(minutes=120), Period(start=POLICY.end, end=POLICY.end + COVER)),
        (timedelta(minutes=119), Period(start=POLICY.end, end=POLICY.end + COVER)),
        (timedelta(microseconds=1), Period(start=POLICY.end, end=POLICY.end + COVER)),
        (timedelta(0), Period(start=POLICY.end, end=POLICY.end + COVER)),
        (-MINUTE, Period(start=POLICY.end + MINUTE, end=POLICY.end + MINUTE + COVER)),
    ],
)  # fmt: skip
def test_check_in_earns_adjacent_cover_when_two_hours_or_less_are_left(
    left: timedelta, earns: Period | None
) -> None:
    assert next_period(POLICY.end - left, POLICY) == earns


def test_check_in_earns_nothing_when_adjacent_cover_is_already_bought() -> None:
    adjacent = Period(start=POLICY.end, end=POLICY.end + COVER)
    assert next_period(POLICY.end - timedelta(minutes=1), adjacent) is None


gaps = st.one_of(
    st.integers(1, 4 * 86_400),
    st.integers(21 * 3600, 25 * 3600),  # around the renewal window and the end
    st.sampled_from([86_400, 86_399, 86_401, 79_200, 79_199, 79_201]),
)
first_instants = st.integers(0, 7 * 366 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(first=first_instants, steps=st.lists(gaps, max_size=40))
@example(first=LEAP_NIGHT, steps=[86_399, 86_400, 60, 86_400 * 2])
def test_cover_has_no_overlap_and_no_gap_when_checking_in_at_any_times(
    first: datetime, steps: list[int]
) -> None:
    check_ins = [first]
    for step in steps:
        check_ins.append(check_ins[-1] + timedelta(seconds=step))
    periods = issue_for(check_ins)
    assert all(period.end - period.start == timedelta(hours=24) for period in periods)
    assert all(earlier.end <= later.start for earlier, later in pairwise(periods))
    assert all(any(period.covers(now) for period in periods) for now in check_ins)


@given(first=first_instants, left=st.integers(0, int(RENEWAL_WINDOW.total_seconds())))
def test_cover_is_seamless_and_never_backdated_when_renewed_in_the_window(first: datetime, left: int) -> None:
    period = Period(start=first, end=first + COVER)
    now = period.end - timedelta(seconds=left)
    renewed = next_period(now, period)
    assert renewed is not None
    assert renewed.start == period.end
    assert renewed.start >= now


@pytest.mark.parametrize(
    ("shift_ends_at", "opens"),
    [
        (None, None),
        (POLICY.end - MINUTE, None),
        (POLICY.end, None),
        (POLICY.end + MINUTE, POLICY.end - RENEWAL_WINDOW),
    ],
)
def test_worker_is_told_when_to_check_in_again_when_the_shift_outlasts_the_cover(
    shift_ends_at: datetime | None, opens: datetime | None
) -> None:
    assert next_check_in_from(POLICY, shift_ends_at) == opens


def test_period_is_written_in_chinese_time_when_people_read_it() -> None:
    assert POLICY.in_china() == "2026-11-24 23:50:00 至 2026-11-25 23:50:00(北京时间)"
    utc = Period(start=POLICY.start.astimezone(UTC), end=POLICY.end.astimezone(UTC))
    assert utc.in_china() == POLICY.in_china()
