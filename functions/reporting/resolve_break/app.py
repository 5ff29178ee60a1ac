"""POST /v1/staff/breaks/{break_id}/resolution: finance says what was done about a break."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.reporting.breaks import BreakView, ResolutionBody
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.reporting import reporting

api = guarded_api()


@api.post("/v1/staff/breaks/<break_id>/resolution")
def resolve_break(break_id: str, body: ResolutionBody) -> Reply[BreakView]:
    """Say what was done about a break; the same again changes nothing.

    `reference` is the id of the record that settles it, never free text. 409 when it was resolved otherwise.
    """
    caller = api.caller
    resolved = reporting().resolve_break(caller.subject, break_id, body.resolution, body.reference)
    logger.info("break resolved", break_id=break_id, resolution=body.resolution)
    return reply(200, BreakView.of(resolved, reporting().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
