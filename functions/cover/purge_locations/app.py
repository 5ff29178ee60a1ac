"""Every day: forget positions older than 30 days, and erase what was locked until today."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.cover import cover


@task
def purge_locations(_: dict[str, Any]) -> dict[str, Any]:
    days = cover().purge_locations()
    count("LocationDayPurged", len(days))
    return {"days": days, "erasures": cover().erase_worker.run_due()}


lambda_handler = purge_locations
