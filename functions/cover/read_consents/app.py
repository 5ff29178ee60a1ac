"""GET /v1/consents: everything that the worker ever consented to or withdrew."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.api.consents import ConsentHistoryView
from daycover.platform.http import http_api, reply
from daycover.wiring.cover import cover

api = http_api()


@api.get("/v1/consents")
def read_consents(page: str | None = None) -> Response[ConsentHistoryView]:
    entries, token = cover().consent_history.history(api.caller("worker").subject, page)
    return reply(200, ConsentHistoryView.of(entries, token))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
