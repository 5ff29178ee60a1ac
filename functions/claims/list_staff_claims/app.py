"""GET /v1/staff/claims, /v1/staff/claim-search, …/{claim_no} and …/insured: queues, a search, a file, its person."""

from typing import Any

from daycover.api.claims import queues as asked
from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.insured import InsuredView, insured_view
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.bench import bench
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/staff/claims")
def list_staff_claims(
    queue: asked.QueueName,
    *,
    page: asked.QueuePageNumber = 1,
    benefit: asked.BenefitName | None = None,
    status: asked.StatusName | None = None,
    due: asked.Due | None = None,
    whose: asked.Whose | None = None,
) -> Reply[asked.QueueView]:
    """List a page of a queue by due time, of all that waits or of a part; the first page counts every queue."""
    queues = bench().queues
    found = queues.page(queue, asked.wanted_by(api.caller.subject, benefit, status, due, whose), page)
    return reply(200, asked.queue_view(queue, found, queues.counts() if page == 1 else None))


@api.get("/v1/staff/claim-search")
def search_claims(number: asked.NumberPart) -> Reply[asked.FoundClaimsView]:
    """Find claims by a part of their number (4 characters at least), or by their policy's number.

    In any case, with or without dashes and spaces. A part finds what is under way, a whole number everything.
    """
    return reply(200, asked.found_claims_view(bench().queues.search(number)))


@api.get("/v1/staff/claims/<claim_no>")
def read_claim_file(claim_no: str) -> Reply[ClaimFileView]:
    """Read the whole claim file (案卷)."""
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


@api.get("/v1/staff/claims/<claim_no>/insured")
def read_insured(claim_no: str) -> Reply[InsuredView]:
    """Read who the insured is, in clear for those who decide, their work, and what else they hold.

    Who was shown the person is recorded.
    """
    return reply(200, insured_view(bench().at_insured(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
