"""Workflow task of Payout: money did not arrive, or nobody knows yet; put the claim before finance."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def record_payout_failure(event: dict[str, Any]) -> dict[str, Any]:
    outcome = payouts().pay_claim.record_failure(
        event["claim_no"], event["outcome"], event.get("payout_id"), event.get("advance") or None
    )
    count("PayoutUnsuccessful")
    return {"outcome": outcome}


lambda_handler = record_payout_failure
