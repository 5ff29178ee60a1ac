"""The adapters of this container, and how a capability's functions get theirs.

`current` is the one seam: a test puts its own adapters there (a subclass with what it replaces) and every
handler works on them.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from daycover import loaded
from daycover.wiring.book_stores import BookStores
from daycover.wiring.cloud import of_secrets

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import BaseModel

    from daycover.bank.client import BankClient
    from daycover.claims.bill import BillPlatform, BillReader
    from daycover.claims.inform import ProgressNotices
    from daycover.identity.sign_in import MiniProgram
    from daycover.identity.work_card import WorkCard
    from daycover.insurer.client import InsurerClient
    from daycover.insurer.signature import InsurerCredentials
    from daycover.payouts.reconcile import MoneyFiles
    from daycover.payouts.transfer import Channel, Transfers
    from daycover.platform.operator_issuer import OperatorIssuers
    from daycover.platform.signing import Ed25519Key
    from daycover.platform.staff import OidcIssuer
    from daycover.wechat.client import WechatPayClient
    from daycover.wechat.credentials import MerchantCredentials

TRANSFER_NOTICES = "/v1/wechat/transfer-notices"
"""Where WeChat posts the end of a transfer, below the public URL."""


class Adapters(BookStores):
    """AWS and the stores, and with them what lies outside: WeChat, the bank, the insurer, the bills' platforms,
    the staff's issuer."""

    def wired(self, capability: type[W]) -> W:
        """Give what the functions of one capability can do with these adapters; the same each time."""
        if capability not in self._wired:
            self._wired[capability] = capability(self)
        return cast(W, self._wired[capability])

    @of_secrets
    def _wired(self) -> dict[type[Wiring], Wiring]:
        return {}

    def _of_secret(self, kind: type[C], secret_id: str) -> C:
        """Read what the other side gave us. Raises ValidationError while it is not filled in, or filled in wrongly."""
        try:
            return kind.model_validate_json(self.secrets.text(secret_id))
        except ValueError:
            self.secrets.doubt(secret_id)
            raise

    # ---- WeChat ----------------------------------------------------------------------------------

    @of_secrets
    def merchant(self) -> MerchantCredentials:
        from daycover.wechat.credentials import MerchantCredentials

        return self._of_secret(MerchantCredentials, self.config.wechat_secret)

    @of_secrets
    def wechat_pay(self) -> WechatPayClient:
        from daycover.wechat.client import WechatPayClient

        return WechatPayClient(self.merchant, base_url=self.config.wechat_pay_url)

    @of_secrets
    def work_card(self) -> WorkCard:
        from daycover.wechat.payroll_card import PayrollCard

        return PayrollCard(self.wechat_pay)

    @of_secrets
    def mini_program(self) -> MiniProgram:
        from daycover.wechat.mini_program import WechatMiniProgram

        return WechatMiniProgram(self.merchant, base_url=self.config.mini_program_url)

    @of_secrets
    def subscribe_messages(self) -> ProgressNotices:
        from daycover.store.notices import StoredAccessToken
        from daycover.wechat.subscribe import SubscribeMessages

        return SubscribeMessages(
            self.merchant,
            self.config.claim_message_template,
            StoredAccessToken(self.operations, self.cipher, self.merchant.appid),
            base_url=self.config.mini_program_url,
        )

    # ---- money -----------------------------------------------------------------------------------

    @of_secrets
    def bank(self) -> BankClient:
        from daycover.bank.client import BankClient
        from daycover.bank.credentials import BankCredentials

        credentials = self._of_secret(BankCredentials, self.config.bank_secret)
        return BankClient(credentials, self.config.bank_url)

    def transfers(self, channel: Channel) -> Transfers:
        from daycover.payouts.transfer import Channel

        if channel is Channel.BANK:
            from daycover.bank.transfers import BankTransfers

            return BankTransfers(self.bank)
        from daycover.wechat.transfers import WechatTransfers

        return WechatTransfers(self.wechat_pay, self.config.callback_url.rstrip("/") + TRANSFER_NOTICES)

    def money_files(self, channel: Channel) -> MoneyFiles:
        from daycover.payouts.transfer import Channel

        if channel is Channel.BANK:
            from daycover.bank.statements import BankDayStatements

            return BankDayStatements(self.bank)
        from daycover.wechat.fund_flow import WalletFundFlow

        return WalletFundFlow(self.wechat_pay)

    # ---- the insurer -----------------------------------------------------------------------------

    @of_secrets
    def insurer_credentials(self) -> InsurerCredentials:
        from daycover.insurer.signature import InsurerCredentials

        return self._of_secret(InsurerCredentials, self.config.insurer_secret)

    @of_secrets
    def insurer(self) -> InsurerClient:
        from daycover.insurer.client import InsurerClient

        return InsurerClient(self.insurer_credentials, base_url=self.config.insurer_url)

    # ---- bills -----------------------------------------------------------------------------------

    @of_secrets
    def bill_platform(self) -> BillPlatform:
        from daycover.bills.platforms import bill_platforms
        from daycover.bills.signed import BillCredentials

        return bill_platforms(
            self._of_secret(BillCredentials, self.config.bill_platforms_secret),
            fiscal_url=self.config.fiscal_platform_url,
            tax_url=self.config.tax_platform_url,
        )

    @cached_property
    def bill_reader(self) -> BillReader:
        from daycover.bills.read import read_bills

        return read_bills

    # ---- the staff -------------------------------------------------------------------------------

    @cached_property
    def staff_issuer(self) -> OidcIssuer:
        from daycover.platform.staff import OidcIssuer

        return OidcIssuer(self.config.oidc_issuer, self.config.oidc_audience, self.now)

    @cached_property
    def operator_issuers(self) -> OperatorIssuers:
        from daycover.platform.operator_issuer import OperatorIssuers

        return OperatorIssuers(self.now)

    @of_secrets
    def certificate_key(self) -> Ed25519Key:
        from daycover.platform.signing import Ed25519Key

        return Ed25519Key(self.secrets.key(self.config.certificate_secret, "certificate"))


class Wiring:
    """What the functions of one capability can do. Whatever a use case needs is built with it, nothing before."""

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def now(self) -> datetime:
        return self._adapters.now()


W = TypeVar("W", bound=Wiring)
C = TypeVar("C", bound="BaseModel")
current: Adapters | None = None
"""None until the first use case of the container is asked for."""


def wired(capability: type[W]) -> W:
    """Give what this container's functions of one capability can do."""
    global current  # noqa: PLW0603 - one per container, and where tests put theirs
    if current is None:
        current = Adapters()
    current.take_new_secrets()
    return current.wired(capability)


def _loaded() -> loaded.Loaded | None:
    return None if current is None else current.known_tables


loaded.source = _loaded
