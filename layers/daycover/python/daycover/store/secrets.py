"""Secrets Manager: the value of a secret, and the one before it."""

from typing import Any

from daycover.store.aws import AwsError
from daycover.wire import Patience

PATIENCE = Patience(connect=1, read=1.5)
ATTEMPTS = 2
"""A secret that hangs is given up well within the ten seconds that the authorizer has."""


class StoredSecrets:
    """Implements `platform.secrets.Secrets`. Every method raises StoreUnavailableError, AwsError."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def current(self, secret_id: str) -> str:
        """Access: GetSecretValue, AWSCURRENT."""
        return str(self._client.call("GetSecretValue", SecretId=secret_id)["SecretString"])

    def previous(self, secret_id: str) -> str | None:
        """Access: GetSecretValue, AWSPREVIOUS, which every put-secret-value moves on. None before the second value."""
        try:
            answer = self._client.call("GetSecretValue", SecretId=secret_id, VersionStage="AWSPREVIOUS")
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise
        return str(answer["SecretString"])
