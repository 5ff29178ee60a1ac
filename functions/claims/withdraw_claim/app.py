"""POST …/withdrawal, …/complaint, …/benefits: the claimant gives a claim up, complains about it, claims more."""

from typing import Any

from daycover.api.claims.representatives import BenefitsBody
from daycover.api.claims.worker import ClaimView, ReasonBody, claim_view
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/claims/<claim_no>/withdrawal")
def withdraw_claim(claim_no: str, body: ReasonBody) -> Reply[ClaimView]:
    """Give a claim up, before its decision."""
    worker_id = api.caller.subject
    claims().manage_own_claim.withdraw(worker_id, claim_no, body.reason)
    return reply(200, claim_view(claims().read_claims.my_file(worker_id, claim_no)))


@api.post("/v1/claims/<claim_no>/complaint")
def complain_about_claim(claim_no: str, body: ReasonBody) -> Reply[ClaimView]:
    """Complain about a claim, in any status."""
    worker_id = api.caller.subject
    claims().manage_own_claim.complain(worker_id, claim_no, body.reason)
    return reply(200, claim_view(claims().read_claims.my_file(worker_id, claim_no)))


@api.post("/v1/claims/<claim_no>/benefits")
def add_benefits(claim_no: str, body: BenefitsBody) -> Reply[ClaimView]:
    """Claim more benefits of the same accident, until the decision."""
    worker_id = api.caller.subject
    claims().add_benefits.for_account(worker_id, claim_no, body.claim_types)
    return reply(200, claim_view(claims().read_claims.my_file(worker_id, claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
