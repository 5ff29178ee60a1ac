"""What every adapter stands on: configuration, clock, AWS clients, tables, secrets, ciphers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from daycover.platform import config as environment
from daycover.platform.clock import system_clock

if TYPE_CHECKING:
    from daycover.platform.clock import Clock
    from daycover.platform.config import Config
    from daycover.platform.secrets import SecretReader
    from daycover.platform.security import AccessTokens, BlindIndex, DayCipher, FieldCipher, KeyRing
    from daycover.store.day_keys import StoredDayKeys
    from daycover.store.dynamodb import Table


T = TypeVar("T")


class of_secrets(cached_property[T]):  # noqa: N801 - a decorator
    """Made of a secret's value, and made anew after the value has changed."""


class Cloud:
    """AWS as the functions use it. Each part is made on first use and kept for the life of the container."""

    def __init__(self, config: Config | None = None, clock: Clock | None = None) -> None:
        self.config = config or environment.load()
        self._changes = 0
        self.now = clock or system_clock(self.config.clock_offset)

    def client(self, service: str, **limits: Any) -> Any:
        """Make a client of an AWS service: ours, with other `limits` (patience, attempts) than usual, and botocore's
        for what ours does not speak."""
        from daycover.platform.observability import count
        from daycover.store.aws import SERVICES, AwsClient

        if service in SERVICES:
            return AwsClient(service, environment.aws(), throttled=lambda: count("AwsThrottled"), **limits)
        from daycover.store.boto import BotoClient

        return BotoClient(service)

    def take_new_secrets(self) -> None:
        """Read again the secrets that are due, and forget what was made of those that changed.

        Called between two requests, so that none of them works with two values. Costs nothing while none is due.
        """
        known = self.__dict__
        if "secrets" not in known or self.secrets.renew() == self._changes:
            return
        self._changes = self.secrets.changes
        kind = type(self)
        for name in [name for name in known if isinstance(getattr(kind, name, None), of_secrets)]:
            del known[name]

    @cached_property
    def dynamodb(self) -> Any:
        return self.client("dynamodb")

    @cached_property
    def kms(self) -> Any:
        return self.client("kms")

    @cached_property
    def sqs(self) -> Any:
        return self.client("sqs")

    @cached_property
    def s3(self) -> Any:
        return self.client("s3")

    @cached_property
    def operations(self) -> Table:
        from daycover.store.dynamodb import Table

        return Table(self.dynamodb, self.config.operations_table)

    @cached_property
    def hot(self) -> Table:
        """The table of policies, from which TTL deletes."""
        from daycover.store.dynamodb import Table

        return Table(self.dynamodb, self.config.policies_table)

    @cached_property
    def secrets(self) -> SecretReader:
        from daycover.platform.secrets import SecretReader
        from daycover.store.secrets import ATTEMPTS, PATIENCE, StoredSecrets

        client = self.client("secretsmanager", patience=PATIENCE, attempts=ATTEMPTS)
        return SecretReader(StoredSecrets(client))

    def code_key(self, project_id: str, key_version: int) -> bytes:
        """Give the key that signs one version of a project's QR code."""
        return self.secrets.key(self.config.qr_secret, f"qr:{project_id}:{key_version}")

    @cached_property
    def access_tokens(self) -> AccessTokens:
        from daycover.platform.secrets import StoredTokenKeys
        from daycover.platform.security import AccessTokens

        return AccessTokens(StoredTokenKeys(self.secrets, self.config.token_secret), self.now)

    @of_secrets
    def index(self) -> BlindIndex:
        from daycover.platform.security import BlindIndex

        return BlindIndex(self.secrets.key(self.config.index_secret, "blind-index"))

    @cached_property
    def key_ring(self) -> KeyRing:
        from daycover.platform.security import KeyRing
        from daycover.store.data_keys import StoredDataKeys

        return KeyRing(self.kms, self.config.personal_data_key, StoredDataKeys(self.operations))

    @cached_property
    def cipher(self) -> FieldCipher:
        """Seals with the key of the +08:00 day."""
        from daycover.china_time import china_day
        from daycover.platform.security import FieldCipher

        return FieldCipher(self.key_ring, lambda: f"{china_day(self.now()):%Y%m%d}")

    @cached_property
    def account_cipher(self) -> FieldCipher:
        """Seals accounts, read by every check-in for years, with the key of the +08:00 year: few keys to open."""
        from daycover.china_time import china_day
        from daycover.platform.security import FieldCipher

        return FieldCipher(self.key_ring, lambda: f"{china_day(self.now()):%Y}")

    @cached_property
    def day_keys(self) -> StoredDayKeys:
        from daycover.store.day_keys import StoredDayKeys

        return StoredDayKeys(self.operations)

    @cached_property
    def place_cipher(self) -> DayCipher:
        from daycover.platform.security import DayCipher

        return DayCipher(self.kms, self.config.personal_data_key, self.day_keys)
