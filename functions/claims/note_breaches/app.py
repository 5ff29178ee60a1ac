"""Daily: record once, as an event of the claim, every legal clock that ran out, and say whether the calendar that
clocks are counted by is known. No clock decides anything.
"""

from typing import Any

from daycover.platform.observability import count, logger
from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def note_breaches(_event: dict[str, Any]) -> dict[str, Any]:
    noted = claims().note_breaches()
    count("ClockBreached", len(noted))
    without_notice = claims().note_breaches.year_without_notice()
    count("CalendarNoticeMissing", int(without_notice is not None))
    logger.info("breaches noted", breaches=noted[:100], year_without_notice=without_notice)
    return {"breaches": len(noted)}


lambda_handler = note_breaches
