"""+08:00, the one zone in which this product's people read days and hours. China has no DST."""

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def china_day(instant: datetime) -> date:
    """Give the calendar day of an instant in +08:00."""
    return instant.astimezone(CHINA).date()


def day_to_close(scheduled_at: datetime) -> date:
    """Give the +08:00 day that a scheduled close or reconciliation is for: the last one that has ended."""
    return china_day(scheduled_at) - timedelta(days=1)
