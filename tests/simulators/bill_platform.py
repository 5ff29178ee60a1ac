"""What the two bill platforms have in common: the signed exchange of docs/bills.md, limits, outages, known bills.

It signs and verifies with code of its own, so that the product's signatures are proved by somebody else.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from http import HTTPStatus
from typing import Any

from tests.simulators.credentials import PlatformKeys
from tests.simulators.faults import Fault
from tests.simulators.http_server import Answer, Request, SimulatedError, SimulatorServer, json_answer
from tests.simulators.rate_limit import RateLimit

WINDOW_SECONDS = 300
CALLS_A_SECOND = 50

FOUND, UNKNOWN, DIFFERENT, TOO_MANY = "0000", "1001", "1002", "2001"
MALFORMED, UNSIGNED, STALE, REPEATED = "9000", "9001", "9002", "9003"

Bill = dict[str, Any]


class BillPlatformServer(SimulatorServer):
    """A platform that knows bills by their number; a subclass knows the wire's names."""

    path = ""

    def __init__(self, keys: PlatformKeys, port: int = 0, calls_a_second: int = CALLS_A_SECOND) -> None:
        super().__init__(port)
        self._keys = keys
        self._lock = threading.RLock()
        self._bills: dict[str, Bill] = {}
        self._nonces: set[str] = set()
        self._limit = RateLimit(calls_a_second, 1.0)
        self._out = False
        self._asked = threading.local()
        self.questions: list[dict[str, str]] = []
        self.add_route("POST", self.path, self._verify)
        self.add_route("POST", "/_sim/bills", self._register)
        self.add_route("POST", "/_sim/bills/{bill_no}/{change}", self._change)
        self.add_route("POST", "/_sim/outage", self._set_outage)

    # What a subclass decides

    def number_of(self, bill: Bill) -> str:
        """Give a bill's code and number."""
        raise NotImplementedError

    def number_asked(self, question: dict[str, str]) -> str:
        raise NotImplementedError

    def agrees(self, bill: Bill, question: dict[str, str]) -> bool:
        """Whether the other elements are the bill's."""
        raise NotImplementedError

    def written(self, bill: Bill) -> bytes:
        """Give what the platform says of a bill, in its own form."""
        raise NotImplementedError

    def changed(self, bill: Bill, change: str, other: str) -> Bill:
        """Give the bill after `reverse`, `void` or `exchange`; `other` is the red one's or the paper's number."""
        raise NotImplementedError

    # What the product sees

    def respond(self, request: Request) -> Answer | None:
        if self._out and not request.path.startswith("/_sim/"):
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "<html>系统维护中</html>".encode(), "text/html")
        return super().respond(request)

    def guard(self, request: Request) -> None:
        self._asked.nonce = ""
        try:
            body = request.json_object()
            values = {name: str(body[name]) for name in ("appId", "data", "nonce", "timestamp")}
            sent = int(values["timestamp"]) / 1000
        except (ValueError, KeyError, TypeError) as error:
            raise SimulatedError(200, MALFORMED, "报文格式错误") from error
        self._asked.nonce = values["nonce"]
        if values["appId"] != self._keys.app_id or body.get("sign") != self._sign(values):
            raise SimulatedError(200, UNSIGNED, "签名错误")
        if abs(time.time() - sent) >= WINDOW_SECONDS:
            raise SimulatedError(200, STALE, "时间戳超出范围")
        with self._lock:
            if values["nonce"] in self._nonces:
                raise SimulatedError(200, REPEATED, "重复请求")
            self._nonces.add(values["nonce"])
        if not self._limit.admits(time.monotonic()):
            raise SimulatedError(200, TOO_MANY, "调用过于频繁")

    def error_answer(self, error: SimulatedError) -> Answer:
        return self._answer(error.code, error.message, b"", error.status)

    def finish(self, answer: Answer, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind == "unsigned":
            answer.body = json.dumps(json.loads(answer.body) | {"sign": ""}).encode()
        return answer

    def _verify(self, request: Request) -> Answer:
        question = json.loads(base64.b64decode(request.json_object()["data"]))
        self.questions.append(question)
        with self._lock:
            bill = self._bills.get(self.number_asked(question))
        if bill is None:
            return self._answer(UNKNOWN, "查无此票", b"")
        if not self.agrees(bill, question):
            return self._answer(DIFFERENT, "票据要素不一致", b"")
        return self._answer(FOUND, "查验成功", self.written(bill))

    def _answer(self, code: str, message: str, content: bytes, status: int = 200) -> Answer:
        values = {
            "code": code,
            "data": base64.b64encode(content).decode(),
            "nonce": getattr(self._asked, "nonce", ""),
            "timestamp": str(int(time.time() * 1000)),
        }
        return json_answer(values | {"message": message, "sign": self._sign(values)}, status)

    def _sign(self, values: dict[str, str]) -> str:
        text = "&".join(f"{name}={value}" for name, value in sorted(values.items()))
        return hmac.new(self._keys.key.encode(), text.encode(), hashlib.sha256).hexdigest().upper()

    # The control plane

    def register(self, bill: Bill) -> None:
        """Know a bill from now on; the same number again is the bill as it stands then."""
        with self._lock:
            self._bills[self.number_of(bill)] = bill

    def change(self, bill_no: str, change: str, other: str = "") -> None:
        """Let a known bill be reversed, voided or exchanged; raises KeyError for an unknown one."""
        with self._lock:
            self._bills[bill_no] = self.changed(self._bills[bill_no], change, other)

    def set_outage(self, out: bool) -> None:
        self._out = out

    def _register(self, request: Request) -> Answer:
        self.register(request.json_object())
        return json_answer({"bills": len(self._bills)})

    def _change(self, request: Request) -> Answer:
        other = str(request.json_object().get("other", "")) if request.body else ""
        self.change(request.parameters["bill_no"], request.parameters["change"], other)
        return json_answer({"changed": request.parameters["bill_no"]})

    def _set_outage(self, request: Request) -> Answer:
        self.set_outage(bool(request.json_object()["out"]))
        return json_answer({"out": self._out})
