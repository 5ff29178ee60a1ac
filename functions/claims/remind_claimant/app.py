"""Workflow task of ClaimToPayout: remind the claimant of what we wait for. Silence never refuses a claim."""

from typing import Any

from daycover.api.claims.tasks import ReminderTask
from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def remind_claimant(event: dict[str, Any]) -> dict[str, Any]:
    due = ReminderTask.model_validate(event)
    claim = claims().follow_claim.remind(due.claim_no, due.step)
    count("ClaimantReminded")
    return {"status": claim.status.value}


lambda_handler = remind_claimant
