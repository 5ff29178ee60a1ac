"""Bodies and answers of the staff's enrolment (准入): what is proposed, and what is enrolled."""

import re
from datetime import date, datetime
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from daycover.api.fields import Id, Line
from daycover.platform.http import Body, View
from daycover.projects.company import Authorisation, Company, OidcClient
from daycover.projects.contract import MOST_PARTITIONS, Billing, Contract
from daycover.projects.credit_code import credit_code
from daycover.projects.enrol import (
    Approved,
    CompanyFacts,
    Proposal,
    ProposalContent,
    ProposalKind,
    ProposalStatus,
)
from daycover.projects.provider import Credential, Provider

Name = Annotated[Line, Field(min_length=1, max_length=128)]
Address = Annotated[Line, Field(min_length=1, max_length=200)]
CreditCode = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(credit_code)]
"""Unified social credit code, as people copy it from the licence."""
MerchantNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{8,10}$")]
"""WeChat Pay's number of a merchant (sub_mchid)."""
PlanId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,40}$")]
Fen = Annotated[int, Field(ge=0, le=100_000_000_000)]
LISTED = 100
"""A page of any list."""
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def _issuer(said: str) -> str:
    """Check the form of an issuer's address (OpenID Connect Discovery 1.0, 4.1). Raises ValueError.

    We ask whoever stands there, so it is a name that a public authority has certified: no address of a machine
    and no name of one's own network (OWASP API7, server-side request forgery).
    """
    parts = urlsplit(said)
    is_public = "." in (parts.hostname or "").rstrip(".") and not _is_an_address(parts.hostname or "")
    is_safe = (parts.scheme == "https" and is_public) or (
        parts.scheme == "http" and parts.hostname in LOOPBACK
    )
    if not (is_safe and parts.hostname and not parts.username and not parts.query and not parts.fragment):
        raise ValueError(
            "签发方须是 https 地址,不带参数", "an issuer is an https address without query or fragment"
        )
    return said


def _is_an_address(host: str) -> bool:
    """Whether a host is an IP address, or a number that resolvers take for one."""
    try:
        ip_address(host)
    except ValueError:
        return all(_NUMBER.fullmatch(part) for part in host.split("."))
    return True


class OidcBody(Body):
    """An OpenID Connect issuer and the id of our public client there, which needs no secret (PKCE)."""

    issuer: Annotated[
        str, StringConstraints(min_length=8, max_length=255, pattern=r"^[!-~]+$"), AfterValidator(_issuer)
    ]
    client_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._~@|:+/=-]{1,128}$")]

    def client(self) -> OidcClient:
        return OidcClient(**dict(self))


class ContractBody(Body):
    """`plans`: the plans that may be sold, null for all. `commission_bps` in basis points of the premium. `billing`:
    premium on `CREDIT`, or `PREPAID` from a deposit. `partitions`: one for each 500,000 people that the company
    insures a day.
    """

    valid_from: date
    insurer: Id
    plans: Annotated[list[PlanId], Field(min_length=1, max_length=20)] | None = None
    due_days: Annotated[int, Field(ge=0, le=90)]
    commission_bps: Annotated[int, Field(ge=0, le=5_000)]
    billing: Billing = Billing.CREDIT
    partitions: Annotated[int, Field(ge=1, le=MOST_PARTITIONS)] = 1

    def contract(self) -> Contract:
        plans = None if self.plans is None else tuple(dict.fromkeys(self.plans))
        return Contract(**(dict(self) | {"plans": plans}))


class ProviderBody(Body):
    provider_id: Id
    name: Name
    oidc: OidcBody | None = None

    def content(self) -> ProposalContent:
        return ProposalContent(
            kind=ProposalKind.REGISTER_PROVIDER,
            provider_id=self.provider_id,
            name=self.name,
            oidc=self.oidc.client() if self.oidc else None,
        )


class CredentialBody(Body):
    provider_id: Id

    def content(self) -> ProposalContent:
        return ProposalContent(kind=ProposalKind.ISSUE_CREDENTIAL, provider_id=self.provider_id)


class CompanyBody(Body):
    """`credit_limit_fen`: what it may owe before new cover is blocked; null for no limit."""

    company_id: Id
    name: Name
    credit_code: CreditCode
    address: Address
    sub_mchid: MerchantNumber
    credit_limit_fen: Fen | None
    contract: ContractBody
    oidc: OidcBody | None = None

    def content(self) -> ProposalContent:
        facts = CompanyFacts(
            name=self.name,
            credit_code=self.credit_code,
            address=self.address,
            sub_mchid=self.sub_mchid,
            credit_limit_fen=self.credit_limit_fen,
            contract=self.contract.contract(),
            oidc=self.oidc.client() if self.oidc else None,
        )
        return ProposalContent(kind=ProposalKind.REGISTER_COMPANY, company_id=self.company_id, company=facts)


