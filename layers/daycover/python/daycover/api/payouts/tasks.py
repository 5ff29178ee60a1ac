"""Input of the workflow's tasks about a payout."""

from daycover.payouts.outcome import SUBMISSION_COUNTS, Outcome
from daycover.platform.http import Body


class ReserveTask(Body):
    """What is to be paid: one obligation, an advance, or (both 0) the decided amount."""

    claim_no: str
    obligation: int = 0
    advance: int = 0


class FailureTask(Body):
    """What did not come through. Without the payout it never got so far."""

    claim_no: str
    advance: int = 0
    outcome: Outcome
    payout_id: str | None = None


class IdentityTask(Body):
    """Input of the task that waits for the payee, or, without the token, reminds them."""

    claim_no: str
    payout_id: str
    task_token: str | None = None


def counted_as(outcome: Outcome) -> str:
    """Give the metric of a submission."""
    return SUBMISSION_COUNTS.get(outcome, "PayoutSubmitted")
