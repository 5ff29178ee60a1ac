"""POST /v1/staff/proposals/…: one person of the staff proposes a provider, a company, a contract, an owner."""

from typing import Any

from daycover.api.access.enrolment import (
    AuthorisationBody,
    CompanyBody,
    CredentialBody,
    NextContractBody,
    OwnerBody,
    ProposalView,
    ProviderBody,
)
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access

api = guarded_api()


@api.post("/v1/staff/proposals/providers")
def propose_provider(body: ProviderBody) -> Reply[ProposalView]:
    """Propose to register a service provider."""
    return reply(201, ProposalView.of(access().enrol.propose(body.content(), api.caller.subject)))


@api.post("/v1/staff/proposals/credentials")
def propose_credential(body: CredentialBody) -> Reply[ProposalView]:
    """Propose a client secret for a provider: its first, or the next before the one in use is revoked."""
    return reply(201, ProposalView.of(access().enrol.propose(body.content(), api.caller.subject)))


@api.post("/v1/staff/proposals/companies")
def propose_company(body: CompanyBody) -> Reply[ProposalView]:
    """Propose to register a labour company with its contract."""
    return reply(201, ProposalView.of(access().enrol.propose(body.content(), api.caller.subject)))


@api.post("/v1/staff/proposals/contracts")
def propose_contract(body: NextContractBody) -> Reply[ProposalView]:
    """Propose the contract of a company that follows its last one."""
    return reply(201, ProposalView.of(access().enrol.propose(body.content(), api.caller.subject)))


@api.post("/v1/staff/proposals/authorisations")
def propose_authorisation(body: AuthorisationBody) -> Reply[ProposalView]:
    """Propose that a provider may act for a company."""
    return reply(201, ProposalView.of(access().enrol.propose(body.content(), api.caller.subject)))


@api.post("/v1/staff/proposals/owners")
def propose_owner(body: OwnerBody) -> Reply[ProposalView]:
    """Propose to invite an owner of a company, who invites everybody else."""
    return reply(201, ProposalView.of(access().enrol.propose(body.content(), api.caller.subject)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
