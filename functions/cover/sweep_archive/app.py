"""Hourly task, one segment of the hot table: archive and roster what the stream never told of."""

from typing import Any

from daycover.platform.observability import count, logger
from daycover.platform.tasks import task
from daycover.wiring.cover import cover


@task
def sweep_archive(event: dict[str, Any]) -> dict[str, Any]:
    swept = cover().sweep_archive(event["segment"], event["segments"])
    count("PolicyRepaired", len(swept.repaired))
    count("ArchiveConflict", len(swept.conflicts))
    count("HoursUnswept", int(swept.unswept.total_seconds()) // 3600)
    logger.info("segment swept", repaired=swept.repaired[:100], conflicts=swept.conflicts[:100])
    return {
        "looked_at": swept.looked_at,
        "repaired": len(swept.repaired),
        "conflicts": len(swept.conflicts),
        "finished": swept.finished,
    }


lambda_handler = sweep_archive
