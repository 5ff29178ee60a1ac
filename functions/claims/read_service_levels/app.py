"""GET /v1/staff/service-levels/{month}: how fast claims were paid, and which clocks ran out, over all companies."""

from typing import Any

from daycover.api.claims.service_levels import ServiceLevelsView
from daycover.api.duties import guarded_api
from daycover.api.fields import MonthName
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/staff/service-levels/<month>")
def read_service_levels(month: MonthName) -> Reply[ServiceLevelsView]:
    """Read how fast the month's claims were paid, and which clocks ran out, over all companies."""
    return reply(200, ServiceLevelsView.of(claims().read_service_levels.book(month)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
