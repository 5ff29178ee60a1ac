"""GET /v1/scan/{token}: what the worker is offered, and what is not covered, before anything is asked."""

from typing import Any

from daycover.api.cover.scan import ScanView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/scan/<token>")
def preview_cover(token: str) -> Reply[ScanView]:
    """Show what the worker is offered, and what is not covered, before anything is asked.

    With `acceptance` `REFER` the worker asks for a referral instead of checking in.
    """
    caller = api.caller
    preview = cover().preview_cover(caller.subject, token)
    return reply(200, ScanView.of(preview, cover().terms_reference, api.language))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
