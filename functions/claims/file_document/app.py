"""POST /v1/staff/claims/{claim_no}/documents, …/{document_id}/receipt and …/completion: staff file for anybody."""

from typing import Any

from daycover.api.claims.documents import AnnouncedView, ClaimDocumentBody, CompletionView, ReceiptView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/documents")
def file_document(claim_no: str, body: ClaimDocumentBody) -> Reply[AnnouncedView]:
    """Announce a document for whoever brought or sent it; it is recorded as filed by you."""
    by = claims().clerk(api.caller.subject)
    announced = claims().collect_documents.announce(by, claim_no, body.announcement())
    return reply(201, AnnouncedView.of(announced))


@api.post("/v1/staff/claims/<claim_no>/documents/<document_id>/receipt")
def receive_filed_document(claim_no: str, document_id: str) -> Reply[ReceiptView]:
    """Confirm the upload of a document that staff file."""
    by = claims().clerk(api.caller.subject)
    return reply(200, ReceiptView.of(claims().collect_documents.receive(by, claim_no, document_id)))


@api.post("/v1/staff/claims/<claim_no>/documents/completion")
def complete_filed_documents(claim_no: str) -> Reply[CompletionView]:
    """Say for the claimant that these are all papers."""
    by = claims().clerk(api.caller.subject)
    return reply(200, CompletionView(status=claims().collect_documents.all_sent(by, claim_no).status))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
