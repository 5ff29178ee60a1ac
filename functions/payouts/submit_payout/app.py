"""Workflow task of Payout: send the transfer under the payout's number; a lost answer is UNKNOWN."""

from typing import Any

from daycover.api.payouts.tasks import counted_as
from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def submit_payout(event: dict[str, Any]) -> dict[str, Any]:
    outcome = payouts().pay_obligation.submit(event["payout_id"])
    count(counted_as(outcome))
    return {"outcome": outcome}


lambda_handler = submit_payout
