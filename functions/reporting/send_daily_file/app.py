"""Workflow task of ReconcileDay: one company's day as a file for the insurer. Same rows, same file."""

from datetime import date
from typing import Any

from daycover.platform.observability import logger
from daycover.platform.tasks import task
from daycover.wiring.reporting import reporting


@task
def send_daily_file(event: dict[str, Any]) -> dict[str, Any]:
    file, answer = reporting().send_daily_file(event["company_id"], date.fromisoformat(event["day"]))
    logger.info("daily file answered", file_id=file.file_id, state=answer.state, rows=file.count)
    return {"company_id": file.company_id, "day": event["day"], "file": answer.state, "rows": file.count}


lambda_handler = send_daily_file
