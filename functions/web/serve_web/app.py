"""GET /, /s/{token}, /me, /desk, /staff and /static/…: the three web faces, as any browser opens them."""

from pathlib import Path
from typing import Any

from daycover.platform.faces import staff_page, worker_page
from daycover.platform.http import open_api
from daycover.platform.pages import WebFiles
from daycover.platform.replies import Reply

FILES = WebFiles(Path(__file__).parents[1] / "static")
api = open_api()


@api.get("/")
def home() -> Reply[Any]:
    """Say what daycover is, with the way to the three web faces."""
    return FILES.page(api.event, "index.html")


@api.get("/s/<token>")
def scanned(token: str) -> Reply[Any]:  # noqa: ARG001
    # the page reads the token from its own address; WeChat opens the mini program before it gets here
    """Open the worker's face at a scanned code.

    `?code=` signs in with a login code of `wx.login`, once.
    """
    return worker_page(FILES, api.event)


@api.get("/me")
def worker() -> Reply[Any]:
    """Open the worker's face."""
    return worker_page(FILES, api.event)


@api.get("/desk")
def desk() -> Reply[Any]:
    """Open the company desk."""
    return FILES.page(api.event, "desk.html")


@api.get("/staff")
def staff() -> Reply[Any]:
    """Open the staff console."""
    return staff_page(FILES, api.event)


@api.get("/static/<version>/<file>")
def static_file(version: str, file: str) -> Reply[Any]:
    """Give a script or style of the web faces, for ever: `version` is the hash of them all.

    Under any other name (`current`, the hash of another deployment) it is the file as it stands, to be asked for again.
    """
    return FILES.file(api.event, file, version)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
