"""botocore for what is no JSON service: S3 and its presigned links.

Its errors become those of `store/aws.py` here, so no repository knows it.
"""

import functools
from threading import Lock
from typing import Any

from daycover.store.aws import ATTEMPTS, PATIENCE, AwsError, StoreUnavailableError

S3_OPTIONS = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
"""Links name the bucket's own host in its own region. Left alone, botocore signs them for the global host, which sends
a request for a region opened after March 2019 on to where the signed host is wrong. An endpoint that is an IP address
(the local AWS) keeps the bucket in the path, whatever stands here."""


class BotoClient:
    """A client of botocore, made when it is first used. Raises StoreUnavailableError, AwsError."""

    def __init__(self, service: str, made: Any = None) -> None:
        self._service = service
        self._made = made
        self._making = Lock()  # a session must not make two clients at once

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client(), name)
        if name.startswith("_") or not callable(attribute):
            return attribute

        @functools.wraps(attribute)
        def call(*arguments: Any, **named: Any) -> Any:
            # loaded by now: the client above is botocore's
            from botocore.exceptions import ClientError, HTTPClientError  # noqa: PLC0415

            # likewise
            from botocore.exceptions import ConnectionError as NoConnectionError  # noqa: PLC0415

            try:
                return attribute(*arguments, **named)
            except ClientError as error:
                ours = _ours(name, error.response)
            except (NoConnectionError, HTTPClientError) as error:
                raise StoreUnavailableError from error
            if ours.is_weather:
                raise StoreUnavailableError from ours
            raise ours

        return call

    def _client(self) -> Any:
        with self._making:
            if self._made is None:
                self._made = make(self._service)
            return self._made


def make(service: str) -> Any:
    """Make a client of botocore with our timeouts and attempts, and links that every region takes (signature v4).

    boto3 would bring its resources and, for S3, its transfer manager with threads: a quarter more for nothing here.
    """
    # it costs more than everything else that a check-in loads, and most containers never come here
    import botocore.session  # noqa: PLC0415

    # comes with it
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=PATIENCE.connect,
        read_timeout=PATIENCE.read,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        signature_version="s3v4",
        s3=S3_OPTIONS,
    )
    return botocore.session.get_session().create_client(service, config=config)


def _ours(operation: str, response: Any) -> AwsError:
    answered = response.get("ResponseMetadata", {})
    return AwsError(
        response.get("Error", {}).get("Code", ""),
        answered.get("HTTPStatusCode", 0),
        operation=operation,
        request_id=answered.get("RequestId", ""),
    )
