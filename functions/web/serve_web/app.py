"""GET /, /s/{token}, /me, /desk, /staff and /static/{file}: the three web faces, as any browser opens them."""

from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.platform.faces import staff_page, worker_page
from daycover.platform.http import http_api, page

STATIC = Path(__file__).parents[1] / "static"
api = http_api(is_open=True)


@api.get("/")
def home() -> Response[Any]:
    return page(STATIC, "index.html")


@api.get("/s/<token>")
def scanned(token: str) -> Response[Any]:  # noqa: ARG001
    # the page reads the token from its own address; WeChat opens the mini program before it gets here
    return worker_page(STATIC)


@api.get("/me")
def worker() -> Response[Any]:
    return worker_page(STATIC)


@api.get("/desk")
def desk() -> Response[Any]:
    return page(STATIC, "desk.html")


@api.get("/staff")
def staff() -> Response[Any]:
    return staff_page(STATIC)


@api.get("/static/<file>")
def static_file(file: str) -> Response[Any]:
    return page(STATIC, file)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
