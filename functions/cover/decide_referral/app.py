"""GET /v1/staff/referrals and POST …/{referral_id}/decision: staff decide; approval issues from now on."""

from typing import Any

from daycover.api.cover.referrals import ReferralDecisionBody, ReferralsView, ReferralView
from daycover.bootstrap import use_cases
from daycover.platform.http import http_api
from daycover.platform.observability import count, logger
from daycover.platform.replies import Reply, reply

api = http_api()


@api.get("/v1/staff/referrals")
def list_waiting_referrals() -> Reply[ReferralsView]:
    api.caller("staff")
    return reply(200, ReferralsView.of(use_cases().decide_referral.waiting(), use_cases().now()))


@api.post("/v1/staff/referrals/<referral_id>/decision")
def decide_referral(referral_id: str, body: ReferralDecisionBody) -> Reply[ReferralView]:
    caller = api.caller("staff", any_of=("adjuster", "senior_adjuster"))
    referral, issued = use_cases().decide_referral(caller.subject, referral_id, body.approved, body.reason)
    logger.info("referral decided", referral_id=referral_id, approved=body.approved, reason=body.reason)
    count("PolicyIssued", int(issued is not None and issued.is_new))
    return reply(200, ReferralView.of(referral, use_cases().now(), issued))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
