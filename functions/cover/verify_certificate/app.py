"""GET /v1/certificates/{credential} and /c/{credential}: whether a certificate is genuine, for anybody."""

from pathlib import Path
from typing import Any

from daycover.api.cover.certificates import CertificateVerificationView, verification_page
from daycover.platform.http import open_api
from daycover.platform.pages import filled_page
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

PAGES = Path(__file__).parent
api = open_api()


@api.get("/v1/certificates/<credential>")
def verify_certificate(credential: str) -> Reply[CertificateVerificationView]:
    """Say whether a certificate is genuine.

    `certificate` is null unless it is, `status` where no record is at hand.
    """
    return reply(200, CertificateVerificationView.of(cover().verify_certificate(credential)))


@api.get("/c/<credential>")
def show_verification(credential: str) -> Reply[Any]:
    """Show the same as a page: what a certificate's QR code opens."""
    name, values = verification_page(cover().verify_certificate(credential), cover().now())
    return filled_page(PAGES, name, values)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
