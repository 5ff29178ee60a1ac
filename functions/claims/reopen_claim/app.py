"""POST /v1/staff/claims/{claim_no}/reopening and …/benefits: new bills, another grade, an appeal, more benefits."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.representatives import BenefitsBody
from daycover.api.claims.staff import ReopeningBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/reopening")
def reopen_claim(claim_no: str, body: ReopeningBody) -> Reply[ClaimFileView]:
    """Reopen a closed or withdrawn claim.

    The next amount comes on top of what was paid; `claim_types` are benefits to add.
    """
    caller = api.caller
    claims().review_claim.reopen(caller.subject, claim_no, body.reason_code, body.reason, body.claim_types)
    logger.info("claim reopened", claim_no=claim_no)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


@api.post("/v1/staff/claims/<claim_no>/benefits")
def add_benefits_for_claimant(claim_no: str, body: BenefitsBody) -> Reply[ClaimFileView]:
    """Add benefits that the claimant asks for, until the decision; afterwards by reopening."""
    claims().add_benefits.for_staff(api.caller.subject, claim_no, body.claim_types)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
