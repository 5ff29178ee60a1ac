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


class ReminderTask(Body):
    claim_no: str
    step: WaitStep
