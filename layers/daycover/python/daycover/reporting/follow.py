"""What follows from a line of a claim's history: its row for the insurer and its service record, once each.

The stream tells of a line within a second. Its records live 24 hours and a failure queue holds no line, so a line is
opened in the transaction that writes it and closed when it was followed; the sweeper follows what is open for an hour.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

SETTLED_AFTER = timedelta(hours=1)
"""A younger line is left to the stream: its record may well be on the way."""
LINES = 2_000
"""Bound of one run; what is left over is taken by the next one."""
RUN_FOR = timedelta(minutes=3)
"""A run ends well before the function's timeout."""


class OpenLine(NamedTuple):
    """A line that was not followed yet."""

    claim_no: str
    version: int
    at: datetime


class OpenLines(Protocol):
    """Lines that were not followed yet."""

    def until(self, at: datetime) -> Iterable[OpenLine]:
        """Give those written until then, the earliest first."""
        ...

    def image(self, line: OpenLine) -> Mapping[str, Any]:
        """Give the line as the stream shows it."""
        ...

    def close(self, line: OpenLine) -> None:
        """Note that it was followed; again changes nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowLine:
    """Takes in one line as the stream shows it. All that follows has an id of the line's own: again adds nothing."""

    queue: Callable[[Mapping[str, Any]], None]
    keep: Callable[[Mapping[str, Any]], None]
    lines: OpenLines

    def __call__(self, image: Mapping[str, Any]) -> None:
        self.queue(image)
        self.keep(image)
        at = datetime.fromisoformat(image["at"])
        self.lines.close(OpenLine(image["claim_no"], int(image["version"]), at))


class LinesNotFollowedError(Exception):
    """Some lines stay open; the log has why."""


class SweptLines(NamedTuple):
    """`repaired` were followed now; `failed` could not be and stay open."""

    repaired: tuple[str, ...]
    failed: tuple[str, ...]

    def check(self) -> None:
        """Raise LinesNotFollowedError where a line failed, so that somebody is told."""
        if self.failed:
            raise LinesNotFollowedError(*self.failed[:100])


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepLines:
    """One run. Running it again, or twice at once, adds nothing twice."""

    now: Callable[[], datetime]
    lines: OpenLines
    follow: FollowLine
    failed: Callable[[Exception], None]
    """Told of a line that could not be followed; it must not hold up all the others."""

    def __call__(self) -> SweptLines:
        started = self.now()
        repaired: list[str] = []
        failed: list[str] = []
        for line in self.lines.until(started - SETTLED_AFTER):
            if len(repaired) + len(failed) >= LINES or self.now() - started >= RUN_FOR:
                break
            name = f"{line.claim_no}/{line.version}"
            try:
                self.follow(self.lines.image(line))
            except Exception as error:
                self.failed(error)
                failed.append(name)
            else:
                repaired.append(name)
        return SweptLines(tuple(repaired), tuple(failed))
