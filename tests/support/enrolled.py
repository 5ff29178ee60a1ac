"""Lets providers, companies and authorisations be there, by the store that enrolment writes with."""

from datetime import UTC, datetime
from itertools import count

from daycover.projects.company import Authorisation
from daycover.projects.enrol import (
    Enrolled,
    Enrolments,
    Proposal,
    ProposalContent,
    ProposalKind,
    ProposalStatus,
    new_invitation,
)
from daycover.projects.operator import Operator, SignInWay
from daycover.projects.provider import Credential, Provider, secret_hash
from daycover.projects.roles import OperatorRole
from daycover.store.companies import StoredCompanies
from daycover.store.enrolments import StoredEnrolments
from daycover.wiring.adapters import Adapters

_numbers = count(1)


def enrol(companies: Enrolments | StoredCompanies, *enrolled: Enrolled, at: datetime | None = None) -> None:
    """Let each be proposed by one person and approved by another, now or `at` another time.

    Raises what the store raises, AlreadyEnrolledError for what is there.
    """
    stored = StoredEnrolments(companies._table) if isinstance(companies, StoredCompanies) else companies
    for place, noun in enumerate(enrolled):
        now = at or datetime.now(UTC)
        number = next(_numbers) if at is None else place
        proposal = Proposal(
            proposal_id=f"TEST-{now.timestamp():.6f}-{number}",
            content=ProposalContent(kind=ProposalKind.REGISTER_COMPANY),
            proposed_by="staff-one",
            proposed_at=now,
        )
        stored.add(proposal)
        stored.settle(proposal.settled(ProposalStatus.APPROVED, "staff-two", now), noun)


def withdraw(companies: Enrolments | StoredCompanies, withdrawn: Authorisation) -> None:
    """Let a company have taken an authorisation back that stands."""
    stored = StoredEnrolments(companies._table) if isinstance(companies, StoredCompanies) else companies
    stored.withdraw_authorisation(withdrawn)


def join(
    adapters: Adapters,
    company_id: str,
    operator_id: str,
    *roles: OperatorRole,
    way: SignInWay = SignInWay.WECHAT,
    vouched_by: str | None = None,
) -> None:
    """Let somebody be an operator of a company, as an invitation of the staff makes them one."""
    now = datetime.now(UTC)
    invitation, _ = new_invitation(company_id, roles, "staff-two", now)
    enrol(adapters.enrolments, invitation)
    joined = Operator(
        company_id=company_id,
        operator_id=operator_id,
        roles=roles,
        name="郑海棠",
        way=way,
        vouched_by=vouched_by,
        invited_by="staff-two",
        joined_at=now,
    )
    accepted = invitation.model_copy(update={"accepted_at": now, "accepted_by": operator_id})
    adapters.operators.join(joined, accepted)


def a_provider(provider_id: str = "P1", name: str = "服务商", *secrets: str) -> Provider:
    """A provider with these client secrets in use."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    credentials = tuple(
        Credential(credential_id=f"K{number}", sha256=secret_hash(secret), created_at=at)
        for number, secret in enumerate(secrets, 1)
    )
    return Provider(provider_id=provider_id, name=name, credentials=credentials)
