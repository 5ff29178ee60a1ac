"""The HTTP server under every simulator: loopback only, keep-alive, routes, faults, `/_sim/…`."""

import json
import logging
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.simulators.background import Background
from tests.simulators.clock import SimulatorClock
from tests.simulators.faults import REPLY_FAULTS, Fault, FaultPlan, InvalidFaultError

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
BODY_LIMIT_BYTES = 1_048_576

JsonObject = dict[str, Any]


class SimulatedError(Exception):
    """A refusal in the outside world's own terms; each server writes it in its own wire format."""

    def __init__(self, status: int, code: str, message: str, detail: JsonObject | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail or {}


@dataclass(frozen=True)
class Request:
    """One request as it came in; `target` is path and query exactly as sent, the part that is signed."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    parameters: dict[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """Return a header by name in any case, or an empty string."""
        return self.headers.get(name.lower(), "")

    def json(self) -> Any:
        """Return the body as JSON, None when it is empty; raises ValueError."""
        return json.loads(self.body) if self.body else None

    def json_object(self) -> JsonObject:
        """Return the body as a JSON object; an empty body is an empty object; raises ValueError."""
        parsed = self.json()
        if parsed is None:
            return {}
        if not isinstance(parsed, dict):
            raise ValueError("a JSON object is expected")
        return parsed


@dataclass
class Answer:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(value: Any, status: int = 200) -> Answer:
    """Answer with JSON in UTF-8, compact and unescaped, as WeChat writes it."""
    return Answer(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


Handler = Callable[[Request], Answer]


@dataclass(frozen=True)
class _Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler


class SimulatorServer:
    """A simulator: subclasses add routes and say how they guard requests, refuse, and finish answers."""

    name = "simulator"

    def __init__(self, port: int = 0) -> None:
        self.clock = SimulatorClock()
        self.faults = FaultPlan()
        self.background = Background()
        self._requested_port = port
        self._server: _LoopbackServer | None = None
        self._thread: threading.Thread | None = None
        self._routes: list[_Route] = []
        self.add_route("GET", "/_sim/health", self._health)
        self.add_route("POST", "/_sim/clock", self._shift_clock)
        self.add_route("POST", "/_sim/faults", self._arm_fault)
        self.add_route("DELETE", "/_sim/faults", self._clear_faults)

    # What a subclass decides

    def guard(self, request: Request) -> None:
        """Refuse a request before its route is looked up; raises SimulatedError."""

    def error_answer(self, error: SimulatedError) -> Answer:
        """Write a refusal in the wire format of the simulated service."""
        return json_answer({"code": error.code, "message": error.message}, error.status)

    def finish(self, answer: Answer, fault: Fault | None) -> Answer:
        """Add what every answer carries, e.g. a signature."""
        return answer

    def clock_shifted(self) -> None:
        """Let due things happen after the simulated clock was moved."""

    # Life cycle

    @property
    def base_url(self) -> str:
        """Return `http://127.0.0.1:port`; raises RuntimeError when not started."""
        if self._server is None:
            raise RuntimeError(f"{self.name} is not running")
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def start(self) -> Self:
        """Bind to the loopback interface and serve on a thread."""
        self._server = _LoopbackServer(self, self._requested_port)
        # The short poll only bounds how long a stop takes; requests are served at once.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving, close kept-alive connections, end background work; safe to call twice."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            thread.join()
            server.server_close()
            server.close_connections()
        self.background.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    # Serving

    def add_route(self, method: str, template: str, handler: Handler) -> None:
        """Serve `template`, in which `{name}` stands for one path segment."""
        pattern = "".join(
            f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{\w+\})", template)
        )
        self._routes.append(_Route(method, re.compile(pattern), handler))

    def respond(self, request: Request) -> Answer | None:
        """Return the answer, or None to close the connection without one."""
        if request.path.startswith("/_sim/"):
            return self._respond_to_control(request)
        fault = self.faults.take(REPLY_FAULTS, request.method, request.path)
        if fault is not None and fault.kind == "slow" and not self.background.pause(fault.seconds):
            return None
        if fault is not None and fault.kind == "status":
            armed = SimulatedError(fault.status, fault.code, "armed fault")
            return self.finish(self._status_answer(armed), fault)
        answer = self._respond_to_product(request)
        if fault is not None and fault.kind == "lost_reply":
            return None
        return self.finish(answer, fault)

    def _status_answer(self, error: SimulatedError) -> Answer:
        answer = self.error_answer(error)
        answer.status = error.status
        return answer

    def _respond_to_product(self, request: Request) -> Answer:
        try:
            self.guard(request)
            handler, parameters = self._find_route(request)
            if handler is None:
                raise SimulatedError(404, "NOT_FOUND", "no such interface")
            return handler(_with_parameters(request, parameters))
        except SimulatedError as error:
            return self.error_answer(error)
        except Exception:
            logger.exception("simulator failed")
            return self.error_answer(SimulatedError(500, "SYSTEM_ERROR", "the simulator failed"))

    def _respond_to_control(self, request: Request) -> Answer:
        handler, parameters = self._find_route(request)
        if handler is None:
            return json_answer({"error": "no such control route"}, 404)
        try:
            return handler(_with_parameters(request, parameters))
        except SimulatedError as error:
            return json_answer({"error": error.message}, error.status)
        except (ValueError, KeyError, TypeError) as error:
            return json_answer({"error": f"{type(error).__name__}: {error}"}, 400)

    def _find_route(self, request: Request) -> tuple[Handler | None, dict[str, str]]:
        for route in self._routes:
            match = route.pattern.fullmatch(request.path) if route.method == request.method else None
            if match is not None:
                return route.handler, {name: unquote(value) for name, value in match.groupdict().items()}
        return None, {}

    # Control plane of every simulator

    def _health(self, _request: Request) -> Answer:
        return json_answer({"status": "ok", "simulator": self.name})

    def _shift_clock(self, request: Request) -> Answer:
        self.clock.shift_to(float(request.json_object()["offset_seconds"]))
        self.clock_shifted()
        return json_answer({"offset_seconds": self.clock.offset_seconds})

    def _arm_fault(self, request: Request) -> Answer:
        try:
            return json_answer({"armed": self.faults.arm(Fault.from_json(request.json_object()))})
        except InvalidFaultError as error:
            raise SimulatedError(400, "INVALID_FAULT", str(error)) from error

    def _clear_faults(self, _request: Request) -> Answer:
        self.faults.clear()
        return json_answer({"armed": 0})


def _with_parameters(request: Request, parameters: dict[str, str]) -> Request:
    return Request(
        request.method, request.target, request.path, request.query, request.headers, request.body, parameters
    )


class _LoopbackServer(ThreadingHTTPServer):
    """Knows its open connections, so that stopping also ends the kept-alive ones."""

    request_queue_size = 256

    def __init__(self, simulator: SimulatorServer, port: int) -> None:
        self.simulator = simulator
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        super().__init__((LOOPBACK, port), _RequestHandler)

    def server_bind(self) -> None:
        # HTTPServer.server_bind asks the resolver for the host's name; loopback needs none.
        TCPServer.server_bind(self)
        self.server_name = LOOPBACK
        self.server_port = self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._connections_lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        with self._connections_lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that hang up; nothing else can fail here, `respond` catches the rest."""


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one segment per answer; http.server flushes after each request
    server: _LoopbackServer

    def serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit() or int(length) > BODY_LIMIT_BYTES:
            self.close_connection = True
            self.send_error(411)
            return
        body = self.rfile.read(int(length))
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            target=self.path,
            path=parts.path,
            query={name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        answer = self.server.simulator.respond(request)
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.status != 204:
            self.wfile.write(answer.body)

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def do_DELETE(self) -> None:
        self.serve()

    def do_OPTIONS(self) -> None:
        self.serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet: request lines hold openids and names."""
