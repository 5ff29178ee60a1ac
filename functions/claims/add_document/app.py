"""POST …/documents, …/documents/{document_id}/receipt and …/documents/completion: announce a document, confirm its
upload, and say that this is all. The insured and their representatives do it from their accounts."""

from typing import Any

from daycover.api.claims.documents import AnnouncedView, ClaimDocumentBody, CompletionView, ReceiptView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/claims/<claim_no>/documents")
def announce_document(claim_no: str, body: ClaimDocumentBody) -> Reply[AnnouncedView]:
    """Announce a document; each page goes to the address that the answer gives for it.

    `facts` are those of its type: INVOICE, SICK_LEAVE_CERTIFICATE, ADMISSION_RECORD … have some, most have none.
    """
    by = claims().account(api.caller.subject)
    announced = claims().collect_documents.announce(by, claim_no, body.announcement())
    return reply(201, AnnouncedView.of(announced))


@api.post("/v1/claims/<claim_no>/documents/<document_id>/receipt")
def receive_document(claim_no: str, document_id: str) -> Reply[ReceiptView]:
    """Confirm the upload of a document.

    Size and SHA-256 are checked against what was announced.
    """
    by = claims().account(api.caller.subject)
    return reply(200, ReceiptView.of(claims().collect_documents.receive(by, claim_no, document_id)))


@api.post("/v1/claims/<claim_no>/documents/completion")
def complete_documents(claim_no: str) -> Reply[CompletionView]:
    """Say that these are all papers: the review begins. What is still missing is named and must come first."""
    by = claims().account(api.caller.subject)
    return reply(200, CompletionView(status=claims().collect_documents.all_sent(by, claim_no).status))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
