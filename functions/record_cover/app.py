"""DynamoDB Stream of the policies: derive the roster and statement line. Replays change nothing."""

from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.batches import stream_batch
from daycover.platform.observability import logger


@stream_batch
def record_cover(image: dict[str, Any]) -> None:
    is_new = use_cases().record_cover(image)
    logger.info("cover recorded", policy_no=image["policy_no"], is_new=is_new)


lambda_handler = record_cover
