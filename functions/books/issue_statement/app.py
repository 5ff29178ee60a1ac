"""Workflow task of CloseDay: one company's premium statement. Running it again changes nothing."""

from datetime import date
from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.books import books


@task
def issue_statement(event: dict[str, Any]) -> dict[str, Any]:
    statement = books().issue_statement(event["company_id"], date.fromisoformat(event["day"]))
    count("StatementIssued")
    return {
        "company_id": statement.company_id,
        "policies": statement.policies,
        "premium_fen": statement.premium_fen,
        "revision": statement.revision,
    }


lambda_handler = issue_statement
