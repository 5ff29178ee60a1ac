"""AWS's JSON services by signed calls: DynamoDB, KMS, Secrets Manager, SQS and Step Functions, without botocore.

botocore costs more to import than everything else that a check-in loads (docs/decisions/0106). S3 stays
with it: `store/boto.py`.
"""

import hmac
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlsplit
from zlib import crc32

from daycover.errors import DaycoverError, ErrorKind
from daycover.wire import HttpAnswer, NoAnswerError, NotConnectedError, Patience, Pool, exchange, new_pool

ATTEMPTS = 3
PATIENCE = Patience(connect=2, read=5)
"""A hung call must end well before the function's own timeout."""
MOST_SECONDS = 20.0
"""Between two attempts, by the exponential rule."""
MOST_SECONDS_ASKED = 5.0
"""What a service may add to that by `x-amz-retry-after`."""
RETRIES_IN_STOCK, COST, THROTTLED_COST = 500, 14, 5
"""A container whose service stays down stops repeating: each repetition costs, each success gives back."""

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Repeated after up to 1 s, 2 s …"""
TRANSIENT = frozenset({"ReplicatedWriteConflictException", "RequestTimeout", "RequestTimeoutException"})
"""Repeated after a few hundredths of a second, like the statuses and the lost answers below."""
TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
TOO_MANY, SERVER_SIDE = 429, 500
NO_ANSWER = frozenset({"NotConnected", "NoAnswer", "BrokenAnswer"})
"""Our own codes, where AWS gave none."""
WEATHER = (
    THROTTLED
    | TRANSIENT
    | NO_ANSWER
    | {
        # DynamoDB
        "InternalServerError",
        "ServiceUnavailable",
        "TransactionConflictException",
        # Secrets Manager, KMS
        "InternalServiceError",
        "KMSInternalException",
        "DependencyTimeoutException",
        "KeyUnavailableException",
        # S3; a conditional write beside another one of the same key may leave none of the two: ask again
        # (Amazon S3 User Guide, "How to prevent object overwrites with conditional writes")
        "ConditionalRequestConflict",
        "InternalError",
        "OperationAborted",
        # common to all
        "InternalFailure",
    }
)


class StoreUnavailableError(DaycoverError):
    """The store is throttled or out of reach; nothing was changed.

    The store is throttled, conflicting or out of reach; the same call may be repeated.

    What to do: Wait `Retry-After` seconds, then repeat the same request.
    含义:存储被限流或暂时联系不上,什么也没有改变。
    处理:等待 `Retry-After` 秒后原样重试。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "服务暂时不可用", "Temporarily unavailable"
    detail = "请稍后重试。", "Try again shortly."
    retry_after = 2


