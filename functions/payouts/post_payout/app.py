"""Workflow task of Payout: record the money and the paid claim."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def post_payout(event: dict[str, Any]) -> dict[str, Any]:
    outcome = payouts().pay_obligation.post(event["payout_id"])
    count("PayoutPosted")
    return {"outcome": outcome}


lambda_handler = post_payout
