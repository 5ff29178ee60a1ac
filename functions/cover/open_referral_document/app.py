"""GET /v1/staff/referrals/{referral_id}, …/documents/{document_id}/file, …/looks: what an underwriter reads."""

from typing import Any

from daycover.api.cover.referral_file import (
    ReferralFileView,
    ReferralLooksView,
    referral_file_view,
    referral_reader_of,
)
from daycover.api.cover.referrals import ReferralPageNumber
from daycover.api.duties import guarded_api
from daycover.api.uploads import FileLinkView
from daycover.platform.replies import Reply, reply
from daycover.wiring.bench import bench
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/staff/referrals/<referral_id>")
def read_referral_file(referral_id: str) -> Reply[ReferralFileView]:
    """Read a referral with the person in clear; who looked is recorded."""
    file = bench().at_referrals.file(referral_reader_of(api), referral_id)
    return reply(200, referral_file_view(file, cover().now()))


@api.get("/v1/staff/referrals/<referral_id>/documents/<document_id>/file")
def open_referral_document(
    referral_id: str, document_id: str, page: ReferralPageNumber = 1
) -> Reply[FileLinkView]:
    """Give a link to a page of a referral's paper, good for a minute. Who looked is recorded."""
    look_at = bench().at_referrals
    return reply(
        200, FileLinkView(url=look_at.document(referral_reader_of(api), referral_id, document_id, page - 1))
    )


@api.get("/v1/staff/referrals/<referral_id>/looks")
def read_referral_looks(referral_id: str) -> Reply[ReferralLooksView]:
    """Read who was shown a referral's person or papers, newest first."""
    return reply(200, ReferralLooksView.of(bench().at_referrals.of(referral_id)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
