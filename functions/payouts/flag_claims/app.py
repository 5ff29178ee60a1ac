"""SQS: put the open claims of an ended policy before a person, and stop what has not left. Safe to replay."""

from typing import Any

from daycover.platform.batches import sqs_batch
from daycover.platform.observability import count, logger
from daycover.wiring.payouts import payouts


@sqs_batch
def flag_claims(message: dict[str, Any]) -> None:
    flagged = payouts().flag_claims(message["policy_no"])
    logger.info("claims flagged", policy_no=message["policy_no"], claims=len(flagged))
    count("ClaimFlagged", len(flagged))


lambda_handler = flag_claims
