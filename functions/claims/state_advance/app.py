"""POST /v1/staff/claims/{claim_no}/advances: an adjuster states the certain part; somebody else must acknowledge."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.staff import AdvanceBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/claims/<claim_no>/advances")
def state_advance(claim_no: str, body: AdvanceBody) -> Reply[ClaimFileView]:
    """State the certain part of a claim; somebody else must acknowledge.

    From day 60 on (Insurance Law art. 25), or of a disputed amount; at most what the accepted documents support.
    """
    caller = api.caller
    claims().state_advance(caller.subject, claim_no, body.part())
    logger.info("advance stated", claim_no=claim_no)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
