"""GET and POST /v1/companies/{company_id}/operators…: an owner invites people, changes their roles, removes them."""

from typing import Any

from daycover.api.access.operators import (
    DeedsView,
    InvitationView,
    InvitedView,
    OperatorsView,
    OperatorView,
    RolesBody,
)
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access, company_caller

LISTED = 100
api = guarded_api()


@api.get("/v1/companies/<company_id>/operators")
def list_operators(company_id: str) -> Reply[OperatorsView]:
    """List a company's operators, those who left too, and the invitations that are open."""
    company_caller(api, company_id)
    return reply(200, OperatorsView.of(*access().manage_operators.list_of(company_id)))


@api.post("/v1/companies/<company_id>/invitations")
def invite_operator(company_id: str, body: RolesBody) -> Reply[InvitedView]:
    """Invite somebody; whoever holds the token accepts it, once, within seven days."""
    owner = company_caller(api, company_id).subject
    invitation, token = access().manage_operators.invite(company_id, body.stated(), owner)
    return reply(201, InvitedView(invitation=InvitationView.of(invitation), token=token))


@api.post("/v1/companies/<company_id>/invitations/<invitation_id>/withdrawal")
def withdraw_invitation(company_id: str, invitation_id: str) -> Reply[InvitationView]:
    """Take back an invitation that nobody has accepted."""
    company_caller(api, company_id)
    withdrawn = access().manage_operators.withdraw(company_id, invitation_id)
    return reply(200, InvitationView.of(withdrawn))


@api.post("/v1/companies/<company_id>/operators/<operator_id>/roles")
def change_operator_roles(company_id: str, operator_id: str, body: RolesBody) -> Reply[OperatorView]:
    """Change what another operator may do, from their next request on."""
    owner = company_caller(api, company_id).subject
    changed = access().manage_operators.change_roles(company_id, operator_id, body.stated(), owner)
    return reply(200, OperatorView.of(changed))


@api.post("/v1/companies/<company_id>/operators/<operator_id>/removal")
def remove_operator(company_id: str, operator_id: str) -> Reply[OperatorView]:
    """Let another operator in no longer, from their next request on."""
    owner = company_caller(api, company_id).subject
    return reply(200, OperatorView.of(access().manage_operators.remove(company_id, operator_id, owner)))


@api.get("/v1/companies/<company_id>/deeds")
def list_deeds(company_id: str, page: str | None = None) -> Reply[DeedsView]:
    """List who asked for what in the company's name, the newest first."""
    company_caller(api, company_id)
    return reply(200, DeedsView.of(*access().deeds.list_page(company_id, page, LISTED)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
