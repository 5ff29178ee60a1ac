"""Workflow task of ReconcileDay: compare one company's day in all books. Safe to run again."""

from datetime import date
from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.observability import count
from daycover.platform.tasks import task


@task
def reconcile_company(event: dict[str, Any]) -> dict[str, Any]:
    found = use_cases().reconcile_company(event["company_id"], date.fromisoformat(event["day"]))
    count("BreakFound", found.new_breaks)
    return {"company_id": event["company_id"], **found._asdict()}


lambda_handler = reconcile_company
