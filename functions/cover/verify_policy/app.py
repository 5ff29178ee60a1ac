"""GET /v1/verifications/{policy_no}: whether a policy is genuine and in force, for anybody."""

from typing import Any

from daycover.api.cover.verification import VerificationView
from daycover.platform.http import open_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = open_api()


@api.get("/v1/verifications/<policy_no>")
def verify_policy(policy_no: str) -> Reply[VerificationView]:
    """Say whether a policy is genuine and in force."""
    policy = cover().find_policy.get(policy_no)
    return reply(200, VerificationView.of(policy, cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
