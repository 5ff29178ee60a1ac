"""POST /v1/claims: an injured worker reports; the claim is stored, then ClaimToPayout follows it."""

from typing import Any

from daycover.api.claims.reports import OwnReportBody, ReportedView
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


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
