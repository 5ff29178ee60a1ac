"""botocore for what is no JSON service: S3 and its presigned links.

Its errors become those of `store/aws.py` here, so no repository knows it.
"""

import functools
from threading import Lock
from typing import Any

from daycover.store.aws import ATTEMPTS, PATIENCE, AwsError, StoreUnavailableError


class BotoClient:
    """A client of botocore, made when it is first used. Raises StoreUnavailableError, AwsError.

    `options` are those of botocore's `Config`; a link that serves every region needs `signature_version="s3v4"`.
    """

    def __init__(self, service: str, made: Any = None, **options: Any) -> None:
        self._service = service
        self._options = options
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
                self._made = make(self._service, **self._options)
            return self._made


def make(service: str, **options: Any) -> Any:
    """Make a client of botocore with our timeouts and attempts.

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
        **options,
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
