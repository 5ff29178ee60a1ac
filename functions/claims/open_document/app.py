"""GET /v1/staff/claims/{claim_no}/documents/{document_id}/file: a link to an uploaded file, good for a minute."""

from typing import Annotated, Any

from pydantic import Field

from daycover.api.claims.documents import FileLinkView
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/staff/claims/<claim_no>/documents/<document_id>/file")
def open_document(
    claim_no: str, document_id: str, page: Annotated[int, Field(ge=1, le=20)] = 1
) -> Reply[FileLinkView]:
    """Give a link to a page of an uploaded document, good for a minute; who looked is logged."""
    caller = api.caller
    link = claims().open_document(claim_no, document_id, page)
    # who looked at somebody's health data, for the auditor
    logger.info("document opened", claim_no=claim_no, document_id=document_id, staff_id=caller.subject)
    return reply(200, FileLinkView(url=link))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
