"""POST /v1/staff/policies/{policy_no}/voidance: staff void a policy that never gave cover."""

from typing import Any

from daycover.api.cover.endings import VoidanceBody
from daycover.api.cover.policies import PolicyView
from daycover.api.duties import guarded_api
from daycover.platform.observability import count, logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/staff/policies/<policy_no>/voidance")
def void_policy(policy_no: str, body: VoidanceBody) -> Reply[PolicyView]:
    """Void a policy that never gave cover, also long after."""
    caller = api.caller
    policy = cover().void_policy(caller.subject, policy_no, body.end_reason())
    logger.info("policy voided", policy_no=policy.policy_no, reason=body.reason)
    count("PolicyVoided")
    return reply(200, PolicyView.of(policy, cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
