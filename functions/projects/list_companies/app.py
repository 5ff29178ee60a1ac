"""Workflow task of CloseDay: a page of the companies whose day is to be closed."""

from typing import Any

from daycover.api.days import scheduled_day
from daycover.platform.tasks import task
from daycover.wiring.projects import projects


@task
def list_companies(event: dict[str, Any]) -> dict[str, Any]:
    day = scheduled_day(event)
    company_ids, token = projects().list_companies(event.get("page_token"))
    return {"day": day.isoformat(), "company_ids": company_ids, "next_token": token or ""}


lambda_handler = list_companies
