"""DynamoDB Stream of the policies: roster line, journal, and each batch's exposure. Safe to replay."""

from typing import Any

from daycover.platform.batches import followed_by, stream_batch
from daycover.platform.observability import count, logger
from daycover.wiring.books import books
from daycover.wiring.cover import cover


@stream_batch
def record_cover(image: dict[str, Any]) -> None:
    is_new = cover().record_cover(image)
    logger.info("cover recorded", policy_no=image["policy_no"], is_new=is_new)


def watch_credit() -> None:
    for company_id, level in books().book_cover.flush().items():
        logger.info("credit watched", company_id=company_id, level=level)
        count(f"Credit{level.capitalize()}")


lambda_handler = followed_by(record_cover, watch_credit)
