"""The ports of archive and sweep, in memory and on moto, with what they ask AWS for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from tests.support.template import template


class Recorded:
    """An S3 client that remembers its calls."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append((operation, arguments))
            return getattr(self._client, operation)(**arguments)

        return call

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]


@dataclass
class Kept:
    """`s3`, `bucket` and `dynamodb` are those of the real store."""

    archive: Any
    sweeps: Any
    policies: Any
    lines: Any
    s3: Any = None
    bucket: str = ""
    dynamodb: Any = None


def create_archive(name: str) -> None:
    """Give the bucket what the template says of it; it may stand already."""
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket=name)
    properties = template()["Resources"]["ArchiveBucket"]["Properties"]
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"])
