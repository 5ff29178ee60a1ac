"""GET …/projects/{project_id}/signals, …/companies/{company_id}/roster-signals: check-ins to be looked at."""

from typing import Any

from daycover.api.cover.signals import PageToken, RosterSignalsView, SignalsView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/staff/projects/<project_id>/signals")
def read_signals(project_id: str, page: PageToken = "") -> Reply[SignalsView]:
    """Read the project's check-ins that somebody should look at, newest first, 50 a page."""
    return reply(200, SignalsView.of(cover().read_signals(project_id, page or None)))


@api.get("/v1/staff/companies/<company_id>/roster-signals")
def read_roster_signals(company_id: str) -> Reply[RosterSignalsView]:
    """Read how much of the week's roster came from shared phones (F12), worst project first."""
    return reply(200, RosterSignalsView.of(cover().read_stuffing(company_id)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
