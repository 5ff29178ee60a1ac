"""GET /v1/staff/breaks?status=: what differs between the books, oldest first."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.reporting.breaks import BreakListView, StatusName
from daycover.platform.replies import Reply, reply
from daycover.wiring.reporting import reporting

api = guarded_api()


@api.get("/v1/staff/breaks")
def list_breaks(status: StatusName = StatusName.OPEN, page: str | None = None) -> Reply[BreakListView]:
    """List what differs between the books, oldest first."""
    found, next_page = reporting().breaks.list_by(status, page)
    return reply(200, BreakListView.of(found, next_page, reporting().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
