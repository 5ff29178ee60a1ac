"""POST /v1/claims/{claim_no}/payee: the worker states a bank account in their own name for the payout."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.payouts.payees import PayeeBody, PayeeView
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.payouts import payouts

api = guarded_api()


@api.post("/v1/claims/<claim_no>/payee")
def state_payee(claim_no: str, body: PayeeBody) -> Reply[PayeeView]:
    """State a bank account in the insured's own name; the payout that waited for it starts.

    For sums above the wallet limit; sealed.
    """
    account = payouts().state_payee(api.caller.subject, claim_no, body.account())
    logger.info("payee stated", claim_no=claim_no)
    return reply(200, PayeeView.of(claim_no, account))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
