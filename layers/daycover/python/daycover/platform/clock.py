"""The one source of `now`. Instants are UTC; +08:00 exists only where a person reads a day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def system_clock(offset: timedelta = timedelta(0)) -> Clock:
    """Give a clock that reads the system time plus `offset` (zero except on a test stack)."""
    return lambda: datetime.now(UTC) + offset
