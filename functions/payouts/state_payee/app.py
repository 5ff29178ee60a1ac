"""…/payee and /v1/designation: a bank account in the insured's own name, and whom they designate if they die."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.payouts.designations import DesignationBody, DesignationView
from daycover.api.payouts.payees import PayeeBody, PayeeView
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.payouts import payouts

api = guarded_api()


@api.post("/v1/claims/<claim_no>/payee")
def state_payee(claim_no: str, body: PayeeBody) -> Reply[PayeeView]:
    """State a bank account in the insured's own name; the payout that waited for it starts.

    For sums above the wallet limit; sealed.
    """
    account = payouts().state_payee(api.caller.subject, claim_no, body.account())
    logger.info("payee stated", claim_no=claim_no)
    return reply(200, PayeeView.of(claim_no, account))


@api.get("/v1/designation")
def read_designation() -> Reply[DesignationView]:
    """Read whom the worker has designated to be paid if they die."""
    return reply(200, DesignationView.of(payouts().designate.read(api.caller.subject)))


@api.post("/v1/designation")
def state_designation(body: DesignationBody) -> Reply[DesignationView]:
    """Designate close relatives, change it, or withdraw it with nobody; it holds for accidents from now on."""
    stated = payouts().designate(api.caller.subject, body.version, body.designated())
    logger.info("designation stated", version=stated.version)
    return reply(200, DesignationView.of(stated))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
