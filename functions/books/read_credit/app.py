"""GET /v1/companies/{company_id}/credit: what the company owes, and whether it still gets new cover."""

from typing import Any

from daycover.api.books.company import CreditView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.books import books

api = guarded_api()


@api.get("/v1/companies/<company_id>/credit")
def read_credit(company_id: str) -> Reply[CreditView]:
    """Read what the company owes, and whether it still gets new cover.

    At `BLOCKED` new check-ins answer 409 `cover-not-available`.
    """
    company_caller(api, company_id)
    return reply(200, CreditView.of(books().watch_credit.read(company_id)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
