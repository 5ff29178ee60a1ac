"""…/beneficiaries, …/confirmation, …/answer: who is paid of a death claim, by two people, and what they say."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.payouts.beneficiaries import (
    BeneficiariesAnswerBody,
    BeneficiariesBody,
    BeneficiariesConfirmationBody,
    BeneficiariesView,
)
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.payouts import payouts

api = guarded_api()


@api.get("/v1/staff/claims/<claim_no>/beneficiaries")
def read_beneficiaries(claim_no: str) -> Reply[BeneficiariesView]:
    """Read the beneficiaries, masked."""
    return reply(200, BeneficiariesView.of(payouts().state_beneficiaries.read(claim_no)))


@api.post("/v1/staff/claims/<claim_no>/beneficiaries")
def state_beneficiaries(claim_no: str, body: BeneficiariesBody) -> Reply[BeneficiariesView]:
    """Record all beneficiaries of a death claim, on an accepted RELATION_PROOF; shares sum to 1."""
    caller = api.caller
    stated = payouts().state_beneficiaries.state(
        caller.subject, claim_no, body.people(), body.basis, body.departs_because
    )
    logger.info("beneficiaries stated", claim_no=claim_no)
    return reply(200, BeneficiariesView.of(stated))


@api.post("/v1/staff/claims/<claim_no>/beneficiaries/confirmation")
def confirm_beneficiaries(claim_no: str, body: BeneficiariesConfirmationBody) -> Reply[BeneficiariesView]:
    """Confirm the beneficiaries, never as who recorded them; the payout that waited for it starts."""
    caller = api.caller
    stated = payouts().state_beneficiaries.confirm(caller.subject, claim_no, body.version)
    logger.info("beneficiaries confirmed", claim_no=claim_no)
    return reply(200, BeneficiariesView.of(stated))


@api.post("/v1/staff/claims/<claim_no>/beneficiaries/answer")
def answer_for_beneficiaries(claim_no: str, body: BeneficiariesAnswerBody) -> Reply[BeneficiariesView]:
    """Record what the confirmed said to the amount, never as who decided or acknowledged it."""
    caller = api.caller
    payouts().answer_for_beneficiaries(caller.subject, claim_no, body.answer, body.reason)
    logger.info("beneficiaries answered", claim_no=claim_no, answer=body.answer)
    return reply(200, BeneficiariesView.of(payouts().state_beneficiaries.read(claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
