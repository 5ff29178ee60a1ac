"""What the service provider's back office does once per company; it has no route on purpose."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from daycover.errors import ConcurrentChangeError
from daycover.projects.client import secret_hash
from daycover.projects.company import Authorisation, Company, ProviderClient
from daycover.store.companies import StoredCompanies
from daycover.store.dynamodb import Table


@dataclass(frozen=True)
class LabourCompany:
    """A labour company with its WeChat Pay sub-merchant number, and what its contract says of it."""

    company_id: str
    name: str
    sub_mchid: str
    credit_code: str | None = None
    address: str | None = None


class BackOffice:
    """Writes through the product's own repository. Everything may be repeated."""

    def __init__(self, dynamodb: Any, operations_table: str) -> None:
        self._companies = StoredCompanies(Table(dynamodb, operations_table))

    def open_companies(self, companies: Iterable[LabourCompany]) -> None:
        for company in companies:
            facts = Company(**asdict(company))
            try:
                self._companies.add(facts)
            except ConcurrentChangeError:
                continue  # it is there

    def register_provider(self, provider_id: str, name: str, secret: str) -> None:
        """Register an API client; only the hash of its secret is stored."""
        client = ProviderClient(provider_id=provider_id, name=name, secret_sha256=secret_hash(secret))
        self._companies.register_client(client)

    def authorise(self, provider_id: str, companies: Iterable[LabourCompany]) -> None:
        now = datetime.now(UTC)
        for company in companies:
            self._companies.authorise(
                Authorisation(provider_id=provider_id, company_id=company.company_id, granted_at=now)
            )
