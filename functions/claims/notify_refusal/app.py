"""Workflow task of ClaimToPayout: issue the notice of refusal, whose message goes out with this line."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def notify_refusal(event: dict[str, Any]) -> dict[str, Any]:
    claim = claims().follow_claim.notify_refusal(event["claim_no"])
    count("RefusalNoticeIssued")
    return {"decision": claim.decision.value}


lambda_handler = notify_refusal
