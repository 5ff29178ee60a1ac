"""POST …/notes, …/notices/{number}/delivery and …/assignment: a line for colleagues, a delivery, who works on it."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.notices import DeliveryBody
from daycover.api.claims.staff import AssignmentBody, NoteBody, assigner_of
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.bench import bench
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


@api.post("/v1/staff/claims/<claim_no>/notices/<number>/delivery")
def deliver_notice(claim_no: str, number: str, body: DeliveryBody) -> Reply[ClaimFileView]:
    """Record that a notice was posted, told by telephone or handed over.

    The first delivery counts: the pause of the 30 days begins with it, the 3 days of a refusal end.
    """
    claims().deliver_notice.by_staff(api.caller.subject, claim_no, number, body.delivery())
    logger.info("notice delivered", claim_no=claim_no, notice=number, channel=body.channel)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


@api.post("/v1/staff/claims/<claim_no>/assignment")
def assign_claim(claim_no: str, body: AssignmentBody) -> Reply[ClaimFileView]:
    """Take a claim, give it back, or hand it over to a colleague.

    Of two who take it at once one is told who has it. What a colleague has, a senior adjuster may hand over.
    """
    by = assigner_of(api)
    assign = bench().assign
    if body.to is None:
        assign.give_back(by, claim_no)
    else:
        assign.hand_to(by, claim_no, body.to)
    logger.info("claim assigned", claim_no=claim_no)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
