"""DynamoDB Stream of the policies: keep the archive, compare it with what TTL deletes. Safe to replay."""

from collections.abc import Sequence

from daycover.platform.batches import ItemChange, change_whole_batch
from daycover.platform.observability import count, logger
from daycover.wiring.cover import cover


@change_whole_batch
def archive_policy(changes: list[ItemChange]) -> Sequence[Exception | None]:
    outcome = cover().archive_policy(changes)
    for name, amount in outcome.counts.items():
        count(name, amount)
    if outcome.restored:
        logger.warning("policies restored", policy_nos=outcome.restored[:100])
    return outcome.failures


lambda_handler = archive_policy
