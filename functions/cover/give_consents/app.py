"""POST /v1/consents: the worker accepts texts, named by the hash of what was shown."""

from typing import Any

from daycover.api.cover.scan import ConsentsBody, ConsentsView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/consents")
def give_consents(body: ConsentsBody) -> Reply[ConsentsView]:
    """Accept texts, named by the hash of what was shown."""
    caller = api.caller
    records = cover().preview_cover.accept(caller.subject, body.qr_token, body.accepted())
    return reply(201, ConsentsView(given=[record.kind for record in records]))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
