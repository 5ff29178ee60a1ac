"""POST /v1/operator-sessions and GET /v1/operator-sign-in: a company's people sign in, each as themselves."""

from datetime import timedelta
from typing import Any

from daycover.api.access.operators import MembershipView, OperatorSession, OperatorSignIn, SignInWayView
from daycover.api.fields import Id
from daycover.platform.http import open_api
from daycover.platform.network import network_of
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access

TOKEN_LIFE = timedelta(hours=8)
api = open_api()


@api.post("/v1/operator-sessions")
def sign_in_operator(body: OperatorSignIn) -> Reply[OperatorSession]:
    """Exchange a sign-in at WeChat or at an issuer for a token; with `acceptance` an invitation is used up.

    The token says who somebody is. What they may do in which company is asked with each request.
    """
    with access().door("operator").opened(network_of(api.event)):
        proof = access().proof_of(body)
    if body.acceptance is not None:
        access().sign_in_operator.accept(proof, body.acceptance.invitation, body.acceptance.name)
    companies = [MembershipView.of(one) for one in access().sign_in_operator.companies_of(proof)]
    token, ends = access().access_tokens.issue("operator", proof.operator_id, TOKEN_LIFE)
    session = OperatorSession(
        access_token=token, expires_at=ends, operator_id=proof.operator_id, companies=companies
    )
    return reply(200, session)


@api.get("/v1/operator-sign-in")
def find_operator_sign_in(
    company_id: Id | None = None, provider_id: Id | None = None
) -> Reply[SignInWayView]:
    """Find where the people of a company or of a provider sign in."""
    client = access().find_sign_in(company_id=company_id, provider_id=provider_id)
    endpoint = access().operator_issuers.authorization_endpoint(client)
    return reply(200, SignInWayView(authorization_endpoint=endpoint, client_id=client.client_id))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
