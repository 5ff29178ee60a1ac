"""A reverse proxy on fixed ports before the deployed REST API, whose own address changes with each deploy.

It stands where API Gateway's custom domain stands in the cloud: no stage prefix, X-Forwarded-* set, bodies
and headers passed as they are, API Gateway's size limit kept.
"""

import http.client
import json
import re
import ssl
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.devstack.certificate import ensure_certificate

BODY_LIMIT = 6 * 1024 * 1024
# a refused body is still read up to here, because a client that is writing does not see an early answer
_DISCARD_LIMIT = 4 * BODY_LIMIT
_UPSTREAM_SECONDS = 35.0  # API Gateway gives up after 29 s
_CLIENT_IDLE_SECONDS = 75.0
_UPSTREAM_IDLE_SECONDS = 30.0  # less than the engine's 75 s, so that it does not close under a request
_HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
_NO_BODY = frozenset((HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED))


class _BodyTooLargeError(Exception):
    pass


class _MalformedBodyError(Exception):
    pass


class _UpstreamTimeoutError(Exception):
    pass


class _UpstreamGoneError(Exception):
    pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, door: "FrontDoor", scheme: str) -> None:
        self.door = door
        self.scheme = scheme
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that went away, or that mistrusts the certificate, is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one segment
    timeout = _CLIENT_IDLE_SECONDS
    server: _Server

    _upstream: http.client.HTTPConnection | None = None
    _upstream_target = ""
    _upstream_used = 0.0

    def _forward(self) -> None:
        target = self.server.door.target
        if not target:
            self._problem(HTTPStatus.SERVICE_UNAVAILABLE, self.server.door.closed_because)
            return
        try:
            response, content = self._ask(target, self._read_body())
        except _BodyTooLargeError:
            detail = f"The body exceeds {BODY_LIMIT} bytes."
            self._problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, close=True)
        except _MalformedBodyError:
            self._problem(HTTPStatus.BAD_REQUEST, "The body's length or chunks are malformed.", close=True)
        except _UpstreamTimeoutError:
            self._problem(HTTPStatus.GATEWAY_TIMEOUT, "The API did not answer in time.")
        except _UpstreamGoneError:
            self._problem(HTTPStatus.BAD_GATEWAY, "The API cannot be reached.")
        else:
            self._answer(response, content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _forward

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            raise _MalformedBodyError
        if int(length) > BODY_LIMIT:
            self._discard(int(length))
            raise _BodyTooLargeError
        return self.rfile.read(int(length))

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = self.rfile.readline(64).split(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
                raise _MalformedBodyError
            if not int(size, 16):
                break
            if len(body) + int(size, 16) > BODY_LIMIT:
                self._discard(int(size, 16))
                raise _BodyTooLargeError
            body += self.rfile.read(int(size, 16))
            self.rfile.readline(3)
        while self.rfile.readline(65536) not in (b"\r\n", b"\n", b""):
            pass  # trailers
        return bytes(body)

    def _discard(self, length: int) -> None:
        left = min(length, _DISCARD_LIMIT)
        while left > 0 and (read := len(self.rfile.read(min(left, 65536)))):
            left -= read

    def _ask(self, target: str, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        """Send the request on this client's own connection; repeat it where that cannot do harm."""
        base = urlsplit(target)
        idle = time.monotonic() - self._upstream_used
        if self._upstream is None or self._upstream_target != target or idle > _UPSTREAM_IDLE_SECONDS:
            self._close_upstream()
            self._upstream = http.client.HTTPConnection(base.netloc, timeout=_UPSTREAM_SECONDS)
            self._upstream_target = target
        repeatable = self._upstream.sock is not None and self.command in ("GET", "HEAD", "OPTIONS")
        try:
            try:
                return self._send(self._upstream, base.path, body)
            except (ConnectionError, http.client.BadStatusLine):
                if not repeatable:
                    raise
                self._upstream.close()
                return self._send(self._upstream, base.path, body)
        except TimeoutError as error:
            self._close_upstream()
            raise _UpstreamTimeoutError from error
        except (OSError, http.client.HTTPException) as error:
            self._close_upstream()
            raise _UpstreamGoneError from error
        finally:
            self._upstream_used = time.monotonic()

    def _send(
        self, upstream: http.client.HTTPConnection, prefix: str, body: bytes
    ) -> tuple[http.client.HTTPResponse, bytes]:
        # bytes outside ASCII in a request line are legal for no client, but some send them: pass them encoded
        path = "".join(char if char < "\x7f" else f"%{ord(char):02X}" for char in self.path)
        upstream.putrequest(self.command, prefix + path, skip_host=True, skip_accept_encoding=True)
        dropped = _HOP_BY_HOP | self._named_by_connection() | {"content-length", "expect"}
        forwarded = self.headers.get_all("X-Forwarded-For", [])
        for name, value in self.headers.items():
            if name.lower() not in dropped and not name.lower().startswith("x-forwarded-"):
                upstream.putheader(name, value.encode("latin-1"))
        if "Accept" not in self.headers:
            # the engine decodes binary answers only for an Accept header, API Gateway with */* always
            upstream.putheader("Accept", "*/*")
        upstream.putheader("X-Forwarded-For", ", ".join([*forwarded, self.client_address[0]]))
        upstream.putheader("X-Forwarded-Proto", self.server.scheme)
        upstream.putheader("X-Forwarded-Port", str(self.server.server_port))
        if body or self.command in ("POST", "PUT", "PATCH"):
            upstream.putheader("Content-Length", str(len(body)))
        upstream.endheaders(body or None)
        response = upstream.getresponse()
        return response, response.read()

    def _named_by_connection(self) -> set[str]:
        return {name.strip().lower() for name in self.headers.get("Connection", "").split(",")}

    def _answer(self, response: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.headers.items():
            if name.lower() not in _HOP_BY_HOP and name.lower() != "content-length":
                self.send_header(name, value)
        if self.command == "HEAD":
            if length := response.headers.get("Content-Length"):
                self.send_header("Content-Length", length)
        elif response.status not in _NO_BODY:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and response.status not in _NO_BODY:
            self.wfile.write(content)

    def _problem(self, status: HTTPStatus, detail: str, *, close: bool = False) -> None:
        content = json.dumps(
            {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
        ).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(content)))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.send_header("Retry-After", "1")
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _close_upstream(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None

    def finish(self) -> None:
        self._close_upstream()
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the functions' own structured lines are the record, and paths can hold tokens."""


class FrontDoor:
    """Serve http and https on 127.0.0.1 and forward to `target`, which may change at any time.

    `target` is the API's address on the engine, without a slash at its end; empty answers 503, with
    `closed_because` as the detail.
    """

    def __init__(self, http_port: int, https_port: int, certificate_directory: Path) -> None:
        self.target = ""
        self.closed_because = "The API is not deployed yet."
        self._servers = [_Server(http_port, self, "http")]
        try:
            self._servers.append(_Server(https_port, self, "https"))
        except OSError:
            self._servers[0].server_close()
            raise
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*ensure_certificate(certificate_directory))
        # the handshake happens in the connection's own thread: one silent client must not stop the others
        self._servers[1].socket = context.wrap_socket(
            self._servers[1].socket, server_side=True, do_handshake_on_connect=False
        )
        self.http_url, self.https_url = (
            f"{server.scheme}://127.0.0.1:{server.server_port}" for server in self._servers
        )

    def close(self, because: str) -> None:
        """Answer 503 with this reason from now on, until there is a target again."""
        # the reason first: a request between the two lines must not be told an older one
        self.closed_because = because
        self.target = ""

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
