"""Pages of the web faces: static files, and files filled on the server with every value escaped."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from types import MappingProxyType

from daycover.platform.problems import NotFoundError
from daycover.platform.replies import Reply

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'self'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


def page(directory: Path, name: str, connect: str = "") -> Reply[str]:
    """Answer with a static file of one directory. Raises NotFoundError for any other name.

    `connect`: origins beside our own that the page's scripts may ask, separated by blanks.
    """
    files = {file.name: file for file in directory.iterdir() if file.suffix in TYPES}
    if name not in files:
        raise NotFoundError
    headers = {"Cache-Control": "public, max-age=300"} | _page_headers(connect)
    return Reply(200, TYPES[files[name].suffix], files[name].read_text("utf-8"), headers)


def filled_page(
    directory: Path,
    name: str,
    values: Mapping[str, str],
    connect: str = "",
    caching: Mapping[str, str] = MappingProxyType({}),
) -> Reply[str]:
    """Answer with a template of one directory, its `$names` replaced. Nothing personal may be cached.

    `connect` as for `page`; `caching` for what is public.
    """
    template = Template((directory / name).read_text("utf-8"))
    body = template.substitute({key: escape(value) for key, value in values.items()})
    return Reply(200, TYPES[".html"], body, {**caching, **_page_headers(connect)})


def _page_headers(connect: str) -> dict[str, str]:
    """What every page says to the browser: nothing inline, nothing from elsewhere but `connect`."""
    asks = f"; connect-src 'self' {connect}" if connect else ""
    return {"Content-Security-Policy": POLICY + asks}
