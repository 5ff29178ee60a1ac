"""POST /v1/staff/claims/{claim_no}/notes: a line for colleagues, or the answer to a complaint."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.staff import NoteBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/notes")
def note_claim(claim_no: str, body: NoteBody) -> Reply[ClaimFileView]:
    """Write a line for colleagues, or the answer to a complaint."""
    caller = api.caller
    review = claims().review_claim
    act = review.answer_complaint if body.answers_complaint else review.note
    act(caller.subject, claim_no, body.text)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
