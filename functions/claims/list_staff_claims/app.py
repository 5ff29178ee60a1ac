"""GET /v1/staff/claims, …/{claim_no} and …/{claim_no}/insured: a queue, one whole file, and whom it is about."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.insured import InsuredView, insured_view
from daycover.api.claims.queues import QueueName, QueueView, queue_view
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims
from daycover.wiring.looks import looks

api = guarded_api()


@api.get("/v1/staff/claims")
def list_staff_claims(queue: QueueName) -> Reply[QueueView]:
    """List a queue by due time."""
    return reply(200, queue_view(queue, claims().read_claims))


@api.get("/v1/staff/claims/<claim_no>")
def read_claim_file(claim_no: str) -> Reply[ClaimFileView]:
    """Read the whole claim file (案卷)."""
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


@api.get("/v1/staff/claims/<claim_no>/insured")
def read_insured(claim_no: str) -> Reply[InsuredView]:
    """Read who the insured is, in clear for those who decide, their work, and what else they hold.

    Who was shown the person is recorded.
    """
    return reply(200, insured_view(looks().at_insured(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
