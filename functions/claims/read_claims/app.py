"""GET /v1/claims, /v1/claims/{claim_no}, /v1/loss-notices: what an account may read of claims and reports."""

from typing import Any

from daycover.api.claims.reports import OwnNoticesView, own_notices_view
from daycover.api.claims.worker import ClaimsView, ClaimView, claim_view, own_claims_view
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/claims")
def list_claims() -> Reply[ClaimsView]:
    """List the worker's own claims, whoever reported them, and those that the account may act on.

    `representations` are its requests to act on somebody's claim, whatever became of them.
    """
    return reply(200, own_claims_view(claims().read_claims.mine(api.caller.subject)))


@api.get("/v1/loss-notices")
def list_loss_notices() -> Reply[OwnNoticesView]:
    """List the reports that the account made, and those about its person that wait for a policy."""
    worker_id = api.caller.subject
    person_id, notices = claims().report_for_somebody.mine(worker_id)
    return reply(200, own_notices_view(notices, worker_id, person_id))


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
