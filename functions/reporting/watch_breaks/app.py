"""Hourly task: count the breaks that nobody has resolved within a day."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.reporting import reporting


@task
def watch_breaks(_event: dict[str, Any]) -> dict[str, Any]:
    overdue = reporting().count_overdue_breaks()
    count("BreakOverdue", overdue)
    return {"overdue": overdue}


lambda_handler = watch_breaks
