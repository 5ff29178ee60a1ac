"""DynamoDB Stream of the policies: keep the archive, compare it with what TTL deletes. Safe to replay."""

from daycover.platform.batches import ItemChange, change_batch
from daycover.platform.observability import count, logger
from daycover.wiring.cover import cover


@change_batch
def archive_policy(change: ItemChange) -> None:
    followed = cover().archive_policy(change.kind, change.image, by_ttl=change.by_ttl)
    for name in followed.counts:
        count(name)
    policy_no = change.image["policy_no"]
    logger.info("policy archived", policy_no=policy_no, change=change.kind, kept=followed.kept)


lambda_handler = archive_policy
