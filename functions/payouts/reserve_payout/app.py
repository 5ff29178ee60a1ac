"""Workflow task of Payout: store the intent to pay before anything is sent."""

from typing import Any

from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def reserve_payout(event: dict[str, Any]) -> dict[str, Any]:
    reserved = payouts().pay_claim.reserve(
        event["claim_no"], advance=event.get("advance") or None, payee=event.get("payee", "INSURED")
    )
    return {"outcome": reserved.outcome, "payout_id": reserved.payout_id}


lambda_handler = reserve_payout
