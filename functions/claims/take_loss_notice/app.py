"""POST /v1/staff/loss-notices and …/claims/{claim_no}/consents: what an intake clerk is told on the phone."""

from typing import Any

from daycover.api.claims.consents import ClaimConsentsView, PhoneConsentsBody, accepted_of
from daycover.api.claims.reports import CallBody, ReportedView
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/staff/loss-notices")
def take_loss_notice(body: CallBody) -> Reply[ReportedView]:
    """Take a report by phone, with or without a policy number.

    202 `claim_no`, or `report_no` with status `UNMATCHED`; 200 a known claim with one more reporter.
    """
    caller = api.caller
    person_id = claims().find_person(body.worker_id, body.document_type, body.id_number)
    reported = claims().report_claim.for_another(caller.role, caller.subject, person_id, body.report())
    view = ReportedView.of(reported)
    logger.info("loss notice taken", claim_no=view.claim_no, report_no=view.report_no)
    return reply(202 if reported.is_new else 200, view)


@api.post("/v1/staff/claims/<claim_no>/consents")
def record_claim_consents(claim_no: str, body: PhoneConsentsBody) -> Reply[ClaimConsentsView]:
    """Record what the claimant said on the phone about the consents of a claim.
    The texts to read out stand in `consents` of the claim.
    """
    caller, consents = api.caller, claims().consents
    claim = consents.give_by_phone(caller.subject, claim_no, accepted_of(body.consents))
    claim = consents.withdraw_by_phone(caller.subject, claim_no, body.withdrawn)
    logger.info("consents recorded", claim_no=claim_no)
    return reply(200, ClaimConsentsView.of(claim))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
