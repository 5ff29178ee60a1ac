"""GET /v1/staff/service-levels/{month}: how fast claims were paid, and which clocks ran out, over all companies."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.api.premiums import MonthName, ServiceLevelsView
from daycover.platform.http import http_api, reply
from daycover.wiring.claims import claims

api = http_api()


@api.get("/v1/staff/service-levels/<month>")
def read_service_levels(month: MonthName) -> Response[ServiceLevelsView]:
    api.caller("staff", any_of=("finance", "auditor", "senior_adjuster"))
    return reply(200, ServiceLevelsView.of(claims().read_service_levels.book(month)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
