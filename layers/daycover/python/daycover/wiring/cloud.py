"""What every adapter stands on: configuration, clock, AWS clients, tables, secrets, ciphers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from daycover.platform import config as environment
from daycover.platform.clock import system_clock

if TYPE_CHECKING:
    from daycover.platform.clock import Clock
    from daycover.platform.config import Config
    from daycover.platform.security import (
        AccessTokens,
        BlindIndex,
        DayCipher,
        FieldCipher,
        KeyRing,
        SecretReader,
    )
    from daycover.store.day_keys import StoredDayKeys
    from daycover.store.dynamodb import Table

SIGNED_LINKS = {"signature_version": "s3v4"}
"""Version 4 of the signature is what links and POST policies need in every region."""


class Cloud:
    """AWS as the functions use it. Each part is made on first use and kept for the life of the container."""

    def __init__(self, config: Config | None = None, clock: Clock | None = None) -> None:
        self.config = config or environment.load()
        self.now = clock or system_clock(self.config.clock_offset)

    def client(self, service: str, **options: Any) -> Any:
        """Make a client of an AWS service; `options` are botocore's, for what no client of ours speaks."""
        from daycover.store.aws import SERVICES, AwsClient

        if service in SERVICES:
            return AwsClient(service, environment.aws())
        from daycover.store.boto import BotoClient

        return BotoClient(service, **options)

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
        from daycover.platform.security import SecretReader

        return SecretReader(self.client("secretsmanager"))

    def code_key(self, project_id: str, key_version: int) -> bytes:
        """Give the key that signs one version of a project's QR code."""
        return self.secrets.key(self.config.qr_secret, f"qr:{project_id}:{key_version}")

    @cached_property
    def access_tokens(self) -> AccessTokens:
        from daycover.platform.security import AccessTokens

        return AccessTokens(self.secrets.key(self.config.token_secret, "access-token"), self.now)

    @cached_property
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
