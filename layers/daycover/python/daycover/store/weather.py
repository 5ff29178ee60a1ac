"""Throttles and outages of AWS, told apart from defects: the one translation, around every client."""

import functools
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from daycover.store.dynamodb import RETRYABLE, StoreUnavailableError

WEATHER = RETRYABLE | {
    # Secrets Manager, KMS
    "InternalServiceError",
    "KMSInternalException",
    "DependencyTimeoutException",
    "KeyUnavailableException",
    "LimitExceededException",
    # S3
    "SlowDown",
    "InternalError",
    "RequestTimeout",
    "OperationAborted",
    # common to all
    "Throttling",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestThrottled",
    "RequestThrottledException",
    "InternalFailure",
}
SERVER_SIDE = 500


class WeatherproofClient:
    """A boto3 client that raises StoreUnavailableError where the same call may be repeated."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if name.startswith("_") or not callable(attribute):
            return attribute

        @functools.wraps(attribute)
        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return attribute(*arguments, **named)
            except ClientError as error:
                if is_weather(error):
                    raise StoreUnavailableError from error
                raise
            except (NoConnectionError, HTTPClientError) as error:
                raise StoreUnavailableError from error

        return call


def is_weather(error: ClientError) -> bool:
    """Whether the service was throttling or failing, and not the request."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= SERVER_SIDE or error.response.get("Error", {}).get("Code") in WEATHER
