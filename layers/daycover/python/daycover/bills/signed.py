"""The signed exchange that both bill platforms speak with integrators (`docs/bills.md`).

JSON over HTTPS; the content travels as Base64 of the bytes that were signed, so that no re-serialising can break a
signature. The answer is signed over the nonce of its request: an answer to another question proves nothing.
"""

import hmac
import json
import logging
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from daycover.claims.bill import (
    BillElements,
    BillFamily,
    BillPlatformUnavailableError,
    BillState,
    CheckedBill,
)
from daycover.wire import HttpAnswer, NoAnswerError, NotConnectedError, Patience, Pool, exchange, new_pool

PATIENCE = Patience(connect=2, read=5)
MOST_BYTES = 2 * 1024 * 1024
WINDOW_SECONDS = 300
"""An answer of this age, or this far ahead, is not believed."""

log = logging.getLogger(__name__)


class PlatformCredentials(BaseModel, defer_build=True):
    """What a platform gave us: our application and its key of 32 characters or more."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    app_id: str = Field(min_length=1)
    key: str = Field(min_length=32, repr=False)


class BillCredentials(BaseModel, defer_build=True):
    """The secret of both platforms."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    fiscal: PlatformCredentials
    tax: PlatformCredentials


class AnswerCode(StrEnum):
    FOUND = "0000"
    UNKNOWN = "1001"
    DIFFERENT = "1002"
    """The number is known, another element is not the bill's."""


_WITHOUT_CONTENT = {AnswerCode.UNKNOWN: BillState.UNKNOWN, AnswerCode.DIFFERENT: BillState.ALTERED}


class _SignedAnswer(BaseModel, defer_build=True):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,16}$")]
    timestamp: Annotated[str, StringConstraints(pattern=r"^[0-9]{13}$")]
    nonce: str
    data: str = ""
    sign: str


class InconsistentAnswerError(Exception):
    """A platform's answer that cannot be true; the only argument says why, in a word."""


def signature(key: str, values: Mapping[str, str]) -> str:
    """HMAC-SHA-256 over `name=value` pairs in the order of their names, joined by `&`; upper-case hex."""
    text = "&".join(f"{name}={values[name]}" for name in sorted(values))
    return hmac.digest(key.encode(), text.encode(), "sha256").hex().upper()


def _now() -> datetime:
    return datetime.now(UTC)


class SignedPlatform:
    """One platform's line: asks once and gives a proven answer, or says that there is none now."""

    def __init__(
        self,
        family: BillFamily,
        credentials: PlatformCredentials,
        url: str,
        *,
        pool: Pool | None = None,
        clock: Callable[[], datetime] = _now,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._family = family
        self._credentials = credentials
        self._url = url
        self._pool = pool or new_pool(url)
        self._clock = clock
        self._nonce = nonce

    def check(
        self,
        elements: BillElements,
        question: Mapping[str, str],
        read: Callable[[BillElements, bytes], CheckedBill],
    ) -> CheckedBill:
        """Ask for a bill; `read` makes of the content what is said of it, and raises ValueError, RecursionError or
        InconsistentAnswerError where that cannot be true. Raises BillPlatformUnavailableError.
        """
        code, content = self.ask(question)
        state = _WITHOUT_CONTENT.get(code)
        if state is not None:
            return CheckedBill(elements=elements, state=state)
        try:
            return read(elements, content)
        except InconsistentAnswerError as error:
            raise self.unavailable("INCONSISTENT", why=error.args[0]) from None
        except (ValueError, RecursionError):
            raise self.unavailable("INCONSISTENT", why="FIELDS") from None

    def ask(self, question: Mapping[str, str]) -> tuple[AnswerCode, bytes]:
        """Give the answer's code and content. Raises BillPlatformUnavailableError."""
        nonce = self._nonce()
        raw = self._exchange(question, nonce)
        if raw.status != HTTPStatus.OK:
            raise self.unavailable("STATUS", http_status=raw.status)
        try:
            answer = _SignedAnswer.model_validate_json(raw.data)
        except ValidationError:
            raise self.unavailable("GARBAGE") from None
        signed = {"code": answer.code, "data": answer.data, "nonce": nonce, "timestamp": answer.timestamp}
        if not hmac.compare_digest(signature(self._credentials.key, signed), answer.sign):
            raise self.unavailable("UNPROVEN", code=answer.code)
        if abs(self._clock().timestamp() - int(answer.timestamp) / 1000) >= WINDOW_SECONDS:
            raise self.unavailable("STALE")
        try:
            return AnswerCode(answer.code), b64decode(answer.data, validate=True)
        except ValueError:  # a code that says something else, or no Base64
            raise self.unavailable("REFUSED", code=answer.code) from None

    def unavailable(self, reason: str, **facts: object) -> BillPlatformUnavailableError:
        """Write one line without anything of the bill, and give the error to raise."""
        log.warning(
            "bill platform gives no answer",
            extra={"platform": self._family.value, "reason": reason, **facts},
        )
        return BillPlatformUnavailableError(platform=self._family.value)

    def _exchange(self, question: Mapping[str, str], nonce: str) -> HttpAnswer:
        data = b64encode(json.dumps(question, ensure_ascii=False, separators=(",", ":")).encode()).decode()
        values = {
            "appId": self._credentials.app_id,
            "data": data,
            "nonce": nonce,
            "timestamp": str(int(self._clock().timestamp() * 1000)),
        }
        body = json.dumps(values | {"sign": signature(self._credentials.key, values)}).encode()
        try:
            return exchange(
                self._pool,
                "POST",
                self._url,
                headers={
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                    "User-Agent": "daycover",
                },
                body=body,
                patience=PATIENCE,
                most_bytes=MOST_BYTES,
            )
        except NotConnectedError as error:
            raise self.unavailable("NOT_CONNECTED") from error
        except NoAnswerError as error:
            raise self.unavailable("NO_ANSWER") from error
