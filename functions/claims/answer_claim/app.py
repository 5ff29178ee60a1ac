"""POST …/answer and …/notices/{number}/receipt: the worker answers the amount, or has read a notice."""

from typing import Any

from daycover.api.claims.worker import AnswerBody, ClaimView, claim_view
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/claims/<claim_no>/answer")
def answer_claim(claim_no: str, body: AnswerBody) -> Reply[ClaimView]:
    """Accept or dispute the amount."""
    worker_id = api.caller.subject
    claims().answer_claim(worker_id, claim_no, body.answer, body.reason)
    return reply(200, claim_view(claims().read_claims.my_file(worker_id, claim_no)))


@api.post("/v1/claims/<claim_no>/notices/<number>/receipt")
def read_notice(claim_no: str, number: str) -> Reply[ClaimView]:
    """Say that a notice was opened in the app: that delivers it, unless something else has."""
    worker_id = api.caller.subject
    claims().deliver_notice.by_reading(worker_id, claim_no, number)
    return reply(200, claim_view(claims().read_claims.my_file(worker_id, claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
