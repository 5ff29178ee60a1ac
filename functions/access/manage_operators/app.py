"""POST /v1/companies/{company_id}/operators… and …/invitations…: an owner invites people, changes and removes them."""

from typing import Any

from daycover.api.access.operators import (
    InvitationView,
    InvitedView,
    OperatorView,
    RolesBody,
)
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access, company_caller

api = guarded_api()


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


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
