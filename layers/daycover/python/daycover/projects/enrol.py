"""Enrolment (准入): how providers, companies, their contracts and owners come into the product, by two persons.

One member of the staff proposes, another approves; what is approved takes effect in the same write. What takes access
away needs one person only: it must not wait for a second.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover import crockford
from daycover.china_time import china_day
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.company import Authorisation, Company, CompanyNotAuthorisedError, OidcClient
from daycover.projects.contract import Billing, Contract
from daycover.projects.operator import Invitation
from daycover.projects.provider import Credential, Provider, ProviderNotFoundError, secret_hash
from daycover.projects.roles import OperatorRole

SECRET_BYTES = 32
CONTRACT_LEAD = timedelta(hours=1)
"""Before the day that a contract begins on: containers remember contracts for minutes (`books/terms.py`)."""


class ProposalNotFoundError(DaycoverError):
    """There is no proposal of that id.

    What to do: Read the list of proposals and take the id from it.
    含义:没有这个准入申请。
    处理:读取准入申请列表,使用其中的编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有这个准入申请", "No such proposal"


class ProposalSettledError(DaycoverError):
    """The proposal was approved or withdrawn already.

    What to do: Read the list of proposals; make another one where something must change.
    含义:该准入申请已批准或已撤回。
    处理:读取准入申请列表;需要变更时重新提交。
    """

    kind = ErrorKind.CONFLICT
    title = "该申请已有结果", "The proposal is settled"


class ProposalApprovedBySamePersonError(DaycoverError):
    """Whoever made a proposal cannot approve it.

    What to do: Have another person with the duty approve.
    含义:提交申请的人不能自己批准。
    处理:由另一位有职责的人批准。
    """

    kind = ErrorKind.CONFLICT
    title = "批准人不能是提交人", "The same person may not propose and approve"
    detail = "请由另一位有权限的人员批准。", "Another person with the duty must approve."


class AlreadyEnrolledError(DaycoverError):
    """A provider or company has this id, or a company this credit code; an authorisation of this kind stands already.

    What to do: Read what is enrolled; choose another id for somebody new.
    含义:该编号或统一社会信用代码已有登记,或该授权已经有效。
    处理:先查看已有登记;如为新的主体,请换一个编号。
    """

    kind = ErrorKind.CONFLICT
    title = "已有登记", "It is enrolled already"
    detail = (
        "该编号、统一社会信用代码或授权已有登记,请先查看。",
        "This id, credit code or authorisation is enrolled: look it up first.",
    )


class ProposalKind(StrEnum):
    """What is asked for. The subject is a provider's id, a company's, or a provider's for a company."""

    REGISTER_PROVIDER = "REGISTER_PROVIDER"
    ISSUE_CREDENTIAL = "ISSUE_CREDENTIAL"
    REGISTER_COMPANY = "REGISTER_COMPANY"
    CHANGE_CONTRACT = "CHANGE_CONTRACT"
    AUTHORISE_PROVIDER = "AUTHORISE_PROVIDER"
    INVITE_OWNER = "INVITE_OWNER"


class ProposalStatus(StrEnum):
    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    WITHDRAWN = "WITHDRAWN"


class CompanyFacts(BaseModel, frozen=True, defer_build=True):
    """What the contract says of a company."""

    name: str
    credit_code: str
    address: str
    sub_mchid: str
    credit_limit_fen: int | None = None
    contract: Contract
    oidc: OidcClient | None = None


class ProposalContent(BaseModel, frozen=True, defer_build=True):
    """What a proposal is for; the fields that its kind needs are there."""

    kind: ProposalKind
    provider_id: str | None = None
    company_id: str | None = None
    name: str | None = None
    oidc: OidcClient | None = None
    company: CompanyFacts | None = None
    contract: Contract | None = None


class Proposal(BaseModel, frozen=True, defer_build=True):
    """What one person asked for and another decided. Both are staff ids."""

    proposal_id: str
    content: ProposalContent
    status: ProposalStatus = ProposalStatus.PROPOSED
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None

    def settled(self, status: ProposalStatus, by: str, at: datetime) -> "Proposal":
        return self.model_copy(update={"status": status, "settled_by": by, "settled_at": at})


