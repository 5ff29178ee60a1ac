"""GET /, /s/{token} and /static/{file}: the pages that any scanner or browser opens."""

from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.platform.http import http_api, page

STATIC = Path(__file__).parent / "static"
api = http_api()


@api.get("/")
def home() -> Response[Any]:
    return page(STATIC, "index.html")


@api.get("/s/<token>")
def scanned(token: str) -> Response[Any]:  # noqa: ARG001
    # the page reads the token from its own address; WeChat opens the mini program before it gets here
    return page(STATIC, "scan.html")


@api.get("/static/<file>")
def static_file(file: str) -> Response[Any]:
    return page(STATIC, file)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
