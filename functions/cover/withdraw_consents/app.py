"""POST /v1/consents/withdrawal: the worker withdraws consents; cover that rests on them ends."""

from typing import Any

from daycover.api.cover.consents import WithdrawalBody, WithdrawalView
from daycover.api.duties import guarded_api
from daycover.platform.observability import count
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/consents/withdrawal")
def withdraw_consents(body: WithdrawalBody) -> Reply[WithdrawalView]:
    """Withdraw consents; cover that rests on them ends at once."""
    withdrawal = cover().withdraw_consents(
        api.caller.subject, body.kinds, project_id=body.project_id, company_id=body.company_id
    )
    count("PolicyTerminated", len(withdrawal.ended))
    return reply(200, WithdrawalView.of(withdrawal, cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
