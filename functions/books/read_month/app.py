"""GET /v1/companies/{company_id}/months/{month}: people-days, premium, claims, loss ratio and service levels."""

from typing import Any

from daycover.api.books.company import MonthView
from daycover.api.duties import guarded_api
from daycover.api.fields import MonthName
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.books import books
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/companies/<company_id>/months/<month>")
def read_month(company_id: str, month: MonthName) -> Reply[MonthView]:
    """Read the company's month: people-days, premium, claims, loss ratio and service levels.

    `month` is `2026-11`; `service` is that of `GET /v1/staff/service-levels/{month}`, of this company.
    """
    company_caller(api, company_id)
    figures = books().read_figures.month(company_id, month)
    levels = claims().read_service_levels.company(company_id, month)
    return reply(200, MonthView.of(figures, levels))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
