"""When cover begins and ends. Knows instants only, never calendar dates: a night shift is no special case."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from daycover.china_time import CHINA

COVER = timedelta(hours=24)
RENEWAL_WINDOW = timedelta(minutes=120)
"""With this much or less left, a check-in buys adjacent cover instead of returning the old policy."""


class Period(BaseModel, frozen=True, defer_build=True):
    """The half-open interval [start, end) of one policy, in UTC."""

    start: datetime
    end: datetime

    def covers(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def in_china(self) -> str:
        """Write it for a person, in +08:00."""
        start, end = (instant.astimezone(CHINA) for instant in (self.start, self.end))
        return f"{start:%Y-%m-%d %H:%M:%S} 至 {end:%Y-%m-%d %H:%M:%S}(北京时间)"


def next_check_in_from(period: Period, shift_ends_at: datetime | None) -> datetime | None:
    """Give when the renewal window opens for somebody whose shift is planned to outlast the cover, else None."""
    if shift_ends_at is None or shift_ends_at <= period.end:
        return None
    return period.end - RENEWAL_WINDOW


def next_period(now: datetime, latest: Period | None) -> Period | None:
    """Give the period that a check-in at `now` earns, or None while the latest one still serves.

    Within the last two hours of cover the new period begins where the old one ends, so that a night
    worker who arrives early has neither a gap nor an overlap.
    """
    if latest is None or latest.end <= now:
        return Period(start=now, end=now + COVER)
    if now < latest.start:  # adjacent cover is already bought
        return None
    if latest.end - now <= RENEWAL_WINDOW:
        return Period(start=latest.end, end=latest.end + COVER)
    return None
