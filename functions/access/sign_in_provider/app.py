"""POST /v1/tokens: client credentials of a service provider become an access token."""

from datetime import timedelta
from typing import Any

from daycover.api.access.sign_in import ClientSession, ClientSignIn
from daycover.platform.http import open_api
from daycover.platform.network import network_of
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access

TOKEN_LIFE = timedelta(hours=1)
api = open_api()


@api.post("/v1/tokens")
def sign_in_provider(body: ClientSignIn) -> Reply[ClientSession]:
    """Exchange a service provider's credentials for a token.

    With `company_id` the token is limited to that company.
    """
    with access().door("provider").opened(network_of(api.event), body.client_id):
        role, subject = access().sign_in_provider(body.client_id, body.client_secret, body.company_id)
    token, ends = access().access_tokens.issue(role, subject, TOKEN_LIFE, provider_id=body.client_id)
    return reply(200, ClientSession(access_token=token, expires_at=ends))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
