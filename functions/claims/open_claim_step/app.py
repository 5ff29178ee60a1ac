"""Workflow task of ClaimToPayout: wait on a step by its task token, or end the wait where it is over."""

from typing import Any

from daycover.api.claims.tasks import StepTask
from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def open_claim_step(event: dict[str, Any]) -> dict[str, Any]:
    opened = StepTask.model_validate(event)
    claims().follow_claim.open_step(opened.claim_no, opened.step, opened.task_token)
    return {}


lambda_handler = open_claim_step
