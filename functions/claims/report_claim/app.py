"""POST /v1/claims and /v1/loss-notices: report one's own accident, or somebody else's."""

from typing import Any

from daycover.api.claims.reports import NoticeTakenView, OwnReportBody, ReportedView, ReportForSomebodyBody
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/claims")
def report_claim(body: OwnReportBody) -> Reply[ReportedView]:
    """Report an accident.

    `Idempotency-Key` is honoured. 202 a new claim with its checklist, or a notice (`report_no`) that staff will match;
    200 the same claim again.
    """
    reported = claims().report_claim(api.caller.subject, body.report())
    view = ReportedView.of(reported)
    logger.info("claim reported", claim_no=view.claim_no, report_no=view.report_no, is_new=reported.is_new)
    return reply(202 if reported.is_new else 200, view)


@api.post("/v1/loss-notices")
def report_for_somebody(body: ReportForSomebodyBody) -> Reply[NoticeTakenView]:
    """Report somebody else's accident: a relative's, a workmate's.

    202 with a report number, the same whether there is cover or not. Staff call the phone number.
    """
    report = claims().report_for_somebody
    notice = report(api.caller.subject, body.document_type, body.id_number, body.report())
    logger.info("loss notice taken", report_no=notice.report_no)
    return reply(202, NoticeTakenView(report_no=notice.report_no))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
