"""GET /v1/terms/{terms_id}: a published version of the insurance terms, for anybody and for ever."""

from pathlib import Path
from typing import Any, Literal

from daycover.api.cover.terms import TermsView, terms_page
from daycover.platform.http import open_api
from daycover.platform.pages import filled_page
from daycover.platform.replies import FOR_EVER, Reply, reply
from daycover.wiring.cover import cover

PAGES = Path(__file__).parent
api = open_api()


@api.get("/v1/terms/<terms_id>")
def read_terms(terms_id: str, format: Literal["html", "json"] = "html") -> Reply[TermsView | str]:
    """Give a version of the insurance terms, as a page to read and print or as data.

    The address holds the text's hash: what it leads to never changes, and old versions stay.
    """
    found = cover().read_terms(terms_id)
    filing_no = cover().filing_no(found.version)
    if format == "json":
        return reply(200, TermsView.of(found, filing_no), FOR_EVER)
    return filled_page(PAGES, "terms.html", terms_page(found, filing_no), caching=FOR_EVER)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
