"""POST /v1/sessions: a mini-program login code becomes a worker's access token."""

from datetime import timedelta
from typing import Any

from daycover.api.access.sign_in import WorkerSession, WorkerSignIn
from daycover.platform.http import open_api
from daycover.platform.network import network_of
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access

TOKEN_LIFE = timedelta(hours=12)
api = open_api()


@api.post("/v1/sessions")
def sign_in_worker(body: WorkerSignIn) -> Reply[WorkerSession]:
    """Exchange a login code of `wx.login` for a token."""
    with access().door("worker").opened(network_of(api.event)):
        worker_id = access().sign_in_worker(body.login_code)
    token, ends = access().access_tokens.issue("worker", worker_id, TOKEN_LIFE)
    return reply(200, WorkerSession(access_token=token, expires_at=ends, worker_id=worker_id))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
