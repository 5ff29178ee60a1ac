"""DynamoDB Stream of the claims' history: queue each line for the insurer, keep service levels. Safe to replay."""

from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.batches import stream_batch
from daycover.platform.observability import logger


@stream_batch
def follow_claims(image: dict[str, Any]) -> None:
    use_cases().report_claim_event(image)
    use_cases().keep_service_levels(image)
    logger.info("claim event queued", claim_no=image["claim_no"], claim_event=image["event"])


lambda_handler = follow_claims
