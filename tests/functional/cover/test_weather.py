"""Throttles and outages of every AWS service are one error, and defects stay defects."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from urllib3.exceptions import ConnectTimeoutError as NoConnectionError
from urllib3.exceptions import ProtocolError
from urllib3.exceptions import ReadTimeoutError as NoReplyError

from daycover.platform.secrets import SecretReader
from daycover.platform.security import KeyRing
from daycover.store.aws import WEATHER, AwsError, StoreUnavailableError
from daycover.store.boto import BotoClient
from daycover.store.secrets import StoredSecrets
from tests.support.aws import answering, refusal
from tests.support.replies import Reply


class Client:
    meta = "as it is"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> Any:
            raise self._error

        return call


def failing(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "X")


BOTO_OUTAGES = [
    *(failing(code) for code in sorted(WEATHER)),
    failing("WhateverItIsCalled", 503),
    ConnectTimeoutError(endpoint_url="x"),
    EndpointConnectionError(endpoint_url="x"),
    ReadTimeoutError(endpoint_url="x"),
]
OUTAGES: list[Reply | Exception] = [
    *(refusal(code) for code in sorted(WEATHER)),
    refusal("WhateverItIsCalled", 503),
    Reply(502, b"<html>"),
    NoConnectionError(),
    NoReplyError(None, "x", "read"),  # type: ignore[arg-type]
    ProtocolError(),
]
DEFECTS = ["AccessDeniedException", "NoSuchKey", "ResourceNotFoundException"]


@pytest.mark.parametrize("error", BOTO_OUTAGES, ids=repr)
def test_file_is_unavailable_when_its_service_is(error: Exception) -> None:
    with pytest.raises(StoreUnavailableError):
        BotoClient("s3", Client(error)).get_object(Bucket="b", Key="k")


class NoKeys:
    """Nobody has made a data key yet."""

    def find(self, _key_id: str) -> None:
        return None

    def add(self, _key_id: str, wrapped: str) -> str:
        return wrapped


@pytest.mark.parametrize("outage", OUTAGES, ids=repr)
def test_key_and_secret_are_unavailable_when_their_service_is(outage: Reply | Exception) -> None:
    with pytest.raises(StoreUnavailableError):
        SecretReader(StoredSecrets(answering("secretsmanager", outage))).text("s")
    with pytest.raises(StoreUnavailableError):
        KeyRing(answering("kms", outage), "k", NoKeys()).to_seal("20261124")


@pytest.mark.parametrize("code", DEFECTS)
def test_defect_stays_a_defect_when_it_is_not_the_weather(code: str) -> None:
    with pytest.raises(AwsError):
        SecretReader(StoredSecrets(answering("secretsmanager", refusal(code)))).text("s")
    with pytest.raises(AwsError):
        BotoClient("s3", Client(failing(code))).get_object(Bucket="b", Key="k")


def test_client_is_as_it_was_when_it_is_not_called() -> None:
    assert BotoClient("s3", Client(failing("X"))).meta == "as it is"
