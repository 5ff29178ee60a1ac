"""+08:00, the one zone in which this product's people read days and hours. China has no DST."""

from datetime import date, datetime, time, timedelta, timezone
from math import ceil

CHINA = timezone(timedelta(hours=8))


def china_day(instant: datetime) -> date:
    """Give the calendar day of an instant in +08:00."""
    return instant.astimezone(CHINA).date()


def china_midnight(day: date) -> datetime:
    """Give the instant at which a day begins in +08:00."""
    return datetime.combine(day, time(), CHINA)


def seconds_left_of_day(instant: datetime) -> int:
    """Give the seconds to the next midnight in +08:00, rounded up: 1 to 86,400."""
    local = instant.astimezone(CHINA)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return ceil((midnight - local).total_seconds())


def day_to_close(scheduled_at: datetime) -> date:
    """Give the +08:00 day that a scheduled close or reconciliation is for: the last one that has ended."""
    return china_day(scheduled_at) - timedelta(days=1)
