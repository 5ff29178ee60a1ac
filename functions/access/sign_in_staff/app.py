"""POST /v1/staff-sessions: an id token of the insurer's OIDC issuer becomes an access token of ours."""

from datetime import timedelta
from typing import Any

from daycover.api.access.sign_in import StaffSession, StaffSignIn
from daycover.platform.http import open_api
from daycover.platform.network import network_of
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access

TOKEN_LIFE = timedelta(hours=8)
api = open_api()


@api.post("/v1/staff-sessions")
def sign_in_staff(body: StaffSignIn) -> Reply[StaffSession]:
    """Exchange an id token of the insurer's OIDC issuer for a token.

    It is taken once, within ten minutes, and only with the `nonce` of its sign-in.
    """
    with access().door("staff").opened(network_of(api.event)):
        subject, roles = access().sign_in_staff(body.id_token, body.nonce)
    token, ends = access().access_tokens.issue("staff", subject, TOKEN_LIFE, staff_roles=" ".join(roles))
    return reply(200, StaffSession(access_token=token, expires_at=ends, roles=roles))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
