"""POST /v1/staff/tables/…: one person proposes a version of a table, another approves it; or it is withdrawn."""

from typing import Any

from daycover.api.cover.tables import (
    MAX_TABLE_BYTES,
    CalendarBody,
    OccupationsBody,
    PlansBody,
    TableVersionView,
)
from daycover.api.duties import guarded_api
from daycover.platform.observability import count, logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api(MAX_TABLE_BYTES)


@api.post("/v1/staff/tables/plans/versions")
def propose_plans(body: PlansBody) -> Reply[TableVersionView]:
    """Propose a version of the tariff; it holds once another person has approved it."""
    return reply(201, TableVersionView.of(cover().load_tables.propose("plans", body, api.caller.subject)))


@api.post("/v1/staff/tables/occupations/versions")
def propose_occupations(body: OccupationsBody) -> Reply[TableVersionView]:
    """Propose a version of the occupation table; it holds once another person has approved it."""
    proposed = cover().load_tables.propose("occupations", body, api.caller.subject)
    return reply(201, TableVersionView.of(proposed))


@api.post("/v1/staff/tables/calendar/versions")
def propose_calendar(body: CalendarBody) -> Reply[TableVersionView]:
    """Propose a year's notice of holidays; it holds once another person has approved it."""
    return reply(201, TableVersionView.of(cover().load_tables.propose("calendar", body, api.caller.subject)))


@api.post("/v1/staff/tables/<table>/versions/<version>/approval")
def approve_table_version(table: str, version: str) -> Reply[TableVersionView]:
    """Approve what another person proposed: it holds from its beginning on and is never changed."""
    approved = cover().load_tables.approve(table, version, api.caller.subject)
    logger.info("table version approved", table=approved.table, version=approved.version)
    count("TableVersionApproved")
    return reply(200, TableVersionView.of(approved))


@api.post("/v1/staff/tables/<table>/versions/<version>/withdrawal")
def withdraw_table_version(table: str, version: str) -> Reply[TableVersionView]:
    """Withdraw a proposal, or an approved version until an hour before it begins."""
    withdrawn = cover().load_tables.withdraw(table, version, api.caller.subject)
    logger.info("table version withdrawn", table=withdrawn.table, version=withdrawn.version)
    return reply(200, TableVersionView.of(withdrawn))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
