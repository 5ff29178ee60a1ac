"""POST /v1/staff/claims/{claim_no}/advances/{number}/acknowledgement: the second person; then it is paid."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.staff import AcknowledgementBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/advances/<number>/acknowledgement")
def acknowledge_advance(claim_no: str, number: int, body: AcknowledgementBody) -> Reply[ClaimFileView]:
    """Acknowledge an advance, or send it back; its payout starts then.

    Never by the person who stated it.
    """
    caller = api.caller
    claims().acknowledge_advance(caller.subject, claim_no, number, body.acknowledged, body.reason)
    logger.info("advance answered", claim_no=claim_no, advance=number, acknowledged=body.acknowledged)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
