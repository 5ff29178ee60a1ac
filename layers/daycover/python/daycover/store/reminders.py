"""The delayed queue that asks the work card again when the app never came back."""

import json
from typing import Any

from daycover.cover.check_in import POLL_DELAYS
from daycover.store.aws import AwsError, StoreUnavailableError


class QueuedReminders:
    """Implements `cover.check_in.Reminders` with SQS. Messages carry ids only."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def ask_later(self, worker_id: str, check_in_id: str, attempt: int) -> None:
        """Access: one SendMessage, delayed `POLL_DELAYS[attempt]` seconds. Raises StoreUnavailableError."""
        body = {"worker_id": worker_id, "check_in_id": check_in_id, "attempt": attempt}
        try:
            self._client.call(
                "SendMessage",
                QueueUrl=self._queue_url,
                MessageBody=json.dumps(body),
                DelaySeconds=POLL_DELAYS[attempt],
            )
        except AwsError as error:
            raise StoreUnavailableError from error
