"""Processes of the product: its own wiring, in as many containers as work at once, on the simulated AWS.

A container does one thing at a time and keeps what it has read; one that dies is not used again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from daycover.claims.bill import BillReader, ReadFile
from daycover.insurer.signature import InsurerCredentials
from daycover.payouts.transfer import Channel
from daycover.platform.config import Config
from daycover.platform.secrets import SecretReader
from daycover.store.secrets import StoredSecrets
from daycover.wechat.credentials import MerchantCredentials
from daycover.wiring.adapters import Adapters
from tests.simulation.faults import CalledBucket, CalledService, Faults
from tests.simulation.outside import Outside
from tests.support.key_material import merchant_credentials, read_credentials

Services = dict[str, Any]
"""AWS in memory, by the names that clients are asked for."""


class SimulatedAdapters(Adapters):
    """What lies outside the product, replaced: everything else is as deployed."""

    def __init__(
        self,
        config: Config,
        services: Services,
        outside: Outside,
        faults: Faults | None,
        now: Callable[[], datetime],
        skew: timedelta = timedelta(),
    ) -> None:
        """Without `faults` nothing comes between a call and its answer, no other fiber either."""
        super().__init__(config, (lambda: now() + skew) if skew else now)
        self._services, self._outside, self._faults = services, outside, faults

    def client(self, service: str, **limits: Any) -> Any:
        if self._faults is None:
            return self._services[service]
        called = CalledBucket if service == "s3" else lambda one, faults: CalledService(service, one, faults)
        return called(self._services[service], self._faults)

    @cached_property
    def secrets(self) -> SecretReader:
        client = self.client("secretsmanager")
        return SecretReader(StoredSecrets(client), now=lambda: self.now().timestamp())

    @cached_property
    def merchant(self) -> MerchantCredentials:
        return read_credentials(merchant_credentials())

    @property
    def mini_program(self) -> Any:
        return self._outside.mini_program

    @property
    def work_card(self) -> Any:
        return self._outside.work_card

    @property
    def subscribe_messages(self) -> Any:
        return self._outside.progress_notices

    @property
    def insurer(self) -> Any:
        return self._outside.insurer_reports

    @property
    def insurer_credentials(self) -> InsurerCredentials:
        return self._outside.insurer_credentials

    @property
    def bill_platform(self) -> Any:
        return self._outside.bill_platform

    @property
    def bill_reader(self) -> BillReader:
        return lambda content, kind: ReadFile()

    def transfers(self, channel: Channel) -> Any:
        return self._outside.transfers(channel)

    def money_files(self, channel: Channel) -> Any:
        return self._outside.account(channel)
