"""POST /v1/staff/claims/{claim_no}/decision: an adjuster decides; somebody else must acknowledge."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.staff import ClaimDecisionBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/decision")
def decide_claim(claim_no: str, body: ClaimDecisionBody) -> Reply[ClaimFileView]:
    """Decide a claim; somebody else must acknowledge."""
    caller = api.caller
    claims().decide_claim(caller.subject, claim_no, body.verdict())
    logger.info("claim decided", claim_no=claim_no, decision=body.decision)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
