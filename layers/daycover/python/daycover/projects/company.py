"""Labour companies (劳务公司), service providers (服务商), and who may act for whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel

from daycover.errors import DaycoverError, ErrorKind


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


class Company(BaseModel, frozen=True, defer_build=True):
    """The policyholder. `sub_mchid` is its WeChat Pay sub-merchant number."""

    company_id: str
    name: str
    sub_mchid: str
    credit_code: str | None = None
    """Unified social credit code (统一社会信用代码), as the contract states it."""
    address: str | None = None
    credit_limit_fen: int | None = None
    """What it may owe before new check-ins are blocked; None for no limit."""
    credit_blocked: bool = False


class ProviderClient(BaseModel, frozen=True, defer_build=True):
    """The API client of a service provider; only the secret's hash is kept."""

    provider_id: str
    name: str
    secret_sha256: str


class Authorisation(BaseModel, frozen=True, defer_build=True):
    """A labour company lets a service provider act for it, until withdrawn."""

    provider_id: str
    company_id: str
    granted_at: datetime
    withdrawn_at: datetime | None = None


class Companies(Protocol):
    def get(self, company_id: str) -> Company:
        """Raises CompanyNotAuthorisedError for an unknown company: whether it exists is nobody's business."""
        ...

    def find_client(self, provider_id: str) -> ProviderClient | None: ...

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None: ...

    def list_page(self, token: str | None, limit: int) -> tuple[list[str], str | None]:
        """A page of company ids and the token of the next page. Raises PageTokenError."""
        ...

    def set_credit_limit(self, company_id: str, limit_fen: int | None) -> None: ...

    def set_credit_block(self, company_id: str, *, blocked: bool) -> None: ...


class CompanyActor(Protocol):
    """Who calls. `provider_id` is the provider that a company's token was obtained by, if one did."""

    @property
    def role(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def provider_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class ProviderActor:
    """A service provider in its own name."""

    subject: str
    role: str = "provider"
    provider_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFor:
    """The check that stands before everything a provider or company does."""

    companies: Companies

    def __call__(self, actor: CompanyActor, company_id: str) -> None:
        """Raise CompanyNotAuthorisedError unless the caller may act for the company.

        A provider acts for the companies that authorised it, with a token of its own or one limited to a
        company; it is asked anew on each call, so that a withdrawal works at once.
        """
        if actor.role == "company" and actor.subject == company_id:
            if actor.provider_id is None or self._is_granted(actor.provider_id, company_id):
                return
        elif actor.role == "provider" and self._is_granted(actor.subject, company_id):
            return
        raise CompanyNotAuthorisedError

    def _is_granted(self, provider_id: str, company_id: str) -> bool:
        granted = self.companies.find_authorisation(provider_id, company_id)
        return granted is not None and granted.withdrawn_at is None
