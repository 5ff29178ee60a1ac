"""GET /, /s/{token}, /me, /desk, /staff and /static/{file}: the three web faces, as any browser opens them."""

from pathlib import Path
from typing import Any

from daycover.platform.faces import staff_page, worker_page
from daycover.platform.http import open_api
from daycover.platform.pages import page
from daycover.platform.replies import Reply

STATIC = Path(__file__).parents[1] / "static"
api = open_api()


@api.get("/")
def home() -> Reply[Any]:
    """Say what daycover is, with the way to the three web faces."""
    return page(STATIC, "index.html")


@api.get("/s/<token>")
def scanned(token: str) -> Reply[Any]:  # noqa: ARG001
    # the page reads the token from its own address; WeChat opens the mini program before it gets here
    """Open the worker's face at a scanned code.

    `?code=` signs in with a login code of `wx.login`, once.
    """
    return worker_page(STATIC)


@api.get("/me")
def worker() -> Reply[Any]:
    """Open the worker's face."""
    return worker_page(STATIC)


@api.get("/desk")
def desk() -> Reply[Any]:
    """Open the company desk."""
    return page(STATIC, "desk.html")


@api.get("/staff")
def staff() -> Reply[Any]:
    """Open the staff console."""
    return staff_page(STATIC)


@api.get("/static/<file>")
def static_file(file: str) -> Reply[Any]:
    """Give a script or style of the web faces."""
    return page(STATIC, file)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
