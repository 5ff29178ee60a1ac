"""POST …/consents/withdrawal: cover that rests on them ends; a claim goes on, with a person."""

from typing import Any

from daycover.api.claims.consents import ClaimConsentsView, ClaimWithdrawalBody
from daycover.api.cover.consents import WithdrawalBody, WithdrawalView
from daycover.api.duties import guarded_api
from daycover.platform.observability import count
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims
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


@api.post("/v1/claims/<claim_no>/consents/withdrawal")
def withdraw_claim_consents(claim_no: str, body: ClaimWithdrawalBody) -> Reply[ClaimConsentsView]:
    """Withdraw consents of a claim; nothing is refused by it, and a person gets in touch.
    An amount that was agreed is paid all the same.
    """
    claim = claims().consents.withdraw(api.caller.subject, claim_no, body.kinds)
    return reply(200, ClaimConsentsView.of(claim))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
