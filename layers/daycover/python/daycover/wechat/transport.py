"""One HTTP exchange over urllib3, and what it means for the caller when none took place."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

# urllib3 writes paths and queries into its log, and ours hold openids and the mini program's secret:
# every one at DEBUG, and at WARNING those whose answer had a broken header.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


class NotConnectedError(Exception):
    """No connection came about, so nothing was sent."""


class NoAnswerError(Exception):
    """The request may have arrived, but no whole answer came back."""


class RawAnswer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def data(self) -> bytes: ...


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


def new_pool() -> Pool:
    """Give a connection pool; keep one per execution environment, so that TLS sessions are reused."""
    return PoolManager()


def exchange(
    pool: Pool, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, patience: Patience
) -> RawAnswer:
    """Send once and read the whole answer: no retry and no redirect behind the caller's back.

    Raises NotConnectedError, NoAnswerError.
    """
    timeout = Timeout(connect=patience.connect, read=patience.read)
    try:
        return pool.request(
            method, url, body, headers=headers, timeout=timeout, retries=False, redirect=False
        )
    except (NewConnectionError, ConnectTimeoutError) as error:
        raise NotConnectedError(type(error).__name__) from error
    except HTTPError as error:
        raise NoAnswerError(type(error).__name__) from error
