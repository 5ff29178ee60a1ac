"""A container that runs takes what was put into a secret, and everything that was made of the value before is gone."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from types import CodeType
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from daycover.platform.config import Config
from daycover.platform.secrets import DOUBTED, LIFE, SecretReader
from daycover.store.aws import StoreUnavailableError
from daycover.store.secrets import StoredSecrets
from daycover.wiring import adapters as container
from daycover.wiring.adapters import Adapters
from daycover.wiring.cloud import of_secrets
from daycover.wiring.payouts import PayoutsWiring
from tests.functional.cover.gate import whole_aws
from tests.support.aws import client_of
from tests.support.wired import install

LONG = timedelta(hours=12)
BANK = {"client_id": "DAYCOVER", "secret": "s" * 32, "debit_account": "6222000011112222"}


class Watched:
    """The adapters of a container whose time a test moves on."""

    def __init__(self, config: Config) -> None:
        self.seconds = 0.0
        self.adapters = Adapters(config)
        self.adapters.secrets = SecretReader(StoredSecrets(client_of("secretsmanager")), lambda: self.seconds)

    def pays_from(self) -> str:
        """The account that a new request's transfers come from."""
        wired = container.wired(PayoutsWiring)
        return str(wired._adapters.bank.credentials.debit_account)


@pytest.fixture
def config() -> Config:
    return dataclasses.replace(whole_aws(), bank_secret="bank-secret")


@pytest.fixture
def watched(config: Config, monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched(config)
    install(watched.adapters, monkeypatch)
    return watched


def put(config: Config, value: object) -> None:
    secrets = boto3.client("secretsmanager")
    secrets.put_secret_value(SecretId=config.bank_secret, SecretString=json.dumps(value))


def test_credentials_are_taken_within_seconds_when_they_are_filled_in(
    config: Config, watched: Watched
) -> None:
    boto3.client("secretsmanager").create_secret(Name=config.bank_secret, SecretString="{}")
    with pytest.raises(ValidationError):
        watched.pays_from()
    put(config, {"client_id": "DAYCOVER"})  # half of it
    watched.seconds += DOUBTED
    with pytest.raises(ValidationError):
        watched.pays_from()
    put(config, BANK)
    watched.seconds += DOUBTED
    assert watched.pays_from() == BANK["debit_account"]


def test_new_credentials_are_taken_by_every_part_within_five_minutes(
    config: Config, watched: Watched
) -> None:
    boto3.client("secretsmanager").create_secret(Name=config.bank_secret, SecretString=json.dumps(BANK))
    assert watched.pays_from() == BANK["debit_account"]
    before = container.wired(PayoutsWiring)
    put(config, BANK | {"debit_account": "6222999999999999"})
    watched.seconds = LIFE - 1
    assert watched.pays_from() == BANK["debit_account"]
    assert container.wired(PayoutsWiring) is before
    watched.seconds = LIFE
    assert watched.pays_from() == "6222999999999999"
    assert container.wired(PayoutsWiring) is not before, "use cases hold what they were built of"
    assert watched.adapters.operations is not None


def test_secret_without_a_value_before_it_has_none(config: Config) -> None:
    secrets, stored = boto3.client("secretsmanager"), StoredSecrets(client_of("secretsmanager"))
    secrets.create_secret(Name="fresh", SecretString="one")
    assert (stored.current("fresh"), stored.previous("fresh")) == ("one", None)
    for value in ("two", "three"):
        secrets.put_secret_value(SecretId="fresh", SecretString=value)
    assert (stored.current("fresh"), stored.previous("fresh")) == ("three", "two")


def test_token_is_taken_before_and_after_the_secret_was_rotated_by_put_secret_value(
    config: Config, watched: Watched
) -> None:
    secrets, tokens = boto3.client("secretsmanager"), watched.adapters.access_tokens
    before, _ = tokens.issue("worker", "w-1", LONG)
    secrets.put_secret_value(SecretId=config.token_secret, SecretString="another")
    after, _ = Watched(config).adapters.access_tokens.issue("worker", "w-1", LONG)
    for adapters in (watched.adapters, Watched(config).adapters):
        for token in (before, after, before):
            assert adapters.access_tokens.verify(token)["sub"] == "w-1"


def properties() -> Iterator[tuple[str, cached_property[Any]]]:
    for kind in reversed(Adapters.__mro__):
        for name, value in vars(kind).items():
            if isinstance(value, cached_property):
                yield name, value


def names_in(code: CodeType) -> set[str]:
    inner = [part for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*(names_in(part) for part in inner))


def test_whatever_is_made_of_a_secret_is_made_anew_with_it() -> None:
    """`access_tokens` follow their secret themselves, key by key."""
    found = dict(properties())
    marked = {name for name, value in found.items() if isinstance(value, of_secrets)}
    for name, value in found.items():
        if name not in {"secrets", "access_tokens"}:
            of_a_secret = names_in(value.func.__code__) & (marked | {"secrets", "_of_secret"})
            assert not of_a_secret or name in marked, f"{name} keeps what {of_a_secret} was"
    assert len(marked) > 8
    assert {"operations", "s3", "kms", "cipher"} & marked == set()


def test_outage_is_an_outage_when_no_value_was_ever_read(config: Config) -> None:
    class Down:
        def call(self, operation: str, **_: Any) -> Any:
            raise StoreUnavailableError

    with pytest.raises(StoreUnavailableError):
        SecretReader(StoredSecrets(Down())).text(config.token_secret)
