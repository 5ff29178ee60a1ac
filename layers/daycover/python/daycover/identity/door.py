"""Who may try to sign in: whoever failed too often from one place waits, and nobody waits for another's failures.

Only failures are counted, so who proves themselves at once is never kept out by strangers elsewhere: a place's own
failures close the door to it, and failures all over only shorten the tolerance with each place.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from daycover.errors import DaycoverError, ErrorKind

WINDOW = timedelta(minutes=5)
"""Failures are counted from one full five minutes to the next and forgotten then."""


class TooManyAttemptsError(DaycoverError):
    """Signing in failed too often from your network; it is possible again in `retry_after_seconds`.

    What to do: Wait `Retry-After` seconds, then sign in with the right credentials. Others are not affected.
    含义:从您所在的网络登录失败次数过多,`retry_after_seconds` 秒后才能再试。
    处理:等待 `Retry-After` 秒,再用正确的凭证登录;其他网络不受影响。
    """

    kind = ErrorKind.TOO_MANY
    title = "登录失败次数过多", "Too many failed attempts to sign in"
    detail = (
        "请在 {retry_after_seconds} 秒后用正确的凭证重新登录。",
        "Sign in again in {retry_after_seconds} seconds, with the right credentials.",
    )
    retry_after = int(WINDOW.total_seconds())

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(retry_after=retry_after, retry_after_seconds=retry_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How many failures a door bears within the window."""

    of_network: int
    """From one network, whoever it claims to be."""
    of_caller: int = 0
    """From one network in the name of one account; 0 where a caller names none."""
    under_attack: int = 0
    """From one network in the name of an account that is `attacked` all over. At least 1."""
    attacked: int = 0
    """So many failures in the name of one account, all networks together, are an attack on it."""


TOLERANCE: Mapping[str, Tolerance] = MappingProxyType(
    {
        # a site of several hundred shares one address, and a page that is loaded again sends its used code again
        "worker": Tolerance(of_network=100),
        # an office shares one address
        "staff": Tolerance(of_network=30),
        "operator": Tolerance(of_network=30),
        "provider": Tolerance(of_network=50, of_caller=10, under_attack=2, attacked=100),
    }
)
"""By entrance."""


class Failures(Protocol):
    """Counts of failures, by a name and the window's start."""

    def counted(self, names: Sequence[str], window: datetime) -> Sequence[int]:
        """Give the counts in the order of the names."""
        ...

    def count(self, names: Sequence[str], window: datetime) -> None:
        """Add one to each."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One entrance, by its name."""

    name: str
    tolerance: Tolerance
    failures: Failures
    now: Callable[[], datetime]

    @contextmanager
    def opened(self, network: str, account: str = "") -> Iterator[None]:
        """Let somebody try within the block; a refusal of who they are counts against them.

        Attempts that are under way at once are let in together: what they may come to is bounded by how many run at
        once. Raises TooManyAttemptsError, with the seconds until the window is over.
        """
        now = self.now()
        window = _start_of(now)
        places = {"network": f"{self.name} from {network}"}
        if account:
            places["caller"] = f"{self.name} as {account} from {network}"
            places["account"] = f"{self.name} as {account}"
        found = dict(zip(places, self.failures.counted([*places.values()], window), strict=True))
        if not self._bears(**found):
            raise TooManyAttemptsError(retry_after=_until(window + WINDOW, now))
        try:
            yield
        except DaycoverError as refusal:
            if refusal.kind is ErrorKind.UNAUTHENTICATED:
                self.failures.count([*places.values()], window)
            raise

    def _bears(self, network: int, caller: int = 0, account: int = 0) -> bool:
        borne, attacked = self.tolerance, self.tolerance.attacked
        most = borne.under_attack if attacked and account >= attacked else borne.of_caller
        return network < borne.of_network and (not most or caller < most)


def _start_of(now: datetime) -> datetime:
    seconds = int(WINDOW.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def _until(end: datetime, now: datetime) -> int:
    """Whole seconds, rounded up: who waits them out is let in."""
    return max(1, -int((now - end).total_seconds() // 1))
