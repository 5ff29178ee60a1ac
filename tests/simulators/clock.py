"""The simulators' clock: real time plus an offset, so that expiry can be tested without waiting."""

import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
"""WeChat's days, limits and printed times are all in +08:00."""


class SimulatorClock:
    """Real time, shifted by `offset_seconds`; timestamps of signatures always use real time instead."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset_seconds = 0.0

    @property
    def offset_seconds(self) -> float:
        with self._lock:
            return self._offset_seconds

    def shift_to(self, offset_seconds: float) -> None:
        """Set the distance from real time (not cumulative; 0 is real time again)."""
        with self._lock:
            self._offset_seconds = offset_seconds

    def seconds(self) -> float:
        """Return the simulated Unix time."""
        return time.time() + self.offset_seconds

    def now(self) -> datetime:
        """Return the simulated instant, aware, in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def today(self) -> date:
        """Return the simulated calendar date at +08:00, the day that daily limits count in."""
        return self.now().astimezone(BEIJING).date()


def print_instant(instant: datetime) -> str:
    """Format an instant as WeChat Pay does: RFC 3339, whole seconds, +08:00."""
    return instant.astimezone(BEIJING).isoformat(timespec="seconds")
