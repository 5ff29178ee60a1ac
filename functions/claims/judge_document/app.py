"""POST /v1/staff/claims/{claim_no}/documents/{document_id}/verdict: accept, reject or waive one document."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.staff import VerdictBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/documents/<document_id>/verdict")
def judge_document(claim_no: str, document_id: str, body: VerdictBody) -> Reply[ClaimFileView]:
    """Accept, reject or waive one document; the assessment is computed anew.

    To waive one that never came, `document_id` may be a document type.
    """
    caller = api.caller
    claims().judge_document(caller.subject, claim_no, document_id, body.verdict())
    logger.info("document judged", claim_no=claim_no, verdict=body.status)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
