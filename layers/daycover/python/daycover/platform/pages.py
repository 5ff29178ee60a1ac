"""Pages filled on the server: every value escaped, the headers of the static pages."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.platform.http import PAGE_TYPES, page_headers


def filled_page(directory: Path, name: str, values: Mapping[str, str], connect: str = "") -> Response[Any]:
    """Answer with a template of one directory, its `$names` replaced. Nothing personal may be cached.

    `connect` as for `page`.
    """
    template = Template((directory / name).read_text("utf-8"))
    body = template.substitute({key: escape(value) for key, value in values.items()})
    headers = {"Cache-Control": "no-store"} | page_headers(connect)
    return Response(200, PAGE_TYPES[".html"], body, headers)
