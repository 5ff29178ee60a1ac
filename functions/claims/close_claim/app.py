"""Workflow task of ClaimToPayout: close a claim that is paid, or whose refusal was acknowledged."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def close_claim(event: dict[str, Any]) -> dict[str, Any]:
    claim = claims().follow_claim.close(event["claim_no"])
    count("ClaimClosed")
    return {"outcome": "CLOSED", "decision": claim.decision.value}


lambda_handler = close_claim
