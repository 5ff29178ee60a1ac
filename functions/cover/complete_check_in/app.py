"""SQS: issue the policy of a check-in whose app never came back. Safe to replay."""

from typing import Any

from daycover.platform.batches import sqs_batch
from daycover.platform.observability import count, logger
from daycover.wiring.cover import cover


@sqs_batch
def complete_check_in(message: dict[str, Any]) -> None:
    outcome = cover().complete_check_in(message["worker_id"], message["check_in_id"], message["attempt"])
    logger.info("check-in asked about", check_in_id=message["check_in_id"], outcome=outcome)
    count("CheckInCompleted", int(outcome == "ISSUED"))


lambda_handler = complete_check_in
