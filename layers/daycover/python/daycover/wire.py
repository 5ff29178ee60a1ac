"""One HTTP exchange over urllib3, what it means when none took place, and the cipher that stores ask for."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ssl import SSLCertVerificationError, SSLContext
from typing import Any, Protocol

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.util.ssl_ import create_urllib3_context

# urllib3 writes paths and queries into its log, and ours hold openids and the mini program's secret:
# every one at DEBUG, and at WARNING those whose answer had a broken header.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

MOST_BYTES = 64 * 1024 * 1024
"""Of one answer: far above any file that we fetch, and what a function's memory still bears."""
CONNECTIONS = 10
"""Kept open per host; each invocation runs alone, so more come only from our own threads."""


class NotConnectedError(Exception):
    """No connection came about, so nothing was sent."""


class NoAnswerError(Exception):
    """The request may have arrived, but no whole answer came back."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    headers: Mapping[str, str]
    """Names are looked up in any case."""
    data: bytes


class RawAnswer(Protocol):
    """The part of `urllib3.BaseHTTPResponse` in use here."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def read(self, amt: int) -> bytes: ...
    def close(self) -> None: ...
    def release_conn(self) -> None: ...


class Pool(Protocol):
    """The part of `urllib3.PoolManager` in use here."""

    def request(
        self, method: str, url: str, body: bytes | None = None, *, headers: Mapping[str, str], **options: Any
    ) -> RawAnswer: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for the connection, then for each read."""

    connect: float
    read: float


class Cipher(Protocol):
    """Seals single fields of an item, bound to the item's id."""

    def seal(self, plain: str, bound_to: str) -> str: ...
    def open(self, sealed: str, bound_to: str) -> str: ...


def new_pool(url: str) -> Pool:
    """Give a pool of connections to where `url` leads; keep one per execution environment: TLS sessions last."""
    return PoolManager(maxsize=CONNECTIONS, ssl_context=_trust() if url.startswith("https:") else None)


@cache
def _trust() -> SSLContext:
    """urllib3's own context, made once: left to itself it reads the system's authorities for each connection."""
    context = create_urllib3_context()
    context.load_default_certs()
    return context


def exchange(
    pool: Pool,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None,
    patience: Patience,
    most_bytes: int = MOST_BYTES,
) -> HttpAnswer:
    """Send once and read the whole answer: no retry and no redirect behind the caller's back.

    Raises NotConnectedError, NoAnswerError (an answer of more than `most_bytes` is none).
    """
    timeout = Timeout(connect=patience.connect, read=patience.read)
    try:
        raw = pool.request(
            method,
            url,
            body,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        data = raw.read(most_bytes + 1)
        if len(data) > most_bytes:
            raw.close()
            raise NoAnswerError("too long")
        raw.release_conn()
    except (NewConnectionError, ConnectTimeoutError) as error:
        raise NotConnectedError(type(error).__name__) from error
    except HTTPError as error:
        if isinstance(error, SSLError) and any(isinstance(a, SSLCertVerificationError) for a in error.args):
            raise NotConnectedError("certificate") from error  # TLS ended before a request could go out
        raise NoAnswerError(type(error).__name__) from error
    return HttpAnswer(raw.status, raw.headers, data)
