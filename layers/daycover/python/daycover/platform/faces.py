"""The web faces' pages with what this stack's configuration says about them.

Apart from the wiring: to serve a file takes no adapter and no use case.
"""

from collections.abc import Mapping
from typing import Any

from daycover.platform.config import load
from daycover.platform.pages import WebFiles
from daycover.platform.replies import Reply


def worker_page(files: WebFiles, event: Mapping[str, Any]) -> Reply[Any]:
    """The worker's face; its scripts may post documents to where this stack stores them."""
    return files.page(event, "worker.html", connect=load().upload_origins)


def staff_page(files: WebFiles, event: Mapping[str, Any]) -> Reply[Any]:
    """The staff console: it asks its OIDC issuer for tokens, and shows and files papers where the stack keeps them."""
    config = load()
    values = {"issuer": config.oidc_issuer, "client_id": config.oidc_audience}
    connect = f"{config.oidc_origin} {config.upload_origins}"
    return files.page(event, "staff.html", values, connect, config.upload_origins)
