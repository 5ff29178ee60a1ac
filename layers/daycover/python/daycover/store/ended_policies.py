"""The queue that brings ended policies to their claims."""

import json
from typing import Any

from daycover.store.aws import AwsError, StoreUnavailableError


class QueuedEndedPolicies:
    """Implements `cover.ended.EndedPolicies` with SQS. Messages carry the number only."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def tell(self, policy_no: str) -> None:
        """Access: one SendMessage. Raises StoreUnavailableError."""
        body = json.dumps({"policy_no": policy_no})
        try:
            self._client.call("SendMessage", QueueUrl=self._queue_url, MessageBody=body)
        except AwsError as error:
            raise StoreUnavailableError from error
