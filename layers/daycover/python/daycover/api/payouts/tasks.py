"""Input of the workflow's tasks about a payout."""

from daycover.platform.http import Body


class IdentityTask(Body):
    """Input of the task that waits for the payee, or, without the token, reminds them."""

    claim_no: str
    payout_id: str
    task_token: str | None = None
