"""GET /v1/health: the API answers. Touches nothing else, so that an outage behind it is told apart."""

from typing import Any

from daycover.api.access.health import HealthView
from daycover.platform.http import open_api
from daycover.platform.replies import Reply, reply

api = open_api()


@api.get("/v1/health")
def check_health() -> Reply[HealthView]:
    """Say that the API answers."""
    return reply(200, HealthView())


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
