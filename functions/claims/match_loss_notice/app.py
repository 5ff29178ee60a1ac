"""GET /v1/staff/loss-notices/{report_no} and POST …/match: a person finds the policy of a notice."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.queues import NoticeView, notice_view
from daycover.api.claims.staff import MatchBody
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/staff/loss-notices/<report_no>")
def read_loss_notice(report_no: str) -> Reply[NoticeView]:
    """Read a loss notice."""
    return reply(200, notice_view(claims().look_at.notice(looker_of(api), report_no)))


@api.post("/v1/staff/loss-notices/<report_no>/match")
def match_loss_notice(report_no: str, body: MatchBody) -> Reply[ClaimFileView]:
    """Match a notice to its policy, also where the times do not fit."""
    caller = api.caller
    claim = claims().report_claim.match(caller.subject, report_no, body.policy_no)
    logger.info("loss notice matched", report_no=report_no, claim_no=claim.claim_no)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim.claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
