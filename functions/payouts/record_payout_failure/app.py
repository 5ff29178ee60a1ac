"""Workflow task of Payout: money did not arrive, or nobody knows yet; put the claim before finance."""

from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.observability import count
from daycover.platform.tasks import task


@task
def record_payout_failure(event: dict[str, Any]) -> dict[str, Any]:
    outcome = use_cases().pay_claim.record_failure(
        event["claim_no"], event["outcome"], event.get("payout_id"), event.get("advance") or None
    )
    count("PayoutUnsuccessful")
    return {"outcome": outcome}


lambda_handler = record_payout_failure
