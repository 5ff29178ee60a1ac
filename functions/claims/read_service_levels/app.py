"""GET /v1/staff/service-levels/{month}: how fast claims were paid, which clocks ran out, what the machine approved."""

from typing import Any

from daycover.api.claims.service_levels import InsurerServiceLevelsView
from daycover.api.duties import guarded_api
from daycover.api.fields import MonthName
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/staff/service-levels/<month>")
def read_service_levels(month: MonthName) -> Reply[InsurerServiceLevelsView]:
    """Read how fast the month's claims were paid, which clocks ran out, and what share the machine approved."""
    return reply(200, InsurerServiceLevelsView.of(claims().read_service_levels.book(month)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
