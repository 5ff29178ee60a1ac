"""DynamoDB Stream of the claims' histories: tell the insured how the claim stands. Safe to replay."""

from typing import Any

from daycover.platform.batches import stream_batch
from daycover.platform.observability import count, logger
from daycover.wiring.claims import claims


@stream_batch
def inform_worker(image: dict[str, Any]) -> None:
    delivery = claims().inform_worker.follow(image)
    if delivery is not None:
        count(f"Notice{delivery.title().replace('_', '')}")
    logger.info("worker informed", claim_no=image["claim_no"], claim_event=image["event"], delivery=delivery)


lambda_handler = inform_worker
