"""Service providers (服务商) and their client secrets, which are shown once, rotated and revoked."""

import hashlib
from datetime import datetime

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.company import OidcClient

MOST_CREDENTIALS = 2
"""In use at once: the old one goes on until the new one is everywhere."""


class ProviderNotFoundError(DaycoverError):
    """There is no service provider of that id.

    What to do: Read the list of providers and take the id from it.
    含义:没有这个服务商。
    处理:读取服务商列表,使用其中的编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有这个服务商", "No such service provider"


class TooManyCredentialsError(DaycoverError):
    """The provider has two credentials in use, which is what a rotation needs.

    What to do: Revoke the one that is no longer used, then propose another.
    含义:该服务商已有两个在用的密钥,轮换所需至多两个。
    处理:先吊销不再使用的密钥,再申请新的。
    """

    kind = ErrorKind.CONFLICT
    title = "在用密钥已达上限", "Both credentials are in use"


class CredentialNotFoundError(DaycoverError):
    """The provider has no such credential.

    What to do: Read the provider and take the credential's id from it.
    含义:该服务商没有这个密钥。
    处理:读取服务商,使用其中的密钥编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有这个密钥", "No such credential"


class Credential(BaseModel, frozen=True, defer_build=True):
    """One client secret; only its hash is kept."""

    credential_id: str
    sha256: str = Field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class Provider(BaseModel, frozen=True, defer_build=True):
    """A service provider. Its client id is its own id; `revision` counts the changes."""

    provider_id: str
    name: str
    oidc: OidcClient | None = None
    credentials: tuple[Credential, ...] = ()
    revision: int = 1

    @property
    def in_use(self) -> tuple[Credential, ...]:
        return tuple(one for one in self.credentials if one.revoked_at is None)

    def with_credential(self, added: Credential) -> "Provider":
        """Raises TooManyCredentialsError."""
        if len(self.in_use) >= MOST_CREDENTIALS:
            raise TooManyCredentialsError
        return self._changed((*self.credentials, added))

    def without_credential(self, credential_id: str, by: str, at: datetime) -> "Provider":
        """Revoke one, at once and for ever; revoking it again changes nothing. Raises CredentialNotFoundError."""
        if all(one.credential_id != credential_id for one in self.credentials):
            raise CredentialNotFoundError
        return self._changed(
            tuple(
                one.model_copy(update={"revoked_at": at, "revoked_by": by})
                if one.credential_id == credential_id and one.revoked_at is None
                else one
                for one in self.credentials
            )
        )

    def _changed(self, credentials: tuple[Credential, ...]) -> "Provider":
        return self.model_copy(update={"credentials": credentials, "revision": self.revision + 1})


def secret_hash(secret: str) -> str:
    """SHA-256 of a client secret; it is 256 random bits, so salt and stretching would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
