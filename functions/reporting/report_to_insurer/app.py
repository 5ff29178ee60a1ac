"""SQS: report policy and claim events to the insurer in batches. Known rows are taken once."""

from typing import Any

from daycover.platform.batches import sqs_whole_batch
from daycover.platform.observability import count, logger
from daycover.wiring.reporting import reporting


@sqs_whole_batch
def report_to_insurer(messages: list[dict[str, Any]]) -> None:
    sent = reporting().report_events.messages(messages)
    count("ReportAcknowledged", sent.acknowledged)
    count("ReportRejected", sent.rejected)
    count("ReportUnanswered", sent.unanswered)
    logger.info("rows reported", acknowledged=sent.acknowledged, rejected=sent.rejected)


lambda_handler = report_to_insurer
