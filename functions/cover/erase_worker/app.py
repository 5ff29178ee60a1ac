"""POST /v1/erasure-requests: delete what nobody must keep of a worker, lock the rest until its time."""

from typing import Any

from daycover.api.cover.erasure import ErasureAction, ErasureBody, ErasureView
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/erasure-requests")
def erase_worker(body: ErasureBody) -> Reply[ErasureView]:
    """Erase what nobody must keep of a worker, and lock the rest until its time.

    Locked data serves no new cover; policies and claims stay.
    """
    erase = cover().erase_worker
    act = erase.request if body.action is ErasureAction.REQUEST else erase.withdraw
    erasure = act(api.caller.subject)
    logger.info("erasure answered", outcome=erasure.status)
    return reply(200, ErasureView.of(erasure))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
