"""Workflow task of ClaimToPayout: compute the claim; approve it within limits, or refer it to a person."""

from typing import Any

from daycover.api.claims.tasks import counted_as
from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def assess_claim(event: dict[str, Any]) -> dict[str, Any]:
    assessed = claims().assess_claim(event["claim_no"])
    count(counted_as(assessed.outcome))
    return {"outcome": assessed.outcome, "amount_fen": assessed.amount_fen}


lambda_handler = assess_claim
