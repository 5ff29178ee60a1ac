"""POST /v1/check-ins: from a scanned code to the face check in the work card."""

from typing import Any

from daycover.api.cover.check_in import CheckInBody, CheckInView, CoveredView, answer_check_in
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/check-ins")
def check_in(body: CheckInBody) -> Reply[CheckInView | CoveredView]:
    """Check in: from a scanned code to the face check in the work card.

    201 an attempt, of whose `signals` those are shown that the worker can put right; 200 `COVERED` with the policy
    that is in force already; 409 `occupation-referred` on a project with `acceptance` `REFER`.
    """
    caller = api.caller
    outcome = cover().start_check_in(
        caller.subject,
        body.qr_token,
        body.stated(),
        body.at_place(),
        body.on_device(),
        phone=body.reached_by(),
    )
    status, view = answer_check_in(outcome, cover().merchant, cover().now())
    logger.info("check-in answered", outcome=view.status)
    return reply(status, view)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
