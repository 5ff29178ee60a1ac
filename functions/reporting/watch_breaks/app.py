"""Hourly task: count the breaks that nobody has resolved within a day."""

from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.observability import count
from daycover.platform.tasks import task


@task
def watch_breaks(_event: dict[str, Any]) -> dict[str, Any]:
    overdue = use_cases().count_overdue_breaks()
    count("BreakOverdue", overdue)
    return {"overdue": overdue}


lambda_handler = watch_breaks
