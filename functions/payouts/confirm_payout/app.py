"""Workflow task of Payout: ask WeChat for the result under the payout's number."""

from typing import Any

from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def confirm_payout(event: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": payouts().pay_obligation.confirm(event["payout_id"])}


lambda_handler = confirm_payout
