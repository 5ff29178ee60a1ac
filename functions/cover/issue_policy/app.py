"""POST /v1/check-ins/{check_in_id}/policy: turn a proven check-in into 24 hours of cover."""

from typing import Any

from daycover.api.cover.issued import IssuedView, PendingView, answer_issued
from daycover.api.duties import guarded_api
from daycover.platform.observability import count
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/check-ins/<check_in_id>/policy")
def issue_policy(check_in_id: str) -> Reply[IssuedView | PendingView]:
    """Turn a proven check-in into 24 hours of cover.

    201 the policy, with `warnings` where the shift ends after the cover; 200 the same policy again; 202 with
    `Retry-After` while the work card still waits for the face.
    """
    issued = cover().prove_check_in(api.caller.subject, check_in_id)
    if issued.is_new:
        count("PolicyIssued")
    status, view, headers = answer_issued(issued, cover().now())
    return reply(status, view, headers)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
