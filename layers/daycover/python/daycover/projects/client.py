"""How a service provider's client proves itself."""

import hashlib
import hmac
from dataclasses import dataclass

from daycover.projects.company import ActFor, ClientCredentialsError, Companies, ProviderActor


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInProvider:
    """Check client credentials, and the company that a token is to be limited to."""

    companies: Companies

    @property
    def _act_for(self) -> ActFor:
        return ActFor(companies=self.companies)

    def __call__(self, client_id: str, client_secret: str, company_id: str | None) -> tuple[str, str]:
        """Give (role, subject) of the token. Raises ClientCredentialsError, CompanyNotAuthorisedError."""
        client = self.companies.find_client(client_id)
        stored = client.secret_sha256 if client else "0" * 64  # the same work for an unknown client
        if not hmac.compare_digest(secret_hash(client_secret), stored) or client is None:
            raise ClientCredentialsError
        if company_id is None:
            return "provider", client.provider_id
        self._act_for(ProviderActor(client.provider_id), company_id)
        return "company", company_id


def secret_hash(secret: str) -> str:
    """SHA-256 of a client secret; it is 256 random bits, so salt and stretching would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
