"""Workflow task of ClaimToPayout: wait on a step by its task token, or end the wait where it is over."""

from typing import Any

from daycover.bootstrap import use_cases
from daycover.claims.steps import Step
from daycover.platform.tasks import task


@task
def open_claim_step(event: dict[str, Any]) -> dict[str, Any]:
    use_cases().follow_claim.open_step(event["claim_no"], Step(event["step"]), event["task_token"])
    return {}


lambda_handler = open_claim_step
