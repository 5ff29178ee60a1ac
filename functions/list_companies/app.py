"""Workflow task of CloseDay: the companies whose day is to be closed."""

from datetime import datetime
from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.tasks import task


@task
def list_companies(event: dict[str, Any]) -> dict[str, Any]:
    day = use_cases().day_to_close(datetime.fromisoformat(event["scheduled_at"]))
    return {"day": day.isoformat(), "company_ids": use_cases().companies.list_all()}


lambda_handler = list_companies
