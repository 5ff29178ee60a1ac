"""POST …/identity-checks and …/{check_id}/result: the insured shows their face before a large payout."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.payouts.identities import IdentityCheckView, answer_result, answer_started
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.payouts import payouts

api = guarded_api()


@api.post("/v1/claims/<claim_no>/identity-checks")
def start_identity_check(claim_no: str) -> Reply[IdentityCheckView]:
    """Start a face check before a payout of 10,000 yuan or more, while `identity_wanted`.

    201 an attempt; 200 `PROVED` where the last check still serves (24 hours).
    """
    checked = payouts().prove_identity.start(api.caller.subject, claim_no)
    status, view = answer_started(checked, payouts().merchant, payouts().now())
    logger.info("identity check answered", claim_no=claim_no, status=view.status)
    return reply(status, view)


@api.post("/v1/claims/<claim_no>/identity-checks/<check_id>/result")
def ask_identity_result(claim_no: str, check_id: str) -> Reply[IdentityCheckView]:
    """Ask for the result of the face check.

    Proved, the payout goes on; 202 with `Retry-After` while the work card still waits.
    """
    checked = payouts().prove_identity.result(api.caller.subject, claim_no, check_id)
    status, view, headers = answer_result(checked, payouts().merchant, payouts().now())
    logger.info("identity check asked for", claim_no=claim_no, status=view.status)
    return reply(status, view, headers)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
