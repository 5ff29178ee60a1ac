"""Structured logs and metrics. No tracer: the X-Ray SDK doubles the cold start and cn-* lacks it.

Messages are constant sentences; values go in keys, and only ids, counts and amounts go in values.
"""

from traceback import extract_tb
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(service="daycover")
metrics = Metrics(namespace="daycover", service="daycover")


def log_failure(sentence: str, error: BaseException, **keys: Any) -> None:
    """Log an unexpected error in one line: its class and where it was raised, never its message.

    Messages of libraries quote values (pydantic its input, botocore its request), and values may be personal.
    """
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    causes = [type(cause).__name__ for cause in (error.__cause__, error.__context__) if cause is not None]
    logger.error(sentence, error=type(error).__name__, causes=causes, stack=frames, **keys)


def count(name: str, amount: int = 1) -> None:
    """Count something that happened, past tense (`PolicyIssued`), as one CloudWatch EMF line."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=amount)
    metrics.flush_metrics()
