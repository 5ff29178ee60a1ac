"""The web faces' pages with what this stack's configuration says about them.

Apart from the wiring: to serve a file takes no adapter and no use case.
"""

from pathlib import Path
from typing import Any

from daycover.platform.config import load
from daycover.platform.pages import filled_page, page
from daycover.platform.replies import Reply


def worker_page(directory: Path) -> Reply[Any]:
    """The worker's face; its scripts may post documents to where this stack stores them."""
    return page(directory, "worker.html", load().upload_origins)


def staff_page(directory: Path) -> Reply[Any]:
    """The staff console, which knows its OIDC issuer and may ask it for tokens."""
    config = load()
    values = {"issuer": config.oidc_issuer, "client_id": config.oidc_audience}
    return filled_page(directory, "staff.html", values, config.oidc_origin)
