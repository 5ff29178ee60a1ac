"""GET /v1/occupations and /v1/plans: a price, a referral or a refusal, always with its reason."""

from typing import Any

from daycover.api.cover.tariff import CompanyQuery, OccupationQuery, OccupationsView, PlansView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_named
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/occupations")
def find_occupations(query: OccupationQuery = "", company_id: CompanyQuery = "") -> Reply[OccupationsView]:
    """Find occupations by what people say: the best 20, all without words; a price, a referral or a refusal.

    A company's own (answers to its occupation referrals) are among them for itself, and for a provider that names
    it in `company_id`.
    """
    own = company_named(api, company_id)
    return reply(200, OccupationsView.of(cover().read_tariff.occupations(query, own)))


@api.get("/v1/plans")
def read_plans() -> Reply[PlansView]:
    """Read the plans that are sold now."""
    return reply(200, PlansView.of(cover().read_tariff.plans()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
