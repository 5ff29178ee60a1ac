"""Workflow task of ClaimToPayout: list every document the claim needs in one notice."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def register_claim(event: dict[str, Any]) -> dict[str, Any]:
    claim = claims().follow_claim.register(event["claim_no"])
    count("ClaimRegistered")
    return {"status": claim.status.value}


lambda_handler = register_claim
