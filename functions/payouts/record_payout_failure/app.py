"""Workflow task of Payout: money did not arrive, or nobody knows yet; put the claim before finance."""

from typing import Any

from daycover.api.payouts.tasks import FailureTask
from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def record_payout_failure(event: dict[str, Any]) -> dict[str, Any]:
    failure = FailureTask.model_validate(event)
    outcome = payouts().pay_obligation.record_failure(
        failure.claim_no, failure.outcome, failure.payout_id, advance=failure.advance or None
    )
    count("PayoutUnsuccessful")
    return {"outcome": outcome}


lambda_handler = record_payout_failure
