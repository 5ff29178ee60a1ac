"""A gate whose worker has a policy, with the secret and the address that certificates need."""

import dataclasses
from collections.abc import Iterator

import boto3
import pytest

from tests.functional.claims.aws import local_aws
from tests.functional.cover.gate import Gate, more_aws, queue_url
from tests.simulators.credentials import Credentials


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, credentials: Credentials) -> Iterator[Gate]:
    with local_aws() as config:
        more_aws(config)
        secret = {"Name": config.certificate_secret, "SecretString": "the first secret"}
        if config.certificate_secret not in {
            known["Name"] for known in boto3.client("secretsmanager").list_secrets()["SecretList"]
        }:
            boto3.client("secretsmanager").create_secret(**secret)
        yield Gate(
            dataclasses.replace(
                config, check_in_queue_url=queue_url(), public_url="https://daycover.example/"
            ),
            credentials,
        )