class NextContractBody(Body):
    company_id: Id
    contract: ContractBody

    def content(self) -> ProposalContent:
        return ProposalContent(
            kind=ProposalKind.CHANGE_CONTRACT,
            company_id=self.company_id,
            contract=self.contract.contract(),
        )


class AuthorisationBody(Body):
    provider_id: Id
    company_id: Id

    def content(self) -> ProposalContent:
        return ProposalContent(
            kind=ProposalKind.AUTHORISE_PROVIDER, provider_id=self.provider_id, company_id=self.company_id
        )


class OwnerBody(Body):
    company_id: Id

    def content(self) -> ProposalContent:
        return ProposalContent(kind=ProposalKind.INVITE_OWNER, company_id=self.company_id)


class OidcView(View):
    issuer: str
    client_id: str

    @classmethod
    def of(cls, client: OidcClient | None) -> "OidcView | None":
        return None if client is None else cls(**dict(client))


class CompanyContractView(View):
    valid_from: date
    insurer: str
    plans: list[str] | None
    due_days: int
    commission_bps: int
    billing: Billing
    partitions: int

    @classmethod
    def of(cls, contract: Contract) -> "CompanyContractView":
        return cls(**contract.model_dump())


class CompanyFactsView(View):
    name: str
    credit_code: str
    address: str
    sub_mchid: str
    credit_limit_fen: int | None
    contract: CompanyContractView
    oidc: OidcView | None


class ProposalView(View):
    """What a proposal asks for: the members that its kind needs are not null."""

    proposal_id: str
    kind: ProposalKind
    status: ProposalStatus
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    provider_id: str | None
    company_id: str | None
    name: str | None
    oidc: OidcView | None
    company: CompanyFactsView | None
    contract: CompanyContractView | None

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalView":
        return cls.model_validate(proposal.model_dump(exclude={"content"}) | proposal.content.model_dump())


class ApprovedView(View):
    """`client_secret` (of a credential) and `invitation` (of an owner) are shown this once and kept nowhere."""

    proposal: ProposalView
    client_secret: str | None
    invitation: str | None

    @classmethod
    def of(cls, approved: Approved) -> "ApprovedView":
        return cls(
            proposal=ProposalView.of(approved.proposal),
            client_secret=approved.client_secret,
            invitation=approved.invitation,
        )


class ProposalsView(View):
    proposals: list[ProposalView]
    next_page: str | None

    @classmethod
    def of(cls, proposals: list[Proposal], token: str | None) -> "ProposalsView":
        return cls(proposals=[ProposalView.of(one) for one in proposals], next_page=token)


class CredentialView(View):
    credential_id: str
    created_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None

    @classmethod
    def of(cls, credential: Credential) -> "CredentialView":
        return cls(**credential.model_dump(exclude={"sha256"}))


class ProviderView(View):
    provider_id: str
    name: str
    oidc: OidcView | None
    credentials: list[CredentialView]

    @classmethod
    def of(cls, provider: Provider) -> "ProviderView":
        return cls(
            provider_id=provider.provider_id,
            name=provider.name,
            oidc=OidcView.of(provider.oidc),
            credentials=[CredentialView.of(one) for one in provider.credentials],
        )


class ProvidersView(View):
    providers: list[ProviderView]
    next_page: str | None

    @classmethod
    def of(cls, providers: list[Provider], token: str | None) -> "ProvidersView":
        return cls(providers=[ProviderView.of(one) for one in providers], next_page=token)


class AuthorisationView(View):
    provider_id: str
    company_id: str
    granted_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, authorisation: Authorisation) -> "AuthorisationView":
        return cls(**dict(authorisation))


class EnrolledCompanyView(View):
    company_id: str
    name: str
    credit_code: str | None
    address: str | None
    sub_mchid: str
    credit_limit_fen: int | None
    credit_blocked: bool
    oidc: OidcView | None
    contracts: list[CompanyContractView]

    @classmethod
    def of(cls, company: Company) -> "EnrolledCompanyView":
        return cls.model_validate(company.model_dump(exclude={"revision"}))


class EnrolledCompaniesView(View):
    companies: list[EnrolledCompanyView]
    next_page: str | None

    @classmethod
    def of(cls, companies: list[Company], token: str | None) -> "EnrolledCompaniesView":
        return cls(companies=[EnrolledCompanyView.of(one) for one in companies], next_page=token)


class EnrolledCompanyFileView(View):
    company: EnrolledCompanyView
    authorisations: list[AuthorisationView]

    @classmethod
    def of(cls, company: Company, authorisations: list[Authorisation]) -> "EnrolledCompanyFileView":
        return cls(
            company=EnrolledCompanyView.of(company),
            authorisations=[AuthorisationView.of(one) for one in authorisations],
        )


class WithdrawnAuthorisationBody(Body):
    provider_id: Id
    company_id: Id
