"""Labour companies (劳务公司), service providers (服务商), and who may act for whom."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.contract import (
    MOST_CONTRACTS,
    Billing,
    Contract,
    ContractStartsTooEarlyError,
    PlanNotInContractError,
    contract_on,
)

if TYPE_CHECKING:
    from daycover.projects.provider import Provider


class CompanyNotAuthorisedError(DaycoverError):
    """The labour company has not authorised this provider, or has withdrawn it; whether it exists is not
    told.

    What to do: Have the company grant the authorisation.
    含义:该劳务公司没有授权这个服务商,或已撤回授权;公司是否存在不对外说明。
    处理:由劳务公司完成授权。
    """

    kind = ErrorKind.FORBIDDEN
    title = "该劳务公司未授权贵方", "This labour company has not authorised you"
    detail = "请先由劳务公司完成授权。", "The company must grant the authorisation first."


class ClientCredentialsError(DaycoverError):
    """Client id or secret is wrong.

    What to do: Check the provider's secret; register a new one if it is lost.
    含义:客户端编号或密钥不对。
    处理:核对服务商密钥;遗失则重新登记。
    """

    kind = ErrorKind.UNAUTHENTICATED
    title = "客户端凭证无效", "The client credentials are not valid"


class OidcClient(BaseModel, frozen=True, defer_build=True):
    """Where somebody's own people sign in: an OpenID Connect issuer, and our public client there (PKCE, no secret)."""

    issuer: str
    client_id: str


class Company(BaseModel, frozen=True, defer_build=True):
    """The policyholder. `sub_mchid` is its WeChat Pay sub-merchant number."""

    company_id: str
    name: str
    sub_mchid: str
    credit_code: str | None = None
    """Unified social credit code (统一社会信用代码), as the contract states it."""
    address: str | None = None
    credit_limit_fen: int | None = None
    """What it may owe before new check-ins are blocked; None for no limit. It has no effect while the contract says
    that premiums are prepaid."""
    credit_blocked: bool = False
    """No new cover: the limit is reached, or nothing is left of the deposit."""
    contracts: tuple[Contract, ...] = ()
    """By first day. `revision` counts their changes."""
    revision: int = 1
    oidc: OidcClient | None = None
    """Where its own people sign in, if it has such a place."""

    def contract_on(self, day: date) -> Contract | None:
        """Give the contract that holds on a day in +08:00."""
        return contract_on(self.contracts, day)

    def billing_on(self, day: date) -> Billing:
        """How it pays on a day in +08:00; before its first contract as under that one."""
        contract = self.contract_on(day) or (self.contracts[0] if self.contracts else None)
        return Billing.CREDIT if contract is None else contract.billing

    def check_sold(self, plan_id: str, day: date) -> None:
        """Raise PlanNotInContractError unless the contract of a day sells the plan."""
        contract = self.contract_on(day)
        if self.contracts and (contract is None or not contract.sells(plan_id)):
            raise PlanNotInContractError

    def with_contract(self, contract: Contract, today: date) -> "Company":
        """Add one that follows all others. Raises ContractStartsTooEarlyError."""
        last = self.contracts[-1].valid_from if self.contracts else today
        earliest = max(today, last) + timedelta(days=1)
        if contract.valid_from < earliest:
            raise ContractStartsTooEarlyError(earliest=earliest)
        kept = (*self.contracts, contract)[-MOST_CONTRACTS:]
        return self.model_copy(update={"contracts": kept, "revision": self.revision + 1})


class Authorisation(BaseModel, frozen=True, defer_build=True):
    """A labour company lets a service provider act for it, until withdrawn."""

    provider_id: str
    company_id: str
    granted_at: datetime
    withdrawn_at: datetime | None = None


class Companies(Protocol):
    def get(self, company_id: str, *, strong: bool = False) -> Company:
        """`strong`: as it stands at this moment. Raises CompanyNotAuthorisedError for an unknown company: whether it
        exists is nobody's business."""
        ...

    def find_provider(self, provider_id: str) -> "Provider | None": ...

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None: ...

    def list_page(self, token: str | None, limit: int) -> tuple[list[str], str | None]:
        """A page of company ids and the token of the next page. Raises PageTokenError."""
        ...

    def set_credit_limit(self, company_id: str, limit_fen: int | None) -> None: ...

    def set_credit_block(self, company_id: str, *, blocked: bool) -> None: ...
