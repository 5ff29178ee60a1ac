"""All simulators in one process, as pytest fixtures and `make run` use them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.simulators.bank import BankServer
from tests.simulators.credentials import (
    OIDC_KEY_FILE,
    Credentials,
    load_or_make_bank_keys,
    load_or_make_bill_keys,
    load_or_make_credentials,
    load_or_make_insurer_keys,
    load_or_make_oidc_key,
    private_pem,
    write_private,
)
from tests.simulators.fiscal import FiscalServer
from tests.simulators.http_server import SimulatorServer
from tests.simulators.insurer import InsurerServer
from tests.simulators.mini_program import MiniProgramServer, SentMessage
from tests.simulators.notices import SCALED_RETRY_SECONDS
from tests.simulators.oidc import OidcServer
from tests.simulators.people import People
from tests.simulators.tax import TaxServer
from tests.simulators.transfers import Bill
from tests.simulators.wechat_pay import DEFAULT_BALANCE_FEN, SETTLE_SECONDS, WeChatPayServer


class Simulators:
    """WeChat Pay, the mini program API, OIDC issuer, bank, insurer, bill platforms, on loopback ports (0 = any free).

    Only keys survive a restart, in `state_dir`. A stopped object can't be started again.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        wechat_pay_port: int = 0,
        mini_program_port: int = 0,
        oidc_port: int = 0,
        bank_port: int = 0,
        insurer_port: int = 0,
        fiscal_port: int = 0,
        tax_port: int = 0,
        balance_fen: int = DEFAULT_BALANCE_FEN,
        settle_seconds: float = SETTLE_SECONDS,
        retry_seconds: Sequence[float] = SCALED_RETRY_SECONDS,
    ) -> None:
        self.credentials: Credentials = load_or_make_credentials(state_dir)
        self.people = People()
        self.wechat_pay = WeChatPayServer(
            self.credentials,
            wechat_pay_port,
            people=self.people,
            balance_fen=balance_fen,
            settle_seconds=settle_seconds,
            retry_seconds=retry_seconds,
        )
        self.mini_program = MiniProgramServer(
            self.credentials,
            mini_program_port,
            knows_openid=lambda openid: self.people.find_person(openid) is not None,
        )
        self.bank = BankServer(load_or_make_bank_keys(state_dir), bank_port, settle_seconds=settle_seconds)
        self.insurer = InsurerServer(load_or_make_insurer_keys(state_dir), insurer_port)
        bill_keys = load_or_make_bill_keys(state_dir)
        self.fiscal = FiscalServer(bill_keys.fiscal, fiscal_port)
        self.tax = TaxServer(bill_keys.tax, tax_port)
        self.oidc = OidcServer(
            oidc_port,
            signing_key=load_or_make_oidc_key(state_dir),
            key_rotated=lambda key: write_private(state_dir / OIDC_KEY_FILE, private_pem(key)),
        )

    @property
    def servers(self) -> tuple[SimulatorServer, ...]:
        return (
            self.wechat_pay,
            self.mini_program,
            self.oidc,
            self.bank,
            self.insurer,
            self.fiscal,
            self.tax,
        )

    @property
    def base_urls(self) -> dict[str, str]:
        """Return the base URL of each simulator by name; only while running."""
        return {server.name: server.base_url for server in self.servers}

    @property
    def bills(self) -> list[Bill]:
        return self.wechat_pay.transfers.list_bills()

    @property
    def messages(self) -> list[SentMessage]:
        return self.mini_program.list_messages()

    def start(self) -> Self:
        """Start all; when one can't bind its port, stop those that run and raise OSError."""
        try:
            for server in self.servers:
                server.start()
        except OSError:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all; safe to call twice."""
        for server in self.servers:
            server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()
