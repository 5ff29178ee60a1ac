"""POST and GET /v1/companies/{company_id}/occupation-referrals: work that the table does not list."""

from typing import Any

from daycover.api.cover.occupations import (
    OccupationReferralBody,
    OccupationReferralsView,
    OccupationReferralView,
)
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/companies/<company_id>/occupation-referrals")
def refer_occupation(company_id: str, body: OccupationReferralBody) -> Reply[OccupationReferralView]:
    """State work that no occupation of the table is, and ask an underwriter for its class.

    200 with the referral or its answer where the company has asked by this name before.
    """
    caller = company_caller(api, company_id)
    referral, is_new = cover().refer_occupation(company_id, body.stated(), caller.role, caller.subject)
    return reply(201 if is_new else 200, OccupationReferralView.of(referral, cover().now()))


@api.get("/v1/companies/<company_id>/occupation-referrals")
def list_occupation_referrals(company_id: str) -> Reply[OccupationReferralsView]:
    """List what the company has asked about, the newest first, with the answers."""
    company_caller(api, company_id)
    return reply(200, OccupationReferralsView.of(cover().refer_occupation.of(company_id), cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
