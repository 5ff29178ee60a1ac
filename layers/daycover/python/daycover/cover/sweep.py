"""The sweeper: finds policies of the hot table that the stream never told of, and repairs what is missing. It also
makes the archive's index of each day that takes no more batches.

Stream records live 24 hours, the hot table keeps a policy for two weeks: whatever a dead consumer missed is
found here while the item still exists. It works by window of issue, in segments, a bounded part in each run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.cover.archive import (
    Archive,
    ArchiveConflictError,
    ArchiveDamagedError,
    KeepPolicies,
    Kept,
    Tell,
    goes_into_a_batch,
    is_closed,
)
from daycover.cover.period import COVER, RENEWAL_WINDOW
from daycover.cover.policy import KEPT_AFTER_END, Policies, Policy
from daycover.cover.roster import LineRecorder, line_of

SETTLED_AFTER = timedelta(hours=1)
"""A younger policy is left to the stream: its record may well be on the way."""
HOT_FOR = RENEWAL_WINDOW + COVER + KEPT_AFTER_END + timedelta(days=1)
"""Nothing in the hot table is older, TTL's own delay included: where the first sweep begins."""
PAGES = 2000
"""Bound of one run, in pages of 1,000 items (about 95 read units): 190,000 read units."""
RUN_FOR = timedelta(minutes=8)
"""A run ends well before the function's timeout; the next one continues."""


class Sweep(BaseModel, frozen=True, defer_build=True):
    """How far one segment's sweep has come: everything issued before `since` is done."""

    segment: int
    segments: int
    since: datetime
    until: datetime
    token: str | None = None
    finished: bool = False
    closed: date | None = None
    """The last UTC day whose index is made, the segment's share of it."""
    version: int = 1

    def unswept(self, now: datetime) -> timedelta:
        """How far back policies may exist that no sweep has looked at."""
        return now - (self.until if self.finished else self.since)


class Swept(NamedTuple):
    """What one run did. `conflicts` are numbers that a person must look at."""

    looked_at: int
    repaired: tuple[str, ...]
    conflicts: tuple[str, ...]
    finished: bool
    unswept: timedelta


class Sweeps(Protocol):
    def find(self, segment: int, segments: int) -> Sweep | None: ...

    def save(self, sweep: Sweep) -> None:
        """Raises ConcurrentChangeError unless it follows the stored version."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepArchive:
    """One run over one segment. Running it again, or twice at once, repairs nothing twice."""

    now: Callable[[], datetime]
    policies: Policies
    sweeps: Sweeps
    archive: Archive
    lines: LineRecorder
    tell: Tell

    @property
    def _keep(self) -> KeepPolicies:
        return KeepPolicies(archive=self.archive)

    def __call__(self, segment: int, segments: int, pages: int = PAGES) -> Swept:
        """Continue the segment's sweep, or begin its next window. Raises ConcurrentChangeError."""
        started = self.now()
        sweep = self._begin(segment, segments, started)
        looked_at = 0
        repaired: list[str] = []
        conflicts: list[str] = []
        for _ in range(pages):
            if sweep.finished or self.now() - started >= RUN_FOR:
                break
            found, token = self.policies.issued_between(
                segment, segments, sweep.since, sweep.until, sweep.token
            )
            self._repair(found, repaired, conflicts)
            looked_at += len(found)
            sweep = sweep.model_copy(
                update={"token": token, "finished": token is None, "version": sweep.version + 1}
            )
            self.sweeps.save(sweep)  # a crash repeats one page
        sweep = self._close(sweep, started, conflicts)
        unswept = sweep.unswept(self.now())
        return Swept(looked_at, tuple(repaired), tuple(conflicts), sweep.finished, unswept)

    def _close(self, sweep: Sweep, started: datetime, conflicts: list[str]) -> Sweep:
        """Make the index of the days that take no more batches: of one in each run at least, however long it swept."""
        last = sweep.closed or (started - HOT_FOR).astimezone(UTC).date()
        while is_closed(day := last + timedelta(days=1), started):
            conflicts += self.archive.close_day(day, sweep.segment, sweep.segments)
            sweep = sweep.model_copy(update={"closed": day, "version": sweep.version + 1})
            self.sweeps.save(sweep)  # a crash makes the same index again
            if self.now() - started >= RUN_FOR:
                break
            last = day
        return sweep

    def _begin(self, segment: int, segments: int, now: datetime) -> Sweep:
        """Windows join without a gap, however long no sweep ran."""
        sweep = self.sweeps.find(segment, segments)
        until = (now - SETTLED_AFTER).replace(microsecond=0)
        if sweep is None:
            return Sweep(segment=segment, segments=segments, since=until - HOT_FOR, until=until, version=0)
        if not sweep.finished or until <= sweep.until:
            return sweep
        changes = {"since": sweep.until, "until": until, "token": None, "finished": False}  # nosec B105 # of a page
        return sweep.model_copy(update=changes)

    def _repair(self, policies: Sequence[Policy], repaired: list[str], conflicts: list[str]) -> None:
        missing = {line.policy_no for line in self.lines.missing([line_of(policy) for policy in policies])}
        unkept = self.archive.unkept(policies)
        archived = self.archive.find_many(sorted(unkept))
        now = self.now()
        new: list[Policy] = []
        # first: once all is recorded, the next sweep finds nothing to tell
        for failure in self.tell([policy for policy in policies if policy.policy_no in missing | unkept]):
            if failure is not None:
                raise failure
        for policy in policies:
            number = policy.policy_no
            is_new_line = number in missing and self.lines.record(line_of(policy))
            kept = Kept.UNCHANGED
            if number in unkept and number not in archived and goes_into_a_batch(policy, now):
                kept = Kept.ADDED
                new.append(policy)
            elif number in unkept:
                try:
                    kept = self._keep.keep(policy, archived.get(number))
                except (ArchiveConflictError, ArchiveDamagedError):
                    conflicts.append(number)  # one of them must not hold up all the others
                    continue
            if is_new_line or kept is not Kept.UNCHANGED:
                repaired.append(number)
        if new:
            self.archive.append(new)
