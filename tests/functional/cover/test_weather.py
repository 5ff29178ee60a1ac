"""Throttles and outages of every AWS service are one error, and defects stay defects."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from daycover.platform.security import FieldCipher, SecretReader
from daycover.store.dynamodb import StoreUnavailableError
from daycover.store.weather import WEATHER, WeatherproofClient


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


OUTAGES = [
    *(failing(code) for code in sorted(WEATHER)),
    failing("WhateverItIsCalled", 503),
    ConnectTimeoutError(endpoint_url="x"),
    EndpointConnectionError(endpoint_url="x"),
    ReadTimeoutError(endpoint_url="x"),
]


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_key_and_secret_are_unavailable_when_their_service_is(error: Exception) -> None:
    client = WeatherproofClient(Client(error))
    for attempt in (
        lambda: SecretReader(client).text("s"),
        lambda: FieldCipher(client, "k").seal("x", "y"),
        lambda: client.get_object(Bucket="b", Key="k"),
    ):
        with pytest.raises(StoreUnavailableError):
            attempt()


@pytest.mark.parametrize("code", ["AccessDeniedException", "NoSuchKey", "ResourceNotFoundException"])
def test_defect_stays_a_defect_when_it_is_not_the_weather(code: str) -> None:
    with pytest.raises(ClientError):
        SecretReader(WeatherproofClient(Client(failing(code)))).text("s")


def test_client_is_as_it_was_when_it_is_not_called() -> None:
    assert WeatherproofClient(Client(failing("X"))).meta == "as it is"
