"""The gate's pages on a real server of 127.0.0.1: for what a browser does by itself, and what travels."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aws_lambda_powertools.utilities.typing import LambdaContext

from daycover.platform.compression import compressed
from tests.functional.web.gate_pages import GatePages
from tests.functional.web.pages import file_event
from tests.support.functions import load


class Site(ThreadingHTTPServer):
    """Files through their handler, the API as the use cases of a gate. While `is_out` nothing is answered."""

    daemon_threads = True

    def __init__(self, pages: GatePages) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.pages = pages
        self.is_out = False
        self.lock = threading.Lock()
        self.asked: list[str] = []
        """The paths that were asked for, in order."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def reply(
        self, method: str, address: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(address)
        with self.lock:
            self.asked.append(url.path)
            if url.path.startswith("/v1/"):
                return self._api(method, url.path, url.query, headers, body)
            response = load("serve_web").lambda_handler(file_event(url.path, "", headers), LambdaContext())
        return _as_sent(response)

    def _api(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if picture := self.pages.picture(path, query):
            return 200, {"Content-Type": "image/svg+xml"}, picture
        status, answer = self.pages.answer(method, path, parse_qs(query), json.loads(body or b"null"))
        text = json.dumps(answer, ensure_ascii=False)
        said = {
            "multiValueHeaders": {"Content-Type": ["application/json"]},
            "body": text,
            "isBase64Encoded": False,
        }
        return _as_sent(compressed({"statusCode": status, **said}, {"headers": headers}))


def _as_sent(response: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    body = response["body"]
    content = base64.b64decode(body) if response["isBase64Encoded"] else body.encode()
    headers = {name: values[0] for name, values in response["multiValueHeaders"].items()}
    return response["statusCode"], headers, content


class _Exchange(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"

    def _exchange(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.is_out:
            self.close_connection = True
            self.connection.close()
            return
        status, headers, content = self.server.reply(self.command, self.path, dict(self.headers), body)
        self.send_response_only(status)
        for name, value in ({"Date": formatdate(usegmt=True)} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _exchange

    def log_message(self, *_: Any) -> None:
        """What was asked stands in `Site.asked`."""


@contextmanager
def site(pages: GatePages) -> Iterator[Site]:
    """Serve on a free port until the block ends."""
    server = Site(pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
