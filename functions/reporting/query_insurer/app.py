"""Every five minutes: ask the insurer about rows that it has not answered, under the same ids."""

from typing import Any

from daycover.platform.observability import count
from daycover.platform.tasks import task
from daycover.wiring.reporting import reporting


@task
def query_insurer(event: dict[str, Any]) -> dict[str, Any]:
    found = reporting().query_insurer(event.get("limit", 2000))
    count("ReportAcknowledged", found.acknowledged)
    count("ReportRejected", found.rejected)
    return found._asdict()


lambda_handler = query_insurer
