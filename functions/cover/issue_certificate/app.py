"""GET /v1/policies/{policy_no}/certificate: the worker's certificate as a page, a QR code, or data."""

from pathlib import Path
from typing import Any, Literal

from daycover.api.cover.certificates import CertificateView, certificate_page
from daycover.api.duties import guarded_api
from daycover.platform.pages import filled_page
from daycover.platform.replies import Reply, picture, reply
from daycover.wiring.cover import cover
from daycover.wiring.projects import projects

PAGES = Path(__file__).parent
api = guarded_api()


@api.get("/v1/policies/<policy_no>/certificate")
def issue_certificate(
    policy_no: str,
    format: Literal["html", "svg", "png", "json"] = "html",
) -> Reply[CertificateView | str | bytes]:
    """Give the certificate as a page, as the QR code of its verification link, or as data.

    Also after the cover. `contract` is what Insurance Law art. 18 asks for, with the full name: for the insured alone;
    whoever scans the code sees none of it.
    """
    issued = cover().issue_certificate(api.caller.subject, policy_no)
    link, refer = cover().certificate_link(issued.credential), cover().terms_reference
    if format == "json":
        return reply(200, CertificateView.of(issued, link, refer))
    if format == "html":
        code = projects().draw_code("svg", link)
        return filled_page(PAGES, "certificate.html", certificate_page(issued, link, code, refer))
    return picture(format, projects().draw_code(format, link))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
