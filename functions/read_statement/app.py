"""GET /v1/companies/{company_id}/statements/{day}: the day's premiums, a line per policy."""

from datetime import date
from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.api.projects import StatementView
from daycover.bootstrap import use_cases
from daycover.platform.http import http_api, reply

api = http_api()


@api.get("/v1/companies/<company_id>/statements/<day>")
def read_statement(company_id: str, day: date) -> Response[StatementView]:
    caller = api.caller("provider", "company")
    use_cases().act_for(caller, company_id)
    statement, lines = use_cases().read_statement(company_id, day)
    return reply(200, StatementView.of(statement, lines))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
