"""The AWS of the tests that run in process: moto, started for a module and emptied for each test.

A client of boto3 costs as much as fifty calls and a key of KMS as much as thirty, so both are made once.
"""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.core.model_instances import reset_model_data
from moto.core.serialize import BaseJSONSerializer

from daycover.store import aws as store_aws
from daycover.store import boto as store_boto
from daycover.store.aws import AwsClient
from tests.support.aws import MotoPool, Watched

REGION = "us-east-1"
EMPTIED: tuple[Any, ...] = ("dynamodb", "dynamodbstreams", "s3", "secretsmanager", "sqs", "stepfunctions")
"""KMS keeps its keys: they hold nothing that one test could leave to another."""
SCALARS = frozenset({"S", "N", "BOOL", "NULL", "SS", "NS"})
_keys: list[str] = []
_clients: dict[str, Any] = {}
"""By what was asked for; moto answers them whenever it is started again."""


@pytest.fixture(scope="module", autouse=True)
def in_process_aws() -> Iterator[None]:
    """Start moto for the tests of a module: those of the next one may speak to another AWS."""
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
            patch.delenv(name, raising=False)
        structure = BaseJSONSerializer._serialize_type_structure
        patch.setattr(BaseJSONSerializer, "_serialize_type_structure", _values_as_they_are(structure))
        with mock_aws():
            patch.setattr(boto3, "client", _each_once(boto3.client))
            patch.setattr(store_boto, "make", _each_once(store_boto.make))
            patch.setattr(store_aws, "connections", lambda _url: MotoPool())
            yield
        _keys.clear()


def empty_aws() -> None:
    """Leave nothing but keys."""
    for service in EMPTIED:
        for account in get_backend(service).values():
            account.reset()
    reset_model_data()


def personal_data_key() -> str:
    """Give the id of a key that seals, the same for all tests."""
    if not _keys:
        _keys.append(boto3.client("kms").create_key()["KeyMetadata"]["KeyId"])
    return _keys[0]


def _values_as_they_are(serialize: Callable[..., None]) -> Callable[..., None]:
    """moto asks each attribute value for each of its ten members; what holds no other value is the wire's already."""

    def structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and key and value.keys() <= SCALARS:
            self._default_serialize(serialized, value, shape, key)
        else:
            serialize(self, serialized, value, shape, key)

    return structure


def _each_once(make: Callable[..., Any]) -> Callable[..., Any]:
    def client(service: str, **options: Any) -> Any:
        given = {name: getattr(value, "_user_provided_options", value) for name, value in options.items()}
        asked = f"{make.__module__} {service} {sorted(({'region_name': REGION} | given).items())}"
        if asked not in _clients:
            _clients[asked] = make(service, **options)
        return _clients[asked]

    return client


def remember_calls(client: Any, calls: list[tuple[str, Any]]) -> Any:
    """Let `calls` be where a client notes what it is asked for, in place of where it noted it before."""

    if isinstance(client, AwsClient):
        watched = Watched(client)
        watched.before.append(lambda operation, request: calls.append((operation, request)))
        return watched

    def note(params: Any, model: Any, **_: Any) -> None:
        calls.append((model.name, params))

    events = client.meta.events
    events.unregister(_EVERY_CALL, unique_id="calls")
    events.register(_EVERY_CALL, note, unique_id="calls")
    return client


_EVERY_CALL = "provide-client-params.*.*"
