"""GET /v1/staff/referrals/{referral_id}/documents/{document_id}/file: a link to a paper, good for a minute."""

from typing import Any

from daycover.api.cover.referrals import ReferralPageNumber
from daycover.api.duties import guarded_api
from daycover.api.uploads import FileLinkView
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/staff/referrals/<referral_id>/documents/<document_id>/file")
def open_referral_document(
    referral_id: str, document_id: str, page: ReferralPageNumber = 1
) -> Reply[FileLinkView]:
    """Give a link to a page of a referral's paper, good for a minute. Who looked is logged."""
    url = cover().open_referral_document(referral_id, document_id, page - 1)
    logger.info(
        "referral document opened",
        referral_id=referral_id,
        document_id=document_id,
        staff_id=api.caller.subject,
    )
    return reply(200, FileLinkView(url=url))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
