"""POST /v1/staff/claims/{claim_no}/acknowledgement: the second person, never the one who decided."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.staff import AcknowledgementBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/acknowledgement")
def acknowledge_decision(claim_no: str, body: AcknowledgementBody) -> Reply[ClaimFileView]:
    """Acknowledge a decision, or send it back.

    Never by the person who decided.
    """
    caller = api.caller
    claims().acknowledge_decision(caller.subject, claim_no, body.acknowledged, body.reason)
    logger.info("decision answered", claim_no=claim_no, acknowledged=body.acknowledged)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
