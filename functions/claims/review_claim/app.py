"""POST …/supplement and …/investigation: ask once for everything, or look closer."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.staff import InvestigationBody, SupplementBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/supplement")
def request_supplement(claim_no: str, body: SupplementBody) -> Reply[ClaimFileView]:
    """Ask once for everything that is missing; the 30 days pause from the delivery.

    Once a round of review, with all that the checklist misses.
    """
    caller = api.caller
    claims().review_claim.request_supplement(caller.subject, claim_no, body.documents, body.reason)
    logger.info("supplement requested", claim_no=claim_no, documents=body.documents)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


@api.post("/v1/staff/claims/<claim_no>/investigation")
def investigate_claim(claim_no: str, body: InvestigationBody) -> Reply[ClaimFileView]:
    """Open or close an investigation: 10 days, the 30 days go on."""
    caller = api.caller
    review = claims().review_claim
    act = review.open_investigation if body.action == "OPEN" else review.close_investigation
    act(caller.subject, claim_no, body.reason_code, body.reason)
    logger.info("investigation", claim_no=claim_no, action=body.action)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
