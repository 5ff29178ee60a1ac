"""POST /v1/staff/companies/{company_id}/credit-limit: how much a company may owe before cover is blocked."""

from typing import Any

from daycover.api.books.company import CreditView
from daycover.api.books.staff import LimitBody
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.books import books

api = guarded_api()


@api.post("/v1/staff/companies/<company_id>/credit-limit")
def set_credit_limit(company_id: str, body: LimitBody) -> Reply[CreditView]:
    """Say how much a company may owe before cover is blocked; null for no limit."""
    caller = api.caller
    exposure = books().watch_credit.limit(company_id, body.limit_fen)
    logger.info("credit limit set", company_id=company_id, staff_id=caller.subject, level=exposure.level)
    return reply(200, CreditView.of(exposure))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
