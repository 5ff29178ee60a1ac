"""GET /v1/staff/referrals and POST …/{referral_id}/decision: staff decide; approval issues from now on."""

from typing import Any

from daycover.api.cover.referrals import ReferralDecisionBody, ReferralsView, ReferralView
from daycover.api.duties import guarded_api
from daycover.platform.observability import count, logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/staff/referrals")
def list_waiting_referrals() -> Reply[ReferralsView]:
    """List the referrals that the site has confirmed.

    Also those that were approved (`ISSUING`) and have no policy yet: repeat the approval.
    """
    return reply(200, ReferralsView.of(cover().decide_referral.waiting(), cover().now()))


@api.post("/v1/staff/referrals/<referral_id>/decision")
def decide_referral(referral_id: str, body: ReferralDecisionBody) -> Reply[ReferralView]:
    """Decide a referral; on approval cover begins at this moment.

    `reason` is a code.
    """
    caller = api.caller
    referral, issued = cover().decide_referral(caller.subject, referral_id, body.approved, body.reason)
    logger.info("referral decided", referral_id=referral_id, approved=body.approved)
    count("PolicyIssued", int(issued is not None and issued.is_new))
    return reply(200, ReferralView.of(referral, cover().now(), issued))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
