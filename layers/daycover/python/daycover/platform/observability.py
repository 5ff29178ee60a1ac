"""Structured logs and metrics. No tracer: the X-Ray SDK doubles the cold start and cn-* lacks it.

Messages are constant sentences; values go in keys, and only ids, counts and amounts go in values.
"""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(service="daycover")
metrics = Metrics(namespace="daycover", service="daycover")


def count(name: str, amount: int = 1) -> None:
    """Count something that happened, past tense (`PolicyIssued`), as one CloudWatch EMF line."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=amount)
    metrics.flush_metrics()
