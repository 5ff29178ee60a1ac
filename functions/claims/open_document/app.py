"""GET …/documents/{document_id}/file: a link to an uploaded file, good for a minute; GET …/looks: who looked."""

from typing import Any

from daycover.api.claims.documents import PageNumber
from daycover.api.claims.looks import LegalGroundName, LooksView
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.api.uploads import FileLinkView
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/staff/claims/<claim_no>/documents/<document_id>/file")
def open_document(
    claim_no: str, document_id: str, page: PageNumber = 1, legal_ground: LegalGroundName | None = None
) -> Reply[FileLinkView]:
    """Give a link to a page of an uploaded document, good for a minute; who looked is recorded.
    `legal_ground` is needed once the claimant has withdrawn the consent to use health data.
    """
    url = claims().look_at.document(looker_of(api), claim_no, document_id, legal_ground, page)
    return reply(200, FileLinkView(url=url))


@api.get("/v1/staff/claims/<claim_no>/looks")
def read_looks(claim_no: str) -> Reply[LooksView]:
    """Read who was shown the claim's health data in clear, newest first.
    `claim_no` may be a report's number before it has a claim.
    """
    return reply(200, LooksView.of(claims().look_at.of(claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
