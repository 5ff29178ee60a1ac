"""Workflow task of ClaimToPayout: read the bills of a claim and ask the platforms that know them."""

from typing import Any

from daycover.platform.tasks import task
from daycover.wiring.claims import claims


@task
def verify_bills(event: dict[str, Any]) -> dict[str, Any]:
    return {"bills": claims().verify_bills(event["claim_no"])}


lambda_handler = verify_bills
