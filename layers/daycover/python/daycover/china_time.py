"""+08:00, the one zone in which this product's people read days and hours. China has no DST."""

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def china_day(instant: datetime) -> date:
    """Give the calendar day of an instant in +08:00."""
    return instant.astimezone(CHINA).date()
