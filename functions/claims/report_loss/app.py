"""POST /v1/companies/{company_id}/loss-notices: an operator reports an accident for a worker."""

from typing import Any

from daycover.api.claims.reports import LossNoticeBody, ReportedView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/companies/<company_id>/loss-notices")
def report_loss(company_id: str, body: LossNoticeBody) -> Reply[ReportedView]:
    """Report an accident for a worker of the company.

    202 `claim_no`, or `report_no` with status `UNMATCHED`; 200 a known claim with one more reporter.
    """
    caller = company_caller(api, company_id)
    person_id = claims().find_person(body.worker_id, body.document_type, body.id_number)
    reported = claims().report_claim.for_another(
        caller.role, caller.subject, person_id, body.report(), company_id=company_id
    )
    return reply(202 if reported.is_new else 200, ReportedView.of(reported))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
