"""Workflow task of Payout: store the intent to pay before anything is sent."""

from typing import Any

from daycover.api.payouts.tasks import ReserveTask
from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def reserve_payout(event: dict[str, Any]) -> dict[str, Any]:
    given = ReserveTask.model_validate(event)
    reserved = payouts().pay_obligation.reserve(
        given.claim_no, obligation=given.obligation or None, advance=given.advance or None
    )
    return {"outcome": reserved.outcome, "payout_id": reserved.payout_id}


lambda_handler = reserve_payout
