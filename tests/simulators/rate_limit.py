"""Calls-per-interval limits, counted over a sliding window."""

import threading
from collections import deque


class RateLimit:
    """At most `calls` in any `seconds`; a refused call is not counted."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._lock = threading.Lock()
        self._admitted: deque[float] = deque()

    def admits(self, now: float) -> bool:
        """Count a call at `now` (seconds, any origin) and tell whether it is within the limit."""
        with self._lock:
            while self._admitted and self._admitted[0] <= now - self._seconds:
                self._admitted.popleft()
            if len(self._admitted) >= self._calls:
                return False
            self._admitted.append(now)
            return True