class AwsError(Exception):
    """AWS refused a call. Its text holds names only: messages of AWS quote values, which may be personal.

    `item` is what stands where a condition failed, `reasons` the code of each write of a cancelled transaction.
    """

    def __init__(
        self,
        code: str,
        status: int = 0,
        *,
        operation: str = "",
        request_id: str = "",
        item: Mapping[str, Any] | None = None,
        reasons: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{operation}: {code}, status {status}, request {request_id}")
        self.code = code
        self.status = status
        self.item = item
        self.reasons = reasons
        self.retry_after: float | None = None

    @property
    def is_weather(self) -> bool:
        """Whether the service was throttling or failing, and not the request."""
        return self.status >= SERVER_SIDE or self.code in WEATHER

    @property
    def is_throttling(self) -> bool:
        return self.code in THROTTLED or self.status == TOO_MANY

    @property
    def is_passing(self) -> bool:
        """Whether the SDKs repeat it at once (their mode `standard`)."""
        return (
            self.is_throttling
            or self.status in TRANSIENT_STATUSES
            or self.code in TRANSIENT
            or self.code in NO_ANSWER
        )


@dataclass(frozen=True, slots=True)
class Service:
    """How a service is addressed. `pause` is the first pause before a repetition, at most, in seconds."""

    target: str
    version: str
    variable: str
    """Of the environment that names an endpoint of its own."""
    pause: float = 0.05


SERVICES: Mapping[str, Service] = {
    "dynamodb": Service("DynamoDB_20120810", "1.0", "DYNAMODB", pause=0.025),
    "kms": Service("TrentService", "1.1", "KMS"),
    "secretsmanager": Service("secretsmanager", "1.1", "SECRETS_MANAGER"),
    "sqs": Service("AmazonSQS", "1.0", "SQS"),
    "states": Service("AWSStepFunctions", "1.0", "SFN"),
}


class Access(Protocol):
    """Where AWS is, and as whom we call it; `platform.config.AwsAccess` on Lambda."""

    @property
    def region(self) -> str: ...
    @property
    def key_id(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def session_token(self) -> str | None: ...
    def endpoint(self, variable: str) -> str | None: ...


@cache
def connections(url: str) -> Pool:
    """Give the container's pool of connections to one service."""
    return new_pool(url)


class AwsClient:
    """One of `SERVICES`. Keep one per container: it remembers the day's signing key and how often it repeated."""

    def __init__(
        self,
        service: str,
        access: Access,
        *,
        patience: Patience = PATIENCE,
        attempts: int = ATTEMPTS,
        pool: Pool | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        throttled: Callable[[], None] = lambda: None,
    ) -> None:
        """`throttled` is told of every answer that says to come back later, also where the next try succeeds."""
        self._name = service
        self._throttled = throttled
        self._service = SERVICES[service]
        self._access = access
        self._patience, self._attempts = patience, attempts
        self._now, self._sleep, self._chance = now, sleep, chance
        self._url = access.endpoint(self._service.variable) or endpoint(service, access.region)
        self._pool = pool or connections(self._url)
        parts = urlsplit(self._url)
        self._host, self._path = parts.netloc, parts.path or "/"
        self._stock = RETRIES_IN_STOCK
        self._key: tuple[str, bytes] = ("", b"")

    def call(self, operation: str, **request: Any) -> Any:
        """Call once, and up to twice again while the failure may pass; gives the answer in wire form.

        Bytes travel as base64. The repeated request is the same to the byte, its ClientRequestToken included.
        Raises StoreUnavailableError where the same call may be repeated later, AwsError otherwise.
        """
        body = json.dumps(request, separators=(",", ":")).encode()
        cost = 0
        for attempt in range(self._attempts):
            outcome = self._once(operation, body)
            if not isinstance(outcome, AwsError):
                self._stock = min(RETRIES_IN_STOCK, self._stock + (cost or 1))
                return outcome
            cost = THROTTLED_COST if outcome.is_throttling else COST
            if outcome.is_throttling:
                self._throttled()
            if attempt == self._attempts - 1 or not outcome.is_passing or self._stock < cost:
                break
            self._stock -= cost
            self._sleep(self._pause(outcome, attempt))
        if outcome.is_weather:
            raise StoreUnavailableError from outcome
        raise outcome

    def _once(self, operation: str, body: bytes) -> Any:
        headers = self._signed(operation, body)
        try:
            answer = exchange(
                self._pool, "POST", self._url, headers=headers, body=body, patience=self._patience
            )
        except NotConnectedError:
            return AwsError("NotConnected", operation=operation)
        except NoAnswerError:
            return AwsError("NoAnswer", operation=operation)
        checksum = answer.headers.get("x-amz-crc32")
        if checksum is not None and str(crc32(answer.data)) != checksum:
            return AwsError("BrokenAnswer", operation=operation)
        try:
            found = json.loads(answer.data) if answer.data else {}
        except ValueError:
            found = None
        if answer.status == 200 and found is not None:
            return found
        return _refused(operation, answer, found if isinstance(found, dict) else {})

    def _pause(self, error: AwsError, attempt: int) -> float:
        """Seconds before the next attempt: full jitter under a doubling bound, as all AWS SDKs wait."""
        first = 1.0 if error.is_throttling else self._service.pause
        seconds = self._chance() * min(first * (1 << attempt), MOST_SECONDS)
        if error.retry_after is None:
            return seconds
        return max(seconds, min(error.retry_after, seconds + MOST_SECONDS_ASKED))

    def _signed(self, operation: str, body: bytes) -> dict[str, str]:
        """Sign a request (Signature Version 4: Reference, "Create a signed AWS API request")."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._now()))
        headers = {
            "content-type": f"application/x-amz-json-{self._service.version}",
            "host": self._host,
            "x-amz-date": stamp,
        }
        if self._access.session_token:
            headers["x-amz-security-token"] = self._access.session_token
        headers["x-amz-target"] = f"{self._service.target}.{operation}"
        names = ";".join(headers)  # they stand in alphabetical order above
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        request = f"POST\n{self._path}\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{stamp[:8]}/{self._access.region}/{self._name}/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self._signing_key(stamp[:8]), to_sign.encode(), "sha256").hex()
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._access.key_id}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        headers["user-agent"] = "daycover"
        return headers

    def _signing_key(self, day: str) -> bytes:
        if self._key[0] != day:
            key = f"AWS4{self._access.secret_key}".encode()
            for part in (day, self._access.region, self._name, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key = (day, key)
        return self._key[1]


def endpoint(service: str, region: str) -> str:
    """Give a service's address in both partitions, `aws` and `aws-cn`."""
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://{service}.{region}.{domain}/"


def _refused(operation: str, answer: HttpAnswer, found: Mapping[str, Any]) -> AwsError:
    """Read an error: its code from the header or the body, never from the message."""
    said = (
        answer.headers.get("x-amzn-query-error")
        or answer.headers.get("x-amzn-errortype")
        or found.get("__type")
        or found.get("code")
        or (answer.status if answer.status != 200 else "BrokenAnswer")
    )
    error = AwsError(
        str(said).partition(";")[0].partition(":")[0].rpartition("#")[2],
        answer.status,
        operation=operation,
        request_id=answer.headers.get("x-amzn-requestid", ""),
        item=found.get("Item"),
        reasons=tuple(reason.get("Code", "None") for reason in found.get("CancellationReasons", ())),
    )
    asked = answer.headers.get("x-amz-retry-after", "")
    error.retry_after = int(asked) / 1000 if asked.isdecimal() else None
    return error
