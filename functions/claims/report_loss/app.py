"""POST /v1/companies/{company_id}/loss-notices: an operator reports an accident for a worker."""

from typing import Any

from daycover.api.claims.reports import LossNoticeBody, ReportedView
from daycover.bootstrap import use_cases
from daycover.platform.http import http_api
from daycover.platform.replies import Reply, reply

api = http_api()


@api.post("/v1/companies/<company_id>/loss-notices")
def report_loss(company_id: str, body: LossNoticeBody) -> Reply[ReportedView]:
    caller = api.caller("provider", "company")
    use_cases().act_for(caller, company_id)
    person_id = use_cases().person_behind(body.worker_id, body.id_number)
    reported = use_cases().report_claim.for_another(
        caller.role, caller.subject, person_id, body.report(), company_id=company_id
    )
    return reply(202 if reported.is_new else 200, ReportedView.of(reported))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
