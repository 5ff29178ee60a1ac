"""The entry of workflow tasks: no resolver, ids stamped on every log line, problems left to the caller."""

import functools
from collections.abc import Callable
from typing import Any

from daycover.platform.observability import failure, logger

IDS = ("claim_no", "payout_id", "company_id", "day")
Task = Callable[[dict[str, Any]], dict[str, Any]]


def task(run: Task) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Make a Lambda handler of a task function `dict → dict`.

    A business outcome is data; an exception is a failure that the definition retries by class name.
    """

    @functools.wraps(run)
    def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        logger.begin(None)
        logger.append_keys(**{key: event[key] for key in IDS if key in event})
        logger.open()
        try:
            outcome = run(event)
        except Exception as error:
            logger.close("ERROR", "task failed", task=run.__name__, **failure(error))
            raise
        except BaseException:
            logger.abandon()
            raise
        logger.close("INFO", "task done", task=run.__name__)
        return outcome

    return lambda_handler
