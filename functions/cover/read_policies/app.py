"""GET /v1/policies and /v1/policies/{policy_no}: the worker's own policies, whoever paid for them."""

from typing import Any

from daycover.api.cover.policy_files import PoliciesView, PolicyFileView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/policies")
def list_policies(before: str | None = None) -> Reply[PoliciesView]:
    """List the worker's own policies, whoever paid for them, for ever.

    The 100 newest, or those before the policy number `before`; `next` is the number to go on with, null at the end.
    """
    policies = cover().read_policies.all_of(api.caller.subject, before)
    return reply(200, PoliciesView.of(policies, cover().now()))


@api.get("/v1/policies/<policy_no>")
def read_policy(policy_no: str) -> Reply[PolicyFileView]:
    """Read a policy with its plan and exclusions, those of its project's occupation too."""
    policies, now = cover().read_policies, cover().now()
    policy = policies.one_of(api.caller.subject, policy_no)
    view = PolicyFileView.with_terms(policy, policies.project_of(policy), now, cover().terms_reference)
    return reply(200, view)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
