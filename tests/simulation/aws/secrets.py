"""Secrets Manager in memory: values with their stages. Source: the API reference of GetSecretValue, PutSecretValue."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from tests.simulation.aws.service import Service, refusal

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


@dataclass(frozen=True, slots=True)
class _Version:
    version_id: str
    text: str
    created: datetime


class Secrets(Service):
    def __init__(self, now: Callable[[], datetime], luck: Random) -> None:
        self._now = now
        self._luck = luck
        self._versions: dict[str, dict[str, _Version]] = {}
        """By name, then by stage."""

    def create(self, name: str) -> str:
        """Create a secret without a value; gives its ARN."""
        self._versions[name] = {}
        return ARN + name

    def put(self, name: str, text: str) -> None:
        """Give it another value: what was current is the previous one now, and what was that is gone."""
        stages = self._versions[name]
        version_id = str(uuid.UUID(bytes=self._luck.randbytes(16), version=4))
        if CURRENT in stages:
            stages[PREVIOUS] = stages[CURRENT]
        stages[CURRENT] = _Version(version_id, text, self._now())

    def GetSecretValue(self, SecretId: str, VersionStage: str = CURRENT) -> Any:
        name = SecretId.removeprefix(ARN)
        version = self._versions.get(name, {}).get(VersionStage)
        if version is None:
            raise refusal("ResourceNotFoundException", "GetSecretValue")
        return {
            "ARN": ARN + name,
            "Name": name,
            "VersionId": version.version_id,
            "SecretString": version.text,
            "VersionStages": [VersionStage],
            "CreatedDate": version.created.timestamp(),
        }
