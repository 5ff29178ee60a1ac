"""Workflow task of Payout: send the transfer under the payout's number; a lost answer is UNKNOWN."""

from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.observability import count
from daycover.platform.tasks import task


@task
def submit_payout(event: dict[str, Any]) -> dict[str, Any]:
    outcome = use_cases().pay_claim.submit(event["payout_id"])
    count("PayoutSubmitted")
    return {"outcome": outcome}


lambda_handler = submit_payout
