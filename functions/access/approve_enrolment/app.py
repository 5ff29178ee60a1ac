"""POST /v1/staff/proposals/{proposal_id}/approval and …/withdrawal: another person lets a proposal take effect."""

from typing import Any

from daycover.api.access.enrolment import ApprovedView, ProposalView
from daycover.api.duties import guarded_api
from daycover.platform.observability import count, logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access

api = guarded_api()


@api.post("/v1/staff/proposals/<proposal_id>/approval")
def approve_proposal(proposal_id: str) -> Reply[ApprovedView]:
    """Approve what another person proposed; it takes effect at once.

    A client secret or an invitation is in this answer and nowhere else: if the answer is lost, revoke or let expire
    what it gave and propose another.
    """
    approved = access().enrol.approve(proposal_id, api.caller.subject)
    logger.info("proposal approved", proposal_id=proposal_id, kind=approved.proposal.content.kind)
    count("ProposalApproved")
    return reply(200, ApprovedView.of(approved))


@api.post("/v1/staff/proposals/<proposal_id>/withdrawal")
def withdraw_proposal(proposal_id: str) -> Reply[ProposalView]:
    """Take back a proposal that nobody has approved."""
    return reply(200, ProposalView.of(access().enrol.withdraw(proposal_id, api.caller.subject)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
