"""How a service provider's server proves itself."""

import hmac
from dataclasses import dataclass

from daycover.projects.act_for import ActFor, ProviderActor
from daycover.projects.company import ClientCredentialsError, Companies
from daycover.projects.provider import secret_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInProvider:
    """Check client credentials, and the company that a token is to be limited to."""

    companies: Companies
    act_for: ActFor

    def __call__(self, client_id: str, client_secret: str, company_id: str | None) -> tuple[str, str]:
        """Give (role, subject) of the token. Raises ClientCredentialsError, CompanyNotAuthorisedError."""
        provider = self.companies.find_provider(client_id)
        given = secret_hash(client_secret)
        in_use = [one.sha256 for one in provider.in_use] if provider else []
        # the same work for an unknown client, and for each of the two that a rotation has
        matches = [hmac.compare_digest(given, kept) for kept in (*in_use, "0" * 64)]
        if provider is None or not any(matches):
            raise ClientCredentialsError
        if company_id is None:
            return "provider", provider.provider_id
        self.act_for(ProviderActor(provider.provider_id), company_id)
        return "company", company_id
