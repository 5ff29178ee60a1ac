"""POST …/documents and …/documents/{document_id}/receipt of a referral: papers for whoever decides."""

from typing import Any

from daycover.api.cover.referrals import AnnouncedDocumentView, ReferralDocumentBody, ReferralView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/referrals/<referral_id>/documents")
def announce_referral_document(referral_id: str, body: ReferralDocumentBody) -> Reply[AnnouncedDocumentView]:
    """Announce a paper, for instance an operation certificate; each page goes to the address given for it."""
    add = cover().add_referral_document
    announced = add.announce(api.caller.subject, referral_id, body.doc_type, body.files())
    return reply(201, AnnouncedDocumentView.of(announced))


@api.post("/v1/referrals/<referral_id>/documents/<document_id>/receipt")
def receive_referral_document(referral_id: str, document_id: str) -> Reply[ReferralView]:
    """Confirm the upload of a paper.

    Size and SHA-256 are checked against what was announced.
    """
    referral = cover().add_referral_document.receive(api.caller.subject, referral_id, document_id)
    return reply(200, ReferralView.of(referral, cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
