"""The bank that pays what is too much for a wallet (docs/bank.md): it pays, returns, and states its days.

It counts the money that left by itself: one payment per reference, whatever happened to the answers.
"""

import hashlib
import hmac
import secrets
import threading
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from tests.simulators.clock import BEIJING
from tests.simulators.credentials import BankKeys
from tests.simulators.faults import Fault
from tests.simulators.http_server import (
    Answer,
    Request,
    SimulatedError,
    SimulatorServer,
    json_answer,
)

SETTLE_SECONDS = 0.2
WINDOW_SECONDS = 300
TEXTS = {
    "reference": 32,
    "debit_account": 32,
    "payee_name": 64,
    "payee_account": 32,
    "payee_bank": 64,
    "purpose": 64,
}


@dataclass
class BankPayment:
    """One payment; `instruction` is what an instruction under the same reference must repeat."""

    reference: str
    bank_serial: str
    amount_fen: int
    instruction: str
    accepted_at: float
    status: str = "ACCEPTED"
    reason: str | None = None


@dataclass(frozen=True)
class Movement:
    """Money that left our account, or came back to it."""

    kind: str
    reference: str
    bank_serial: str
    amount_fen: int
    day: date


class BankServer(SimulatorServer):
    """Accepts, rejects, settles some time later, returns when told to."""

    name = "bank"

    def __init__(self, keys: BankKeys, port: int = 0, *, settle_seconds: float = SETTLE_SECONDS) -> None:
        super().__init__(port)
        self.settle_seconds = settle_seconds
        self._keys = keys
        self._lock = threading.RLock()
        self._payments: dict[str, BankPayment] = {}
        self._movements: list[Movement] = []
        self._rejects: dict[str, str] = {}
        self._nonces: set[str] = set()
        self._answering = threading.local()
        self.add_route("POST", "/v1/payments", self._instruct)
        self.add_route("GET", "/v1/payments/{reference}", self._find)
        self.add_route("GET", "/v1/statements/{day}", self._statement)
        self.add_route("GET", "/_sim/ledger", self._ledger)
        self.add_route("POST", "/_sim/rejections", self._arm_rejection)
        self.add_route("POST", "/_sim/payments/{reference}/settle", self._settle_now)
        self.add_route("POST", "/_sim/payments/{reference}/return", self._return)

    # Direct access for tests in the same process

    @property
    def left_fen(self) -> int:
        """Net of what left our account, whoever asks."""
        with self._lock:
            self._settle_due()
            return sum(m.amount_fen if m.kind == "OUT" else -m.amount_fen for m in self._movements)

    @property
    def payments(self) -> list[BankPayment]:
        with self._lock:
            self._settle_due()
            return list(self._payments.values())

    def reject_account(self, account_no: str, reason: str) -> None:
        """Reject every instruction to this account from now on."""
        with self._lock:
            self._rejects[account_no] = reason

    def settle(self, reference: str) -> None:
        with self._lock:
            payment = self._payments[reference]
            if payment.status == "ACCEPTED":
                payment.status = "SETTLED"
                self._move("OUT", payment)

    def return_money(self, reference: str, reason: str = "ACCOUNT_CLOSED") -> None:
        """Let the payee's bank send a settled payment back (退票)."""
        with self._lock:
            payment = self._payments[reference]
            if payment.status != "SETTLED":
                raise SimulatedError(409, "NOT_SETTLED", "only settled money can come back")
            payment.status, payment.reason = "RETURNED", reason
            self._move("RETURN", payment)

    def statement(self, day: date) -> bytes:
        """Write the statement of one +08:00 day."""
        with self._lock:
            self._settle_due()
            moved = [movement for movement in self._movements if movement.day == day]
        rows = ["kind,reference,bank_serial,amount_fen"]
        rows += [f"{m.kind},{m.reference},{m.bank_serial},{m.amount_fen}" for m in moved]
        content = "".join(row + "\n" for row in rows).encode()
        net = sum(m.amount_fen if m.kind == "OUT" else -m.amount_fen for m in moved)
        digest = hashlib.sha256(content).hexdigest()
        return content + f"TRAILER,{len(moved)},{net},{digest}\n".encode()

    # The interface

    def guard(self, request: Request) -> None:
        """Check client, time, nonce and signature; keep the nonce for the answer's signature."""
        nonce = request.header("bank-nonce")
        self._answering.nonce = nonce
        timestamp = request.header("bank-timestamp")
        digest = hashlib.sha256(request.body).hexdigest()
        expected = self._sign("BANK1-REQUEST", request.method, request.target, timestamp, nonce, digest)
        if request.header("bank-client") != self._keys.client_id:
            raise SimulatedError(401, "CLIENT_UNKNOWN", "no such client")
        if not hmac.compare_digest(request.header("bank-signature").encode(), expected.encode()):
            raise SimulatedError(401, "SIGNATURE_WRONG", "the signature does not fit")
        if not timestamp.isdigit() or abs(self.clock.seconds() - int(timestamp)) > WINDOW_SECONDS:
            raise SimulatedError(401, "TIMESTAMP_STALE", "the request is too old")
        with self._lock:
            if not nonce or nonce in self._nonces:
                raise SimulatedError(401, "NONCE_REPEATED", "the nonce was used")
            self._nonces.add(nonce)

    def respond(self, request: Request) -> Answer | None:
        self._answering.nonce = request.header("bank-nonce")
        return super().respond(request)

    def finish(self, answer: Answer, fault: Fault | None) -> Answer:
        if fault is None or fault.kind != "unsigned":
            nonce = self._answering.nonce
            digest = hashlib.sha256(answer.body).hexdigest()
            signature = self._sign("BANK1-ANSWER", nonce, str(answer.status), digest)
            answer.headers["Bank-Signature"] = signature
        return answer

    def _sign(self, *lines: str) -> str:
        text = "\n".join((*lines, ""))
        return hmac.new(self._keys.secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def clock_shifted(self) -> None:
        with self._lock:
            self._settle_due()

    def _instruct(self, request: Request) -> Answer:
        try:
            body = request.json_object()
        except ValueError as error:
            raise SimulatedError(400, "INVALID", "a JSON object is expected") from error
        fen = body.get("amount_fen")
        for field, limit in TEXTS.items():
            value = body.get(field)
            if not isinstance(value, str) or not 0 < len(value) <= limit:
                raise SimulatedError(400, "INVALID", field)
        if not isinstance(fen, int) or isinstance(fen, bool) or fen <= 0:
            raise SimulatedError(400, "INVALID", "amount_fen")
        if body["debit_account"] != self._keys.debit_account:
            raise SimulatedError(403, "ACCOUNT_NOT_YOURS", "the paying account is another client's")
        instruction = hashlib.sha256(repr(sorted(body.items())).encode()).hexdigest()
        with self._lock:
            payment = self._payments.get(body["reference"])
            if payment is None:
                payment = BankPayment(
                    body["reference"], "B" + secrets.token_hex(8), fen, instruction, self.clock.seconds()
                )
                self._payments[payment.reference] = payment
                reason = self._rejects.get(body["payee_account"])
                if reason is not None:
                    payment.status, payment.reason = "REJECTED", reason
            elif payment.instruction != instruction:
                raise SimulatedError(409, "REFERENCE_REUSED", "the reference stands for another payment")
            return self._shown(payment)

    def _find(self, request: Request) -> Answer:
        with self._lock:
            self._settle_due()
            payment = self._payments.get(request.parameters["reference"])
            if payment is None:
                raise SimulatedError(404, "NOT_FOUND", "no such payment")
            return self._shown(payment)

    def _statement(self, request: Request) -> Answer:
        try:
            day = date.fromisoformat(request.parameters["day"])
        except ValueError as error:
            raise SimulatedError(400, "INVALID", "day") from error
        return Answer(body=self.statement(day), content_type="text/csv; charset=utf-8")

    def _settle_due(self) -> None:
        before = self.clock.seconds() - self.settle_seconds
        for payment in self._payments.values():
            if payment.status == "ACCEPTED" and payment.accepted_at <= before:
                self.settle(payment.reference)

    def _move(self, kind: str, payment: BankPayment) -> None:
        day = self.clock.now().astimezone(BEIJING).date()
        self._movements.append(
            Movement(kind, payment.reference, payment.bank_serial, payment.amount_fen, day)
        )

    @staticmethod
    def _shown(payment: BankPayment) -> Answer:
        fields: dict[str, Any] = {
            "reference": payment.reference,
            "bank_serial": payment.bank_serial,
            "status": payment.status,
            "amount_fen": payment.amount_fen,
        }
        return json_answer(fields | ({"reason": payment.reason} if payment.reason else {}))

    # The control plane

    def _ledger(self, _request: Request) -> Answer:
        shown = [
            {key: value for key, value in asdict(payment).items() if key != "instruction"}
            for payment in self.payments
        ]
        return json_answer({"left_fen": self.left_fen, "payments": shown})

    def _arm_rejection(self, request: Request) -> Answer:
        body = request.json_object()
        self.reject_account(str(body["account_no"]), str(body["reason"]))
        return json_answer({})

    def _settle_now(self, request: Request) -> Answer:
        self.settle(request.parameters["reference"])
        return json_answer({})

    def _return(self, request: Request) -> Answer:
        self.return_money(
            request.parameters["reference"], str(request.json_object().get("reason", "ACCOUNT_CLOSED"))
        )
        return json_answer({})
