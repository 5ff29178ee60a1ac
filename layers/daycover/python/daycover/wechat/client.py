"""Signed calls to WeChat Pay API v3: one request method, proven answers, three kinds of failure."""

import json
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from daycover.wechat.credentials import MerchantCredentials
from daycover.wechat.sealed import seal_field
from daycover.wechat.signature import SignatureError, authorization, verify
from daycover.wire import (
    HttpAnswer,
    NoAnswerError,
    NotConnectedError,
    Patience,
    Pool,
    exchange,
    new_pool,
)

PRODUCTION = "https://api.mch.weixin.qq.com"
PATIENCE = Patience(connect=2, read=8)
NOTHING_HAPPENED = frozenset({"NOT_ENOUGH", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED"})
"""4xx codes that pass with time: balance too low, too many calls. WeChat took nothing."""

LONGEST_ASKED = 3600
"""Seconds of a `Retry-After` that we pass on."""

log = logging.getLogger(__name__)


class WechatError(Exception):
    """A call without success. `status`, `code`, `request_id` and `retry_after` (seconds, at most an hour) are
    WeChat's, where an answer had them.

    Kinds are decided by status and code, never by the message. No attribute holds personal data.
    """

    def __init__(
        self, *, status: int | None = None, code: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(f"status {status}, code {code}, request {request_id}")
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after: int | None = None


class WechatRetryError(WechatError):
    """Nothing happened at WeChat; the same call may be repeated later."""


class WechatUnknownError(WechatError):
    """The call may have had its effect: no answer, a broken or unproven one, or a server fault on a POST."""


class WechatRefusedError(WechatError):
    """WeChat refused this call for good; `code` is always set."""

    def __init__(self, *, status: int, code: str, request_id: str | None) -> None:
        super().__init__(status=status, code=code, request_id=request_id)
        self.code: str = code


class WechatAnswer(BaseModel, defer_build=True):
    """The base of all answers: unknown fields are ignored, values never show up in error texts."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _WechatProblem(WechatAnswer):
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,64}$")]


Answer = TypeVar("Answer", bound=WechatAnswer)


def _now() -> datetime:
    return datetime.now(UTC)


def _nonce() -> str:
    return secrets.token_hex(16)


class WechatPayClient:
    """Speaks for one merchant. Keep one per execution environment: it holds the connection pool."""

    def __init__(
        self,
        credentials: MerchantCredentials,
        *,
        pool: Pool | None = None,
        base_url: str = PRODUCTION,
        clock: Callable[[], datetime] = _now,
        nonce: Callable[[], str] = _nonce,
        patience: Patience = PATIENCE,
    ) -> None:
        self.credentials = credentials
        self._pool = pool or new_pool(base_url)
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._nonce = nonce
        self._patience = patience

    def seal(self, text: str) -> str:
        """Encrypt a sensitive field with the key that every request names in `Wechatpay-Serial`."""
        return seal_field(text, self.credentials.sealing_key)

    def request(
        self,
        method: str,
        path: str,
        *,
        answer: type[Answer],
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """Send one signed request and give its proven, validated answer.

        `path` arrives percent-encoded. Never sends twice. Raises WechatRetryError, WechatUnknownError,
        WechatRefusedError.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        payload = json.dumps(body, ensure_ascii=False).encode() if body else b""
        raw = self._send(method, target, payload)
        request_id = _request_id(raw)
        if not _is_success(raw.status):
            failed = failure(method, raw.status, _code(raw.data), request_id)
            failed.retry_after = _retry_after(raw)
            raise failed
        try:
            verify(raw.headers, raw.data, keys=self.credentials.wechatpay_public_keys, now=self._clock())
            return answer.model_validate_json(raw.data)
        except (SignatureError, ValidationError) as error:
            raise WechatUnknownError(status=raw.status, request_id=request_id) from error

    def download(self, url: str) -> bytes:
        """Fetch a file that an answer linked to. It comes unsigned: the caller proves it by the answer's hash.

        Raises WechatRetryError, WechatUnknownError, WechatRefusedError.
        """
        origin, target = url[: len(self._base_url)], url[len(self._base_url) :]
        if origin != self._base_url or not target.startswith("/"):
            raise WechatUnknownError  # our signature goes to WeChat and nowhere else
        raw = self._send("GET", target, b"")
        if not _is_success(raw.status):
            raise failure("GET", raw.status, _code(raw.data), _request_id(raw))
        return raw.data

    def _send(self, method: str, target: str, payload: bytes) -> HttpAnswer:
        signed = authorization(
            self.credentials,
            method=method,
            target=target,
            body=payload,
            now=self._clock(),
            nonce=self._nonce(),
        )
        headers = {
            "Accept": "application/json",
            "Authorization": signed,
            "Content-Type": "application/json",
            "User-Agent": "daycover",
            "Wechatpay-Serial": self.credentials.sealing_key_id,
        }
        url = self._base_url + target
        try:
            raw = exchange(
                self._pool, method, url, headers=headers, body=payload or None, patience=self._patience
            )
        except NotConnectedError as error:
            raise WechatRetryError from error
        except NoAnswerError as error:
            raise WechatUnknownError from error
        log.info(
            "wechat pay answered",
            extra={"http_method": method, "http_status": raw.status, "request_id": _request_id(raw)},
        )
        return raw


def failure(method: str, status: int, code: str | None, request_id: str | None) -> WechatError:
    """Name what an answer other than 2xx means.

    A server fault on a POST leaves open what happened. A 4xx without WeChat's `code` comes from somebody
    else on the way, so it refuses nothing.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS or (_is_client_fault(status) and code in NOTHING_HAPPENED):
        return WechatRetryError(status=status, code=code, request_id=request_id)
    if _is_client_fault(status) and code is not None:
        return WechatRefusedError(status=status, code=code, request_id=request_id)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and method == "GET":
        return WechatRetryError(status=status, code=code, request_id=request_id)
    return WechatUnknownError(status=status, code=code, request_id=request_id)


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _is_client_fault(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def _code(body: bytes) -> str | None:
    try:
        return _WechatProblem.model_validate_json(body).code
    except ValidationError:
        return None


def _request_id(raw: HttpAnswer) -> str | None:
    return _header(raw, "request-id")


def _retry_after(raw: HttpAnswer) -> int | None:
    """Seconds; the form with a date is passed over, and what asks for more than an hour is cut."""
    stated = _header(raw, "retry-after") or ""
    return min(int(stated), LONGEST_ASKED) if re.fullmatch("[1-9][0-9]{0,8}", stated) else None


def _header(raw: HttpAnswer, wanted: str) -> str | None:
    return next((value for name, value in raw.headers.items() if name.lower() == wanted), None)
