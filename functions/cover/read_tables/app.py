"""GET /v1/staff/tables and …/versions/{version}: every version of the dated tables, and what one says."""

from typing import Any

from daycover.api.cover.tables import TableContentView, TablesView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/staff/tables")
def list_tables() -> Reply[TablesView]:
    """List every version of the dated tables: packaged, proposed, approved and withdrawn."""
    return reply(200, TablesView.of(cover().load_tables.list_all()))


@api.get("/v1/staff/tables/<table>/versions/<version>")
def read_table_version(table: str, version: str) -> Reply[TableContentView]:
    """Read what a loaded version says, as its approver must."""
    return reply(200, TableContentView.of(*cover().load_tables.read(table, version)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
