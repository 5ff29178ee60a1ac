"""Workflow task of CloseDay: a page of the companies whose day is to be closed."""

from datetime import datetime
from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.tasks import task


@task
def list_companies(event: dict[str, Any]) -> dict[str, Any]:
    day = use_cases().day_to_close(datetime.fromisoformat(event["scheduled_at"]))
    company_ids, token = use_cases().companies_to_close(event.get("page_token"))
    return {"day": day.isoformat(), "company_ids": company_ids, "next_token": token or ""}


lambda_handler = list_companies
