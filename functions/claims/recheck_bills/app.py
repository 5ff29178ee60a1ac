"""POST /v1/staff/claims/{claim_no}/bills/check: ask the platforms for every bill of a claim anew."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/bills/check")
def recheck_bills(claim_no: str) -> Reply[ClaimFileView]:
    """Ask the platforms for every bill of the claim: one may have been issued late, or reversed since."""
    sheet = claims().verify_bills.again(api.caller.subject, claim_no)
    logger.info("bills checked anew", claim_no=claim_no, sheet=sheet.version)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
