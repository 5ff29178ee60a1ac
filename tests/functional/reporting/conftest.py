"""The insurer's simulator beside moto, and a gate whose adapters speak to it."""

import dataclasses
from collections.abc import Iterator
from functools import cached_property
from typing import IO, Any

import boto3
import pytest

from daycover.insurer.signature import InsurerCredentials
from daycover.reporting.daily_file import DailyFile
from daycover.store.reports import StoredFiles
from tests.functional.cover.gate import Gate, GateAdapters, whole_aws
from tests.simulators.credentials import Credentials
from tests.simulators.insurer import InsurerServer
from tests.support.insured import credentials_of
from tests.support.key_material import insurer_keys

KEYS = insurer_keys()


class HostedFiles(StoredFiles):
    """Files in moto's S3; the link leads to the simulator, because moto's own answers in-process only."""

    server: InsurerServer

    def put(self, file: DailyFile, lines: IO[bytes]) -> str:
        super().put(file, lines)
        lines.seek(0)
        return self.server.host(file.file_id, lines.read())


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
def gate(credentials: Credentials, insurer: InsurerServer) -> Gate:
    configured = dataclasses.replace(whole_aws(), insurer_url=insurer.base_url)
    made = Gate(configured, credentials)
    made.adapters = adapters = InsurerAdapters(configured, made.now, credentials)
    adapters.server = insurer
    made.known()
    made.adapters.calls.clear()
    return made


def queued(config: Any) -> list[str]:
    """Give the bodies of the messages that wait for report_to_insurer."""
    answer = boto3.client("sqs").receive_message(QueueUrl=config.insurer_queue_url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]