Enrolled = Provider | Company | Authorisation | Invitation
"""What an approval brings about: something new, or the next revision of a provider or a company."""


class Approved(NamedTuple):
    """An approval, and what is shown this once: a client secret or an invitation."""

    proposal: Proposal
    client_secret: str | None = None
    invitation: str | None = None


class Enrolments(Protocol):
    """Where proposals are kept, and what they bring about."""

    def add(self, proposal: Proposal) -> None:
        """The same proposal again changes nothing. Raises ConcurrentChangeError where another stands."""
        ...

    def find(self, proposal_id: str) -> Proposal | None: ...

    def list_proposals(self, token: str | None, limit: int) -> tuple[list[Proposal], str | None]:
        """The newest first. Raises PageTokenError."""
        ...

    def settle(self, settled: Proposal, enrolled: Enrolled | None = None) -> None:
        """Store how a proposal ended together with what it brings about.

        Raises ConcurrentChangeError when it was settled since, or a revision is not the one before;
        AlreadyEnrolledError when what is new is there.
        """
        ...

    def find_provider(self, provider_id: str) -> Provider | None: ...

    def save_provider(self, provider: Provider) -> None:
        """Store the next revision. Raises ConcurrentChangeError."""
        ...

    def find_company(self, company_id: str) -> Company | None: ...

    def has_credit_code(self, credit_code: str) -> bool: ...

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None: ...

    def withdraw_authorisation(self, withdrawn: Authorisation) -> None:
        """Store that one was withdrawn. Raises ConcurrentChangeError when it was granted anew since."""
        ...

    def authorisations_of(self, company_id: str) -> list[Authorisation]: ...

    def list_providers(self, token: str | None, limit: int) -> tuple[list[Provider], str | None]: ...

    def list_companies(self, token: str | None, limit: int) -> tuple[list[Company], str | None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """Propose, approve, withdraw; revoke what was given."""

    now: Callable[[], datetime]
    new_id: Callable[[datetime], str]
    stored: Enrolments

    def propose(self, content: ProposalContent, by: str) -> Proposal:
        """Keep what is asked for until another person approves it.

        It is checked now, so that nobody approves what can't be, and once more at the approval. Raises
        AlreadyEnrolledError, ProviderNotFoundError, CompanyNotAuthorisedError, ContractStartsTooEarlyError,
        TooManyCredentialsError.
        """
        now = self.now()
        proposal = Proposal(proposal_id=self.new_id(now), content=content, proposed_by=by, proposed_at=now)
        self._outcome(proposal, by, now)
        self.stored.add(proposal)
        return proposal

    def approve(self, proposal_id: str, by: str) -> Approved:
        """Let what another person proposed take effect, at once.

        Raises ProposalNotFoundError, ProposalSettledError, ProposalApprovedBySamePersonError, ConcurrentChangeError,
        and what `propose` raises.
        """
        proposal, now = self._open(proposal_id), self.now()
        if proposal.proposed_by == by:
            raise ProposalApprovedBySamePersonError
        enrolled, shown = self._outcome(proposal, by, now)
        settled = proposal.settled(ProposalStatus.APPROVED, by, now)
        self.stored.settle(settled, enrolled)
        if isinstance(enrolled, Invitation):
            return Approved(settled, invitation=shown)
        return Approved(settled, client_secret=shown)

    def withdraw(self, proposal_id: str, by: str) -> Proposal:
        """Take a proposal back, whoever made it. Raises ProposalNotFoundError, ProposalSettledError."""
        withdrawn = self._open(proposal_id).settled(ProposalStatus.WITHDRAWN, by, self.now())
        self.stored.settle(withdrawn)
        return withdrawn

    def revoke_credential(self, provider_id: str, credential_id: str, by: str) -> Provider:
        """End a client secret; tokens that it obtained live for their hour at most.

        Raises ProviderNotFoundError, CredentialNotFoundError, ConcurrentChangeError.
        """
        revoked = self._provider(provider_id).without_credential(credential_id, by, self.now())
        self.stored.save_provider(revoked)
        return revoked

    def withdraw_authorisation(self, provider_id: str, company_id: str) -> Authorisation:
        """Let a provider act for a company no longer, from its next request on; again changes nothing.

        Raises CompanyNotAuthorisedError where it never did.
        """
        granted = self.stored.find_authorisation(provider_id, company_id)
        if granted is None:
            raise CompanyNotAuthorisedError
        if granted.withdrawn_at is not None:
            return granted
        withdrawn = granted.model_copy(update={"withdrawn_at": self.now()})
        self.stored.withdraw_authorisation(withdrawn)
        return withdrawn

    def _open(self, proposal_id: str) -> Proposal:
        proposal = self.stored.find(proposal_id)
        if proposal is None:
            raise ProposalNotFoundError
        if proposal.status is not ProposalStatus.PROPOSED:
            raise ProposalSettledError
        return proposal

    def _outcome(self, proposal: Proposal, by: str, now: datetime) -> tuple[Enrolled, str | None]:
        """Give what an approval would bring about now, and the secret that is shown with it."""
        content = proposal.content
        match content.kind:
            case ProposalKind.REGISTER_PROVIDER:
                return self._new_provider(content), None
            case ProposalKind.ISSUE_CREDENTIAL:
                secret = secrets.token_urlsafe(SECRET_BYTES)
                added = Credential(
                    credential_id=proposal.proposal_id, sha256=secret_hash(secret), created_at=now
                )
                return self._provider(_named(content.provider_id)).with_credential(added), secret
            case ProposalKind.REGISTER_COMPANY:
                return self._new_company(content), None
            case ProposalKind.CHANGE_CONTRACT:
                company = self._company(_named(content.company_id))
                assert content.contract is not None
                return company.with_contract(content.contract, china_day(now + CONTRACT_LEAD)), None
            case ProposalKind.AUTHORISE_PROVIDER:
                return self._new_authorisation(content, now), None
            case ProposalKind.INVITE_OWNER:
                company_id = self._company(_named(content.company_id)).company_id
                return new_invitation(company_id, (OperatorRole.OWNER,), by, now)

    def _new_provider(self, content: ProposalContent) -> Provider:
        provider_id = _named(content.provider_id)
        if self.stored.find_provider(provider_id) is not None:
            raise AlreadyEnrolledError
        return Provider(provider_id=provider_id, name=_named(content.name), oidc=content.oidc)

    def _new_company(self, content: ProposalContent) -> Company:
        company_id, facts = _named(content.company_id), content.company
        assert facts is not None
        if self.stored.find_company(company_id) is not None or self.stored.has_credit_code(facts.credit_code):
            raise AlreadyEnrolledError
        return Company(
            company_id=company_id,
            contracts=(facts.contract,),
            **facts.model_dump(exclude={"contract", "oidc"}),
            oidc=facts.oidc,
            credit_blocked=facts.contract.billing is Billing.PREPAID,  # nothing is paid in yet
        )

    def _new_authorisation(self, content: ProposalContent, now: datetime) -> Authorisation:
        provider_id, company_id = _named(content.provider_id), _named(content.company_id)
        self._provider(provider_id)
        self._company(company_id)
        before = self.stored.find_authorisation(provider_id, company_id)
        if before is not None and before.withdrawn_at is None:
            raise AlreadyEnrolledError
        return Authorisation(provider_id=provider_id, company_id=company_id, granted_at=now)

    def _provider(self, provider_id: str) -> Provider:
        found = self.stored.find_provider(provider_id)
        if found is None:
            raise ProviderNotFoundError
        return found

    def _company(self, company_id: str) -> Company:
        found = self.stored.find_company(company_id)
        if found is None:
            raise CompanyNotAuthorisedError
        return found


def new_invitation(
    company_id: str, roles: tuple[OperatorRole, ...], by: str, now: datetime
) -> tuple[Invitation, str]:
    """Make an invitation and the token that opens it, which says which company it is of (256 random bits)."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    sha256 = secret_hash(secret)
    invitation = Invitation(
        company_id=company_id,
        invitation_id=invitation_id_of(sha256),
        sha256=sha256,
        roles=roles,
        invited_by=by,
        invited_at=now,
    )
    return invitation, f"{company_id}.{secret}"


def invitation_id_of(sha256: str) -> str:
    """Give the id that an invitation has, from the hash of its token's secret."""
    return crockford.of_digest(bytes.fromhex(sha256), 20)


def _named(said: str | None) -> str:
    """What the body of a kind requires is there."""
    assert said is not None
    return said
