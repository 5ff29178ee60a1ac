"""GET …/referrals and POST …/{referral_id}/confirmation or …/decline: the operator answers for a worker on site."""

from typing import Any

from daycover.api.cover.gate import SiteReferralsView, SiteReferralView
from daycover.api.cover.referrals import ReferralView, SiteDeclineBody
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/companies/<company_id>/projects/<project_id>/referrals")
def list_project_referrals(company_id: str, project_id: str) -> Reply[SiteReferralsView]:
    """List the project's referrals; names and the ends of numbers are in clear for the company's own people."""
    company_caller(api, company_id)
    referrals = cover().confirm_referral.of_project(company_id, project_id)
    now = cover().now()
    return reply(200, SiteReferralsView(referrals=[SiteReferralView.at_site(one, now) for one in referrals]))


@api.post("/v1/companies/<company_id>/projects/<project_id>/referrals/<referral_id>/confirmation")
def confirm_referral(company_id: str, project_id: str, referral_id: str) -> Reply[ReferralView]:
    """Confirm that person and document were seen on site."""
    caller = company_caller(api, company_id)
    confirm = cover().confirm_referral
    referral = confirm(company_id, project_id, referral_id, caller.role, caller.subject)
    return reply(200, ReferralView.of(referral, cover().now()))


@api.post("/v1/companies/<company_id>/projects/<project_id>/referrals/<referral_id>/decline")
def decline_referral(
    company_id: str, project_id: str, referral_id: str, body: SiteDeclineBody
) -> Reply[ReferralView]:
    """Say that this person is not on site, or not whom the document names.

    Possible until the insurer has decided. The worker sees the reason and may ask anew.
    """
    caller = company_caller(api, company_id)
    decline = cover().confirm_referral.decline
    referral = decline(company_id, project_id, referral_id, caller.role, caller.subject, because=body.reason)
    return reply(200, ReferralView.of(referral, cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
