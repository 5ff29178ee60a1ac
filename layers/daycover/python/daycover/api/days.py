"""The event of a scheduled task, read once for all of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from daycover.china_time import day_to_close


def scheduled_day(event: Mapping[str, Any]) -> date:
    """Give the +08:00 day that the task is for, by the instant at which it was scheduled."""
    return day_to_close(datetime.fromisoformat(event["scheduled_at"]))
