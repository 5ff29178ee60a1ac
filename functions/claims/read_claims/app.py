"""GET /v1/claims and /v1/claims/{claim_no}: the worker's own claims, whoever reported them."""

from typing import Any

from daycover.api.claims.worker import ClaimsView, ClaimView, claim_view, worker_summary
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/claims")
def list_claims() -> Reply[ClaimsView]:
    """List the worker's own claims, whoever reported them."""
    own = claims().read_claims.mine(api.caller.subject)
    return reply(200, ClaimsView(claims=[worker_summary(claim) for claim in own]))


@api.get("/v1/claims/<claim_no>")
def read_claim(claim_no: str) -> Reply[ClaimView]:
    """Read a claim: status, timeline, checklist, assessment, payout, advances, clocks.

    `confirmation` of a payout opens WeChat's page (`wx.requestMerchantTransfer`) while the worker must confirm there.
    """
    capability = claims()
    file = capability.read_claims.my_file(api.caller.subject, claim_no)
    return reply(200, claim_view(file, lambda: capability.merchant))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
