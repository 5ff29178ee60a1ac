"""Workflow task of Payout: wait until the payee has proved who they are, or remind them. Never an end."""

from typing import Any

from daycover.api.payouts.tasks import IdentityTask
from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def request_identity(event: dict[str, Any]) -> dict[str, Any]:
    asked = IdentityTask.model_validate(event)
    if asked.task_token is not None:
        payouts().request_identity.hold(asked.claim_no, asked.payout_id, asked.task_token)
    else:
        payouts().request_identity.remind(asked.claim_no, asked.payout_id)
        count("PayeeReminded")
    return {}


lambda_handler = request_identity
