"""GET /v1/companies/{company_id}/credit: what the company owes, and whether it still gets new cover."""

from typing import Any

from daycover.api.books.company import CreditView
from daycover.platform.http import http_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access
from daycover.wiring.books import books

api = http_api()


@api.get("/v1/companies/<company_id>/credit")
def read_credit(company_id: str) -> Reply[CreditView]:
    caller = api.caller("provider", "company")
    access().act_for(caller, company_id)
    return reply(200, CreditView.of(books().watch_credit.read(company_id)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
