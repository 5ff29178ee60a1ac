"""Hourly task: follow what the stream never told of in the claims' histories, or `follow_claims` failed at."""

from typing import Any

from daycover.platform.observability import count, logger
from daycover.platform.tasks import task
from daycover.wiring.reporting import reporting


@task
def sweep_claims(_event: dict[str, Any]) -> dict[str, Any]:
    swept = reporting().sweep_lines()
    count("ClaimLineRepaired", len(swept.repaired))
    logger.info("lines swept", repaired=swept.repaired[:100], failed=swept.failed[:100])
    swept.check()
    return {"repaired": len(swept.repaired)}


lambda_handler = sweep_claims
