"""The insurer's simulator beside moto, and a gate whose adapters speak to it."""

import dataclasses
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import boto3
import pytest

from daycover.insurer.signature import InsurerCredentials
from daycover.reporting.daily_file import DailyFile
from daycover.store.reports import StoredFiles
from tests.functional.archive.stores import create_archive
from tests.functional.claims.aws import local_aws
from tests.functional.cover.gate import Gate, GateAdapters, insurer_queue_url, more_aws, queue_url
from tests.simulators.credentials import Credentials
from tests.simulators.insurer import InsurerServer
from tests.support.insured import credentials_of
from tests.support.key_material import insurer_keys

KEYS = insurer_keys()


class HostedFiles(StoredFiles):
    """Files in moto's S3; the link leads to the simulator, because moto's own answers in-process only."""

    server: InsurerServer

    def put(self, file: DailyFile, lines: bytes) -> str:
        super().put(file, lines)
        return self.server.host(file.file_id, lines)


class InsurerAdapters(GateAdapters):
    """The gate's adapters with the simulator behind the insurer's address."""

    server: InsurerServer

    @cached_property
    def insurer_credentials(self) -> InsurerCredentials:
        return credentials_of(KEYS)

    @cached_property
    def files(self) -> HostedFiles:
        files = HostedFiles(self.operations, self.client("s3"), self.config.documents_bucket)
        files.server = self.server
        return files


@pytest.fixture
def insurer() -> Iterator[InsurerServer]:
    with InsurerServer(KEYS) as server:
        yield server


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, credentials: Credentials, insurer: InsurerServer) -> Iterator[Gate]:
    with local_aws() as config:
        configured = dataclasses.replace(
            config,
            check_in_queue_url=queue_url(),
            insurer_queue_url=insurer_queue_url(),
            insurer_url=insurer.base_url,
        )
        create_archive(configured.archive_bucket)
        more_aws(configured)
        made = Gate(configured, credentials)
        made.adapters = adapters = InsurerAdapters(configured, made.now, credentials)
        adapters.server = insurer
        made.known()
        made.adapters.calls.clear()
        yield made


def queued(config: Any) -> list[str]:
    """Give the bodies of the messages that wait for report_to_insurer."""
    answer = boto3.client("sqs").receive_message(QueueUrl=config.insurer_queue_url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]
