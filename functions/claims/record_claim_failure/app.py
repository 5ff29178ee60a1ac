"""Workflow task of ClaimToPayout: a state failed for good; put the claim before staff."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def record_claim_failure(event: dict[str, Any]) -> dict[str, Any]:
    claim = claims().follow_claim.record_failure(event["claim_no"], event["state"])
    count("ClaimWorkflowFailed")
    return {"status": claim.status.value}


lambda_handler = record_claim_failure
