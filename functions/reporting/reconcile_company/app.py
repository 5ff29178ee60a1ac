"""Workflow task of ReconcileDay: compare one company's day in all books. Safe to run again."""

from datetime import date
from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.reporting import reporting


@task
def reconcile_company(event: dict[str, Any]) -> dict[str, Any]:
    found = reporting().reconcile_company(event["company_id"], date.fromisoformat(event["day"]))
    count("BreakFound", found.new_breaks)
    return {"company_id": event["company_id"], **found._asdict()}


lambda_handler = reconcile_company
