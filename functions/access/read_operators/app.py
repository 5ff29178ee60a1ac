"""GET /v1/companies/{company_id}/operators and …/deeds: the people of a company, and what they did in its name."""

from typing import Any

from daycover.api.access.operators import DeedsView, OperatorsView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access, company_caller

LISTED = 100
api = guarded_api()


@api.get("/v1/companies/<company_id>/operators")
def list_operators(company_id: str) -> Reply[OperatorsView]:
    """List a company's operators, those who left too, and the invitations that are open."""
    company_caller(api, company_id)
    return reply(200, OperatorsView.of(*access().manage_operators.list_of(company_id)))


@api.get("/v1/companies/<company_id>/deeds")
def list_deeds(company_id: str, page: str | None = None) -> Reply[DeedsView]:
    """List who asked for what in the company's name, the newest first."""
    company_caller(api, company_id)
    return reply(200, DeedsView.of(*access().deeds.list_page(company_id, page, LISTED)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
