"""DynamoDB Stream of the claims' history: queue each line for the insurer, keep service levels. Safe to replay."""

from typing import Any

from daycover.platform.batches import stream_batch
from daycover.platform.observability import logger
from daycover.wiring.reporting import reporting


@stream_batch
def follow_claims(image: dict[str, Any]) -> None:
    reporting().follow_line(image)
    logger.info("claim event queued", claim_no=image["claim_no"], claim_event=image["event"])


lambda_handler = follow_claims
