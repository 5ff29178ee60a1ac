"""The entry of workflow tasks: no resolver, ids stamped on every log line, problems left to the caller."""

import functools
from collections.abc import Callable
from typing import Any

from daycover.platform.observability import log_failure, logger

Task = Callable[[dict[str, Any]], dict[str, Any]]


def task(run: Task) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Make a Lambda handler of a task function `dict → dict`.

    A business outcome is data; an exception is a failure that the definition retries by class name.
    """

    @functools.wraps(run)
    def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        keys = {key: event[key] for key in ("claim_no", "payout_id", "company_id", "day") if key in event}
        logger.append_keys(**keys)
        try:
            outcome = run(event)
            logger.info("task done", task=run.__name__)
            return outcome
        except Exception as error:
            log_failure("task failed", error, task=run.__name__)
            raise
        finally:
            logger.remove_keys(list(keys))

    return lambda_handler
