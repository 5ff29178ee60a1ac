"""Lets providers, companies and authorisations be there, by the store that enrolment writes with."""

from datetime import UTC, datetime
from itertools import count

from daycover.projects.company import Authorisation
from daycover.projects.enrol import Asked, Enrolled, Enrolments, Proposal, ProposalKind, ProposalStatus
from daycover.projects.provider import Credential, Provider, secret_hash
from daycover.store.companies import StoredCompanies
from daycover.store.enrolments import StoredEnrolments

_numbers = count(1)


def enrol(companies: Enrolments | StoredCompanies, *enrolled: Enrolled) -> None:
    """Let each be proposed by one person and approved by another.

    Raises what the store raises, AlreadyEnrolledError for what is there.
    """
    stored = StoredEnrolments(companies._table) if isinstance(companies, StoredCompanies) else companies
    for noun in enrolled:
        now = datetime.now(UTC)
        proposal = Proposal(
            proposal_id=f"TEST-{now.timestamp():.6f}-{next(_numbers)}",
            asked=Asked(kind=ProposalKind.REGISTER_COMPANY),
            proposed_by="staff-one",
            proposed_at=now,
        )
        stored.add(proposal)
        stored.settle(proposal.settled(ProposalStatus.APPROVED, "staff-two", now), noun)


def withdraw(companies: Enrolments | StoredCompanies, withdrawn: Authorisation) -> None:
    """Let a company have taken an authorisation back that stands."""
    stored = StoredEnrolments(companies._table) if isinstance(companies, StoredCompanies) else companies
    stored.withdraw_authorisation(withdrawn)


def a_provider(provider_id: str = "P1", name: str = "服务商", *secrets: str) -> Provider:
    """A provider with these client secrets in use."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    credentials = tuple(
        Credential(credential_id=f"K{number}", sha256=secret_hash(secret), created_at=at)
        for number, secret in enumerate(secrets, 1)
    )
    return Provider(provider_id=provider_id, name=name, credentials=credentials)
