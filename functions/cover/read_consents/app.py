"""GET /v1/consents: everything that the worker ever consented to or withdrew."""

from typing import Any

from daycover.api.cover.consents import ConsentHistoryView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/consents")
def read_consents(page: str | None = None) -> Reply[ConsentHistoryView]:
    """Read everything that the worker ever consented to or withdrew."""
    entries, token = cover().consent_history.history(api.caller.subject, page)
    return reply(200, ConsentHistoryView.of(entries, token))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
