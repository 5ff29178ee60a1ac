"""The insurer's reporting interface (docs/insurer.md): batches, questions, daily files, late answers.

It signs and verifies with code of its own, so that the product's signatures are proved by somebody else.
"""

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from base64 import b64encode, urlsafe_b64decode
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import urllib3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from tests.simulators.credentials import InsurerKeys
from tests.simulators.faults import Fault
from tests.simulators.http_server import Answer, Request, SimulatedError, SimulatorServer, json_answer

WINDOW_SECONDS = 300
BATCH_LIMIT = 100
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ANSWERS_PATH = "/v1/insurer/answers"


@dataclass
class KnownRow:
    """A row as the insurer holds it; `times` counts how often it was sent."""

    row: dict[str, Any]
    state: str
    reason: str | None = None
    times: int = 1


class InsurerServer(SimulatorServer):
    """Acknowledges everything unless told otherwise: see the control plane."""

    name = "insurer"

    def __init__(self, keys: InsurerKeys, port: int = 0) -> None:
        super().__init__(port)
        self._keys = keys
        self._lock = threading.RLock()
        self._rows: dict[str, KnownRow] = {}
        self._endorsements: dict[str, dict[str, Any]] = {}
        self._files: dict[str, dict[str, Any]] = {}
        self._hosted: dict[str, bytes] = {}
        self._rejections: list[tuple[re.Pattern[str], str]] = []
        self._silent: list[re.Pattern[str]] = []
        self._file_refusal: str | None = None
        self._signing = threading.local()
        self.add_route("POST", "/v1/report-batches", self._take_batch)
        self.add_route("POST", "/v1/report-queries", self._tell)
        self.add_route("POST", "/v1/daily-files", self._take_file)
        self.add_route("POST", "/_sim/rejections", self._arm_rejection)
        self.add_route("POST", "/_sim/silence", self._arm_silence)
        self.add_route("POST", "/_sim/file-refusals", self._arm_file_refusal)
        self.add_route("POST", "/_sim/answers", self._answer_late)
        self.add_route("POST", "/_sim/forget", self._forget)
        self.add_route("POST", "/_sim/hosted/{name}", self._host)
        self.add_route("GET", "/_sim/hosted/{name}", self._hosted_file)
        self.add_route("GET", "/_sim/rows", self._show_rows)
        self.add_route("GET", "/_sim/files", self._show_files)

    # What the product sees

    def guard(self, request: Request) -> None:
        self._signing.target = request.target
        parts = dict(re.findall(r'(\w+)="([^"]*)"', request.header("insurer-signature")))
        if parts.get("key_id") != self._keys.key_id:
            raise SimulatedError(401, "SIGNATURE_MISSING", "no signature of a known key")
        if abs(time.time() - int(parts["timestamp"])) >= WINDOW_SECONDS:
            raise SimulatedError(401, "SIGNATURE_STALE", "the timestamp is five minutes off")
        wanted = self._digest(
            request.method, request.target, parts["timestamp"], parts["nonce"], request.body
        )
        if not hmac.compare_digest(wanted, parts["signature"]):
            raise SimulatedError(401, "SIGNATURE_WRONG", "the signature does not fit")

    def error_answer(self, error: SimulatedError) -> Answer:
        return json_answer({"code": error.code}, error.status)

    def finish(self, answer: Answer, fault: Fault | None) -> Answer:
        if answer.status < HTTPStatus.MULTIPLE_CHOICES and (fault is None or fault.kind != "unsigned"):
            answer.headers["Insurer-Signature"] = self._sign(
                "POST", getattr(self._signing, "target", ""), answer.body
            )
        return answer

    def _take_batch(self, request: Request) -> Answer:
        rows = request.json_object().get("rows")
        if not isinstance(rows, list) or not 0 < len(rows) <= BATCH_LIMIT:
            raise SimulatedError(400, "BATCH_SIZE", "1 to 100 rows")
        if any(not isinstance(row.get("row_id"), str) or "policy_no" not in row for row in rows):
            raise SimulatedError(422, "ROW_MALFORMED", "a row lacks its id or policy")
        with self._lock:
            for row in rows:
                known = self._rows.get(row["row_id"])
                if known is not None:
                    known.times += 1
                    if known.row != row:
                        known.state, known.reason = "REJECTED", "ROW_CHANGED"
                else:
                    self._rows[row["row_id"]] = self._judge(row)
            return json_answer({"answers": self._answers(row["row_id"] for row in rows)})

    def _tell(self, request: Request) -> Answer:
        wanted = request.json_object().get("row_ids")
        if not isinstance(wanted, list) or not 0 < len(wanted) <= BATCH_LIMIT:
            raise SimulatedError(400, "BATCH_SIZE", "1 to 100 row ids")
        with self._lock:
            answers = [
                {"row_id": row_id, "state": self._rows[row_id].state if row_id in self._rows else "UNKNOWN"}
                | ({"reason": known.reason} if (known := self._rows.get(row_id)) and known.reason else {})
                for row_id in wanted
            ]
        return json_answer({"answers": answers})

    def _take_file(self, request: Request) -> Answer:
        announced = request.json_object()
        found = urllib3.request("GET", announced["link"], timeout=5, retries=False)
        if found.status != HTTPStatus.OK:
            raise SimulatedError(409, "FILE_UNREADABLE", "the link leads to nothing")
        rows = [json.loads(line) for line in found.data.splitlines()]
        outcome: dict[str, Any] = {
            "state": "ACKNOWLEDGED",
            "count": len(rows),
            "sum_fen": sum(row["amount_fen"] for row in rows),
        }
        if hashlib.sha256(found.data).hexdigest() != announced["sha256"]:
            outcome |= {"state": "REFUSED", "reason": "HASH_DIFFERS"}
        elif (outcome["count"], outcome["sum_fen"]) != (announced["count"], announced["sum_fen"]):
            outcome |= {"state": "REFUSED", "reason": "FIGURES_DIFFER"}
        elif (fault := self._fault_of_endorsements(rows)) is not None:
            outcome |= {"state": "REFUSED", "reason": fault}
        elif any(row["kind"] == "ISSUED" and "insured" not in row.get("cover", {}) for row in rows):
            outcome |= {"state": "REFUSED", "reason": "INSURED_MISSING"}
        elif self._file_refusal is not None:
            outcome |= {"state": "REFUSED", "reason": self._file_refusal}
        with self._lock:
            self._files[announced["file_id"]] = announced | {"answer": outcome}
        return json_answer({"file_id": announced["file_id"]} | outcome)

    def _fault_of_endorsements(self, rows: list[dict[str, Any]]) -> str | None:
        """A number once given never says anything else; one or two policies can't be three people."""
        with self._lock:
            for row in (row for row in rows if row["kind"] == "ENDORSEMENT"):
                if self._endorsements.setdefault(row["row_id"], row) != row:
                    return "ENDORSEMENT_CHANGED"
                policies, too_few = row["endorsement"]["policies"], row["endorsement"]["fewer_than_three"]
                if (too_few and not policies) or (not too_few and 0 < policies < 3):
                    return "ENDORSEMENT_FLAG_WRONG"
        return None

    def _judge(self, row: dict[str, Any]) -> KnownRow:
        if any(pattern.search(row["row_id"]) for pattern in self._silent):
            return KnownRow(row, "PENDING")
        for pattern, reason in self._rejections:
            if pattern.search(row["row_id"]):
                return KnownRow(row, "REJECTED", reason)
        fault = self._fault_of_insured(row) if row.get("kind") == "ISSUED" else None
        return KnownRow(row, "REJECTED", fault) if fault else KnownRow(row, "ACKNOWLEDGED")

    def _fault_of_insured(self, row: dict[str, Any]) -> str | None:
        """Nobody is insured without a name, a document that can exist, and a consent to tell us."""
        sealed = row.get("cover", {}).get("insured")
        if sealed is None:
            return "INSURED_MISSING"
        try:
            identity = self.open(sealed, row["row_id"])
        except (InvalidTag, ValueError, KeyError):
            return "INSURED_UNREADABLE"
        return _fault_of_document(identity) or (
            "CONSENT_MISSING" if identity["consent"]["kind"] != "SHARE_WITH_INSURER" else None
        )

    def open(self, sealed: str, row_id: str) -> dict[str, Any]:
        """Open an identity with the insurer's private key; raises InvalidTag or ValueError."""
        protected, wrapped, nonce, content, tag = sealed.split(".")
        header = json.loads(_unb64(protected))
        if (header["kid"], header["row_id"]) != (self._keys.sealing_key_id, row_id):
            raise ValueError("sealed for another key or row")
        oaep = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)
        key = self._keys.sealing_key.decrypt(_unb64(wrapped), oaep)
        plain = AESGCM(key).decrypt(_unb64(nonce), _unb64(content) + _unb64(tag), protected.encode())
        opened: dict[str, Any] = json.loads(plain)
        return opened

    def _answers(self, row_ids: Any) -> list[dict[str, str]]:
        """The rows that have an answer; a row that is still looked at is left out."""
        return [
            {"row_id": row_id, "state": known.state} | ({"reason": known.reason} if known.reason else {})
            for row_id in row_ids
            if (known := self._rows[row_id]).state != "PENDING"
        ]

    def _sign(self, method: str, target: str, body: bytes) -> str:
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        signature = self._digest(method, target, timestamp, nonce, body)
        return (
            f'DAYCOVER-HMAC-SHA256 key_id="{self._keys.key_id}",timestamp="{timestamp}",nonce="{nonce}",'
            f'signature="{signature}"'
        )

    def _digest(self, method: str, target: str, timestamp: str, nonce: str, body: bytes) -> str:
        text = "\n".join((method, target, timestamp, nonce, hashlib.sha256(body).hexdigest(), ""))
        return b64encode(hmac.digest(self._keys.key.encode(), text.encode(), "sha256")).decode()

    # The control plane

    def reject(self, pattern: str, reason: str) -> None:
        """Reject new rows whose id matches from now on."""
        with self._lock:
            self._rejections.append((re.compile(pattern), reason))

    def keep_silent(self, pattern: str) -> None:
        """Take new rows whose id matches without an answer."""
        with self._lock:
            self._silent.append(re.compile(pattern))

    def refuse_files(self, reason: str | None) -> None:
        with self._lock:
            self._file_refusal = reason

    def decide(self, row_id: str, state: str, reason: str | None = None) -> None:
        """Come to an answer about a row that waits; the next question hears it."""
        with self._lock:
            self._rows[row_id].state, self._rows[row_id].reason = state, reason

    def late_message(self, row_ids: list[str]) -> tuple[bytes, str]:
        """Give body and signature of a message that answers these rows by itself."""
        with self._lock:
            body = json.dumps({"answers": self._answers(row_ids)}).encode()
        return body, self._sign("POST", ANSWERS_PATH, body)

    def rows(self) -> dict[str, KnownRow]:
        with self._lock:
            return dict(self._rows)

    def host(self, name: str, content: bytes) -> str:
        """Serve a file, as S3 does behind a signed link; gives the link."""
        self._hosted[name] = content
        return f"{self.base_url}/_sim/hosted/{name}"

    def _arm_rejection(self, request: Request) -> Answer:
        body = request.json_object()
        self.reject(str(body["row_id"]), str(body.get("reason", "NOT_INSURABLE")))
        return json_answer({"armed": len(self._rejections)})

    def _arm_silence(self, request: Request) -> Answer:
        self.keep_silent(str(request.json_object().get("row_id", "")))
        return json_answer({"armed": len(self._silent)})

    def _arm_file_refusal(self, request: Request) -> Answer:
        self.refuse_files(request.json_object().get("reason"))
        return json_answer({"reason": self._file_refusal})

    def _answer_late(self, request: Request) -> Answer:
        """Decide rows that wait and post the answer `times` times; without `url` it is only kept."""
        body = request.json_object()
        row_ids = [str(row_id) for row_id in body["row_ids"]]
        for row_id in row_ids:
            self.decide(row_id, str(body.get("state", "ACKNOWLEDGED")), body.get("reason"))
        statuses: list[int] = []
        for _ in range(int(body.get("times", 1)) if "url" in body else 0):
            message, signature = self.late_message(row_ids)
            headers = {"Content-Type": "application/json", "Insurer-Signature": signature}
            reply = urllib3.request(
                "POST", body["url"], body=message, headers=headers, timeout=10, retries=False
            )
            statuses.append(reply.status)
        return json_answer({"statuses": statuses})

    def _forget(self, request: Request) -> Answer:
        """Lose a row, as if it had never arrived."""
        with self._lock:
            lost = self._rows.pop(str(request.json_object()["row_id"]), None)
        return json_answer({"forgotten": lost is not None})

    def _host(self, request: Request) -> Answer:
        return json_answer({"link": self.host(request.parameters["name"], request.body)})

    def _hosted_file(self, request: Request) -> Answer:
        content = self._hosted.get(request.parameters["name"])
        return Answer(404) if content is None else Answer(body=content, content_type="application/jsonl")

    def _show_rows(self, _request: Request) -> Answer:
        shown = [
            {"row": known.row, "state": known.state, "reason": known.reason, "times": known.times}
            for known in self.rows().values()
        ]
        return json_answer({"rows": shown})

    def _show_files(self, _request: Request) -> Answer:
        with self._lock:
            return json_answer({"files": list(self._files.values())})


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _fault_of_document(identity: dict[str, Any]) -> str | None:
    number, kind = identity["document_no"], identity["document_type"]
    if _kind_by(number) not in {None, kind}:
        return "DOCUMENT_TYPE_WRONG"
    if kind == "RESIDENT_ID" and not _has_check_digit(number):
        return "ID_NUMBER_INVALID"
    is_dated = re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", identity.get("birth_date", ""))
    return None if is_dated else "BIRTH_DATE_MISSING"


def _kind_by(number: str) -> str | None:
    """What 18 characters say by themselves, by code of our own."""
    if len(number) != 18:
        return None
    if number[:6] in {"810000", "820000", "830000"}:
        return "HK_MO_TW_RESIDENCE_PERMIT"
    return "FOREIGNER_PERMANENT_RESIDENCE" if number[0] == "9" else "RESIDENT_ID"


def _has_check_digit(number: str) -> bool:
    """GB 11643, by code of our own."""
    if not re.fullmatch("[0-9]{17}[0-9X]", number):
        return False
    return (
        "10X98765432"[sum(int(n) * w for n, w in zip(number[:17], WEIGHTS, strict=True)) % 11] == number[17]
    )
