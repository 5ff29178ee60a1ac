"""Input of the workflow's tasks that open a step of a claim or remind of it."""

from typing import Annotated

from pydantic import Field

from daycover.claims.steps import WaitStep
from daycover.platform.http import Body


class StepTask(Body):
    """Input of the tasks that open a step of the workflow. The token is a secret."""

    claim_no: str
    step: WaitStep
    task_token: Annotated[str, Field(repr=False)]


def counted_as(outcome: str) -> str:
    """Give the metric of an assessment; the one of a reached cap has an alarm."""
    return {"AUTO_APPROVED": "ClaimAutoApproved", "CAPPED": "DailyCapReached"}.get(outcome, "ClaimReferred")


class ReminderTask(Body):
    claim_no: str
    step: WaitStep
