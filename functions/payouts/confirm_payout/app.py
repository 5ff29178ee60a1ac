"""Workflow task of Payout: ask WeChat for the result under the payout's number."""

from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.tasks import task


@task
def confirm_payout(event: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": use_cases().pay_claim.confirm(event["payout_id"])}


lambda_handler = confirm_payout
