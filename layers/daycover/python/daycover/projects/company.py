"""Labour companies (劳务公司), service providers (服务商), and who may act for whom."""

from datetime import datetime
from typing import Protocol

from pydantic import BaseModel

from daycover.errors import DaycoverError


class CompanyNotAuthorisedError(DaycoverError):
    """The labour company has not authorised this service provider."""


class ClientCredentialsError(DaycoverError):
    """The client id or its secret is wrong."""


class Company(BaseModel, frozen=True):
    """The policyholder. `sub_mchid` is its WeChat Pay sub-merchant number."""

    company_id: str
    name: str
    sub_mchid: str


class ProviderClient(BaseModel, frozen=True):
    """The API client of a service provider; only the secret's hash is kept."""

    provider_id: str
    name: str
    secret_sha256: str


class Authorisation(BaseModel, frozen=True):
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

    def list_all(self) -> list[str]:
        """Every company id, for the day's close."""
        ...


class ActFor:
    """The check that stands before everything a provider or company does."""

    def __init__(self, companies: Companies) -> None:
        self._companies = companies

    def __call__(self, role: str, subject: str, company_id: str) -> None:
        """Raise CompanyNotAuthorisedError unless the caller may act for the company.

        A company token acts for itself; a provider for the companies that authorised it, asked anew on
        each call, so that a withdrawal works at once.
        """
        if role == "company" and subject == company_id:
            return
        if role == "provider":
            granted = self._companies.find_authorisation(subject, company_id)
            if granted is not None and granted.withdrawn_at is None:
                return
        raise CompanyNotAuthorisedError
