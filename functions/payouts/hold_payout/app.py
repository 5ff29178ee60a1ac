"""Workflow task of Payout: wait for WeChat's notice by task token, unless it has come already."""

from typing import Any

from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def hold_payout(event: dict[str, Any]) -> dict[str, Any]:
    payouts().pay_obligation.hold(event["payout_id"], event["task_token"])
    return {}


lambda_handler = hold_payout
