"""GET /v1/staff/occupation-referrals and POST …/{referral_id}/answer: an underwriter names the class of work."""

from typing import Any

from daycover.api.cover.occupations import (
    OccupationAnswerBody,
    OccupationReferralsView,
    OccupationReferralView,
    WaitingOccupationsView,
)
from daycover.api.duties import answers_any_class, guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/staff/occupation-referrals")
def list_waiting_occupations() -> Reply[WaitingOccupationsView]:
    """List the work that waits for an underwriter's answer, the first due first."""
    answer = cover().answer_occupation
    waiting = OccupationReferralsView.of(answer.waiting(), cover().now())
    clauses = tuple(answer.clauses())
    return reply(200, WaitingOccupationsView(referrals=waiting.referrals, clauses=clauses))


@api.post("/v1/staff/companies/<company_id>/occupation-referrals/<referral_id>/answer")
def answer_occupation(
    company_id: str, referral_id: str, body: OccupationAnswerBody
) -> Reply[OccupationReferralView]:
    """Answer what work is: a class with its reason, a refusal, or which occupation of the table.

    An entry for this company from now on; class 5 and 6 are answered by a senior adjuster.
    """
    answer, is_senior = cover().answer_occupation, answers_any_class(api)
    referral = answer(api.caller.subject, is_senior, company_id, referral_id, body.stated())
    logger.info("occupation answered", referral_id=referral_id, verdict=body.verdict)
    return reply(200, OccupationReferralView.of(referral, cover().now()))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
