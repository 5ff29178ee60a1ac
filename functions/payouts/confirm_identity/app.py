"""POST /v1/staff/claims/{claim_no}/identity-confirmation: two people saw the payee where the card cannot."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.payouts.confirmations import ConfirmationBody, ConfirmationView
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.payouts import payouts

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/identity-confirmation")
def confirm_identity(claim_no: str, body: ConfirmationBody) -> Reply[ConfirmationView]:
    """Confirm that the payee was seen with their document.

    By two people, neither of whom decided or acknowledged the claim.
    """
    caller = api.caller
    identity = payouts().confirm_identity(caller.subject, claim_no, body.document_type, body.payee)
    view = ConfirmationView.of(identity, payouts().now())
    logger.info("payee seen by staff", claim_no=claim_no, status=view.status)
    return reply(200, view)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
