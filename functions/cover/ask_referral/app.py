"""POST and GET /v1/referrals: a worker asks people to check who they are, and sees what came of it."""

from typing import Any

from daycover.api.cover.referrals import ReferralBody, ReferralsView, ReferralView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/referrals")
def ask_referral(body: ReferralBody) -> Reply[ReferralView]:
    """Ask people to check who one is.

    Covered with `policy_no` only; declined by itself after 30 minutes.
    """
    worker_id = api.caller.subject
    referral = cover().ask_referral(worker_id, body.qr_token, body.reason, body.shown())
    return reply(201, ReferralView.of(referral, cover().now()))


@api.get("/v1/referrals")
def list_own_referrals() -> Reply[ReferralsView]:
    """List the worker's referrals and what came of them."""
    referrals = cover().ask_referral.of(api.caller.subject)
    return reply(200, ReferralsView.of(referrals, cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
