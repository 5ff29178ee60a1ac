"""Pages of the web faces: static files, and files filled on the server with every value escaped."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any

from daycover.platform.content import header
from daycover.platform.problems import NotFoundError
from daycover.platform.replies import FOR_EVER, Reply
from daycover.platform.routes import segments_of

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'self'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
OFFLINE = "worker-offline.js"
"""A service worker: it serves pages above its own folder, which browsers allow by a header alone."""
REVALIDATED = {"Cache-Control": "no-cache"}
"""Kept by browsers, and asked for again each time: 304 when it still stands."""
NOTHING: Mapping[str, str] = MappingProxyType({})


class WebFiles:
    """The files of one directory, and the pages among them.

    Pages name scripts and styles by the hash of the whole directory (`static/<hash>/worker.js`): what such an address
    gives never changes, and the imports between scripts stay under it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def page(
        self,
        event: Mapping[str, Any],
        name: str,
        values: Mapping[str, str] = NOTHING,
        connect: str = "",
        show: str = "",
    ) -> Reply[str]:
        """Answer with a page, its `$names` replaced; `$root` is the way to where the site stands.

        `connect`: origins beside our own that the page's scripts may ask, separated by blanks; `show`: those whose
        pictures and documents it may show.
        """
        root = root_of(event)
        given = {**values, "root": root, "static": f"{root}static/{version_of(self._directory)}"}
        body = _filled((self._directory / name).read_text("utf-8"), given)
        return _revalidated(event, TYPES[".html"], body, _page_headers(connect, show))

    def file(self, event: Mapping[str, Any], name: str, version: str) -> Reply[str]:
        """Answer with a script, style or picture. Raises NotFoundError for any other name.

        For ever under the directory's own hash. Under any other version, as a page of an earlier or later deployment
        names one, it is the file as it stands here, to be asked for again.
        """
        files = {file.name: file for file in self._directory.iterdir() if file.suffix in TYPES}
        if name not in files or files[name].suffix == ".html":
            raise NotFoundError
        kind, body = TYPES[files[name].suffix], files[name].read_text("utf-8")
        headers = _page_headers() | ({"Service-Worker-Allowed": "/"} if name == OFFLINE else {})
        if version == version_of(self._directory):
            return Reply(200, kind, body, FOR_EVER | headers)
        return _revalidated(event, kind, body, headers)


def filled_page(
    directory: Path,
    name: str,
    values: Mapping[str, str],
    caching: Mapping[str, str] = NOTHING,
) -> Reply[str]:
    """Answer with a template of one directory, its `$names` replaced. Nothing personal may be cached.

    `caching` for what is public.
    """
    body = _filled((directory / name).read_text("utf-8"), values)
    return Reply(200, TYPES[".html"], body, {**caching, **_page_headers()})


def root_of(event: Mapping[str, Any]) -> str:
    """Give the way from the page that the browser is at to where the site stands: `../`, `./`, or `live/`.

    Relative, so that it holds at a domain's root, under a base path and under API Gateway's stage alike. Slashes at
    the end of the address count for the browser, and only the address as it came has them: at the stage without one
    (`…/live`) the way leads down.
    """
    asked = str(event["requestContext"]["path"])
    slashes = len(asked) - len(asked.rstrip("/"))
    up = len(segments_of(event["resource"])) - 2 + slashes
    return f"{segments_of(asked)[-1]}/" if up < 0 else "../" * up or "./"


@cache
def version_of(directory: Path) -> str:
    """Give the hash of a directory's files, names included; once a container."""
    whole = sha256()
    for file in sorted(directory.iterdir()):
        if file.suffix in TYPES:
            whole.update(f"{file.name}\n{file.stat().st_size}\n".encode())
            whole.update(file.read_bytes())
    return whole.hexdigest()[:16]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return Template(text).substitute({key: escape(value) for key, value in values.items()})


def _revalidated(event: Mapping[str, Any], kind: str, body: str, headers: Mapping[str, str]) -> Reply[str]:
    """Answer with what may be kept but not trusted: 304 without a body where the browser has it as it stands."""
    # weak, because the body may travel compressed (RFC 9110, 8.8.1)
    tag = f'W/"{sha256(body.encode()).hexdigest()[:32]}"'
    said = {**headers, **REVALIDATED, "ETag": tag}
    known = {one.strip() for one in (header(event, "if-none-match") or "").split(",")}
    if tag in known or "*" in known:
        return Reply(304, None, "", said)
    return Reply(200, kind, body, said)


def _page_headers(connect: str = "", show: str = "") -> dict[str, str]:
    """What every page says to the browser: nothing inline, nothing from elsewhere but `connect` and `show`."""
    asks = f"; connect-src 'self' {connect}" if connect else ""
    shows = f"; frame-src {show}" if show else ""
    pictures = POLICY.replace("img-src 'self' data:", f"img-src 'self' data: {show}") if show else POLICY
    return {"Content-Security-Policy": pictures + asks + shows}
