"""POST /v1/staff/claims/{claim_no}/payout: finance starts or repeats a payout; it can't pay twice.

`?obligation=<number>` names one obligation of the claim instead of its decided amount.
"""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.payouts.triggers import ExecutionView, ObligationNumber
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.payouts import payouts

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/payout")
def trigger_payout(claim_no: str, obligation: ObligationNumber = None) -> Reply[ExecutionView]:
    """Start or repeat a payout; it can't pay twice.

    `obligation` names one obligation of the claim, e.g. of an advance, instead of its decided amount.
    """
    execution = payouts().trigger_payout(claim_no, obligation)
    logger.info("payout triggered", claim_no=claim_no, obligation=obligation)
    return reply(202, ExecutionView(execution=execution))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
