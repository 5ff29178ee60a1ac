"""POST …/policies/{policy_no}/cancellation: worker or company cancels cover that has not begun."""

from typing import Any

from daycover.api.cover.endings import CancellationBody
from daycover.api.cover.policies import PolicyView
from daycover.api.duties import guarded_api
from daycover.platform.observability import count
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/policies/<policy_no>/cancellation")
def cancel_policy(policy_no: str, body: CancellationBody) -> Reply[PolicyView]:
    """Cancel cover that has not begun; the same again changes nothing."""
    caller = api.caller
    policy = cover().cancel_policy.by_worker(caller.subject, policy_no, body.end_reason())
    count("PolicyCancelled")
    return reply(200, PolicyView.of(policy, cover().now()))


@api.post("/v1/companies/<company_id>/policies/<policy_no>/cancellation")
def cancel_company_policy(company_id: str, policy_no: str, body: CancellationBody) -> Reply[PolicyView]:
    """Cancel cover that the company pays and that has not begun."""
    caller = company_caller(api, company_id)
    policy = cover().cancel_policy.by_company(caller, company_id, policy_no, body.end_reason())
    count("PolicyCancelled")
    return reply(200, PolicyView.of(policy, cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
