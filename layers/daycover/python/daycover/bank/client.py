"""Signed calls to the bank: one request method, proven answers, three kinds of failure."""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from daycover.bank.credentials import BankCredentials
from daycover.bank.signature import is_genuine, sign_answer, sign_request
from daycover.wire import HttpAnswer, NoAnswerError, NotConnectedError, Patience, Pool, exchange, new_pool

PATIENCE = Patience(connect=2, read=8)

log = logging.getLogger(__name__)


class BankUnknownError(Exception):
    """No proven answer, or one that settles nothing: the call may have had its effect."""


class BankRefusedError(Exception):
    """The bank refused this request for good; `status` and `code` are the bank's."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"status {status}, code {code}")
        self.status = status
        self.code = code


class _BankProblem(BaseModel, defer_build=True):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,64}$")]


def _now() -> datetime:
    return datetime.now(UTC)


def _nonce() -> str:
    return secrets.token_hex(16)


class BankClient:
    """Speaks for one client of the bank. Keep one per execution environment: it holds the connections."""

    def __init__(
        self,
        credentials: BankCredentials,
        base_url: str,
        *,
        pool: Pool | None = None,
        clock: Callable[[], datetime] = _now,
        nonce: Callable[[], str] = _nonce,
    ) -> None:
        self.credentials = credentials
        self._base_url = base_url.rstrip("/")
        self._pool = pool or new_pool(base_url)
        self._clock = clock
        self._nonce = nonce

    def request(self, method: str, target: str, body: Mapping[str, object] | None = None) -> bytes:
        """Send one signed request, once, and give the body of its proven success.

        `target` arrives percent-encoded. Raises BankUnknownError, BankRefusedError.
        """
        payload = json.dumps(body, ensure_ascii=False).encode() if body else b""
        nonce, timestamp = self._nonce(), str(int(self._clock().timestamp()))
        secret = self.credentials.secret.get_secret_value()
        signature = sign_request(
            secret, method=method, target=target, timestamp=timestamp, nonce=nonce, body=payload
        )
        headers = {
            "Bank-Client": self.credentials.client_id,
            "Bank-Timestamp": timestamp,
            "Bank-Nonce": nonce,
            "Bank-Signature": signature,
            "Content-Type": "application/json",
        }
        try:
            raw = exchange(
                self._pool,
                method,
                self._base_url + target,
                headers=headers,
                body=payload or None,
                patience=PATIENCE,
            )
        except (NotConnectedError, NoAnswerError) as error:
            raise BankUnknownError(str(error)) from None
        log.info("bank answered", extra={"http_method": method, "http_status": raw.status})
        given = next((v for name, v in raw.headers.items() if name.lower() == "bank-signature"), "")
        if not is_genuine(given, sign_answer(secret, nonce=nonce, status=raw.status, body=raw.data)):
            raise BankUnknownError("the answer is not proven to be the bank's")
        if HTTPStatus.OK <= raw.status < HTTPStatus.MULTIPLE_CHOICES:
            return raw.data
        raise _failure(raw)


def _failure(raw: HttpAnswer) -> Exception:
    passes = raw.status == HTTPStatus.TOO_MANY_REQUESTS or raw.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if passes or raw.status < HTTPStatus.BAD_REQUEST:
        return BankUnknownError(f"status {raw.status}")
    try:
        return BankRefusedError(raw.status, _BankProblem.model_validate_json(raw.data).code)
    except ValidationError:
        return BankUnknownError(f"status {raw.status} without a code")
