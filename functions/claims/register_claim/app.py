"""Workflow task of ClaimToPayout: list every document the claim needs in one notice."""

from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.observability import count
from daycover.platform.tasks import task


@task
def register_claim(event: dict[str, Any]) -> dict[str, Any]:
    claim = use_cases().follow_claim.register(event["claim_no"])
    count("ClaimRegistered")
    return {"status": claim.status.value}


lambda_handler = register_claim
