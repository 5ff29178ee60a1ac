"""The archive (保单存档): every policy for years, long after TTL has taken it from the hot table.

Issued policies are archived in batches, from the stream, and the sweeper makes the index of a day when no more
batch of it can come; from then on a number alone leads to its record. Whatever comes later or changes a policy
stands alone under the policy's own number, and goes before the record in the batch. Nothing is written from TTL;
the delete that TTL makes is only compared with the archive.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from daycover.cover.period import COVER, RENEWAL_WINDOW
from daycover.cover.policy import (
    Policies,
    Policy,
    PolicyNotFoundError,
    PolicyStatus,
    first_place,
    place_in_time,
)
from daycover.errors import ConcurrentChangeError, DaycoverError, ErrorKind

PAGE = 100
"""Policies in one list; whoever wants older ones asks again with the last number."""
ATTEMPTS = 5
"""Every lost attempt means that somebody else wrote the object, and a policy changes once or twice."""
LAST_CALL = timedelta(hours=25)
"""After the end of a UTC day no batch takes its policies any more: a stream's record lives 24 hours."""
CLOSES = timedelta(hours=27)
"""After the end of a UTC day its index is made. Whoever began a batch before the last call has ended by then."""


class ArchiveConflictError(DaycoverError):
    """Two different policies, or two final statuses, under one number. Only a person can tell which holds."""


class ArchiveDamagedError(DaycoverError):
    """The archived record does not match its checksum, so it is neither shown nor verified against; the
    policy itself stands, and we have been alarmed.

    An archived object is not what its own hash says; the bucket keeps earlier versions.

    What to do: Try again after `Retry-After`; for proof or a claim now call the hotline; a loss can be
    reported as ever.
    含义:存档与其校验值不符,所以不展示、也不据此核验;保单本身不受影响,我们已收到告警。
    处理:按 `Retry-After` 再试;急需证明或理赔,请致电理赔热线,报案不受影响。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "该保单的存档记录正在修复", "The archived record of this policy is being restored"
    detail = (
        "存档与其校验值不符,暂不展示。保单本身不受影响,请稍后再试;急需证明或理赔,请致电理赔热线。",
        "The record does not match its checksum, so it is not shown. The policy itself is not affected. Try "
        "again later; if you need proof or a claim now, call the claims hotline.",
    )
    retry_after = 3600
    counted_as = "ArchiveConflict"


class Archived(NamedTuple):
    """What the archive holds of a policy, and the version to replace it by."""

    policy: Policy
    version: str


def goes_into_a_batch(policy: Policy, now: datetime) -> bool:
    """Whether the policy is archived with others: it stands as issued, and the index of its day can't be made yet."""
    day = policy.issued_at.astimezone(UTC).date()
    return policy.status is PolicyStatus.ISSUED and now < _end_of(day) + LAST_CALL


def is_closed(day: date, now: datetime) -> bool:
    """Whether every batch of this UTC day stands, so that its index may be made."""
    return now >= _end_of(day) + CLOSES


class Archive(Protocol):
    def append(self, policies: Sequence[Policy]) -> None:
        """Store policies as they were issued, in batches; the same ones again are the same batch."""
        ...

    def add(self, policy: Policy) -> bool:
        """Store a policy alone; False when something stands alone under its number, which stays as it is."""
        ...

    def replace(self, policy: Policy, version: str) -> None:
        """Store alone over that version. Raises ConcurrentChangeError when another one stands there."""
        ...

    def unkept(self, policies: Sequence[Policy]) -> set[str]:
        """The numbers of those that the archive does not hold exactly so, whether indexed yet or not."""
        ...

    def close_day(self, day: date, segment: int, segments: int) -> tuple[str, ...]:
        """Make the segment's share of the index of a UTC day, and of the month that ends with it; once made
        it stays. Gives the numbers under which batches hold different policies."""
        ...

    def find(self, policy_no: str) -> Archived | None:
        """What stands alone or in the index. Raises PolicyNotFoundError for a mistyped number,
        ArchiveDamagedError."""
        ...

    def find_many(self, policy_nos: Sequence[str]) -> Mapping[str, Archived]:
        """By number; what is not there or damaged is left out, and `find` tells which."""
        ...

    def list_numbers(
        self, person_id: str, *, below: int | None = None, since: int = 0, limit: int = PAGE
    ) -> list[str]:
        """The person's numbers that stand alone or in the index, newest first; places in time from `since` on,
        before `below`."""
        ...


class Kept(StrEnum):
    """What it took to make the archive hold a policy."""

    ADDED = "ADDED"
    REPLACED = "REPLACED"
    UNCHANGED = "UNCHANGED"


class PolicyChange(StrEnum):
    """What happened to a policy's item in the hot table."""

    INSERT = "INSERT"
    MODIFY = "MODIFY"
    REMOVE = "REMOVE"


class ItemRecord(Protocol):
    """A record of the hot table's stream; `image` is the item as it is, or last was."""

    @property
    def kind(self) -> str: ...

    @property
    def image(self) -> Mapping[str, Any]: ...

    @property
    def by_ttl(self) -> bool: ...


class HotChange(NamedTuple):
    """One change of a policy in the hot table; a removal carries the policy as it last was."""

    kind: PolicyChange
    policy: Policy
    by_ttl: bool = False


class Followed(NamedTuple):
    """What the archive did after a change, and what of it is to be counted."""

    kept: Kept
    counts: tuple[str, ...] = ()


Tell = Callable[[Sequence[Policy]], Sequence[DaycoverError | None]]
"""Tells whoever else follows the policies (the insurer); gives what hinders one at its place. Again does no harm."""


class KeptBatch(NamedTuple):
    """What became of a batch of records: what failed at its place, and what is to be counted of the others."""

    failures: Sequence[Exception | None]
    counts: Mapping[str, int]
    restored: tuple[str, ...]


def supersedes(policy: Policy, archived: Policy) -> bool:
    """Whether `policy` is a later state than what is archived; never the other way round.

    A policy leaves ISSUED once and for all (lifecycle of policies), so the status alone tells which state is
    the later one, in whatever order the records come. Raises ArchiveConflictError.
    """
    if policy == archived:
        return False
    if _origin(policy) != _origin(archived):
        raise ArchiveConflictError
    if archived.status is PolicyStatus.ISSUED and policy.status is not PolicyStatus.ISSUED:
        return True
    if policy.status is PolicyStatus.ISSUED and archived.status is not PolicyStatus.ISSUED:
        return False
    raise ArchiveConflictError


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPolicies:
    """Makes the archive hold the latest state of a policy, in whatever order and number the records come."""

    archive: Archive

    def follow(self, changes: Sequence[HotChange], now: datetime) -> list[Followed | DaycoverError]:
        """Take in changes of the hot table: new policies together, every other one by itself.

        Each outcome is at its change's place, what only concerns one policy (ArchiveConflictError,
        ArchiveDamagedError, ConcurrentChangeError) too. Raises what says that the archive can't be reached.
        """
        new: dict[str, Policy] = {}
        for change in changes:
            if _goes_into_a_batch(change, now):
                new.setdefault(change.policy.policy_no, change.policy)
        if new:
            self.archive.append(list(new.values()))
        removed = [change.policy for change in changes if change.kind is PolicyChange.REMOVE]
        missing = self.archive.unkept(removed) if removed else set()
        outcomes: list[Followed | DaycoverError] = []
        for change in changes:
            if not _goes_into_a_batch(change, now):
                outcomes.append(self._alone(change, missing))
            elif new[change.policy.policy_no] == change.policy:
                outcomes.append(Followed(Kept.ADDED))
            else:
                outcomes.append(ArchiveConflictError())
        return outcomes

    def _alone(self, change: HotChange, missing: set[str]) -> Followed | DaycoverError:
        policy = change.policy
        try:
            if change.kind is not PolicyChange.REMOVE:
                return Followed(self.keep(policy, None))
            counted = "PolicyExpired" if change.by_ttl else "PolicyDeletedByHand"
            if change.by_ttl and policy.policy_no not in missing:
                return Followed(Kept.UNCHANGED, (counted,))
            # one that was deleted by hand may lie in a batch that no index shows yet: from here on it is found
            kept = self.keep(policy, self.archive.find(policy.policy_no))
        except (ArchiveConflictError, ArchiveDamagedError, ConcurrentChangeError) as error:
            return error
        return Followed(kept, (counted, "ArchiveMissing") if policy.policy_no in missing else (counted,))

    def keep(self, policy: Policy, known: Archived | None) -> Kept:
        """Archive the policy alone, given what is known to be archived of it.

        Raises ArchiveConflictError, ArchiveDamagedError, ConcurrentChangeError.
        """
        for _ in range(ATTEMPTS):
            if known is None:
                if self.archive.add(policy):
                    return Kept.ADDED
            elif not supersedes(policy, known.policy):
                return Kept.UNCHANGED
            else:
                try:
                    self.archive.replace(policy, known.version)
                    return Kept.REPLACED
                except ConcurrentChangeError:
                    pass  # another record of the same policy came first: look at what it left
            known = self.archive.find(policy.policy_no)
        raise ConcurrentChangeError


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePolicy:
    """Takes changes of the hot table into the archive, and hands the policies on."""

    now: Callable[[], datetime]
    keep: KeepPolicies
    tell: Tell

    def __call__(self, records: Sequence[ItemRecord]) -> KeptBatch:
        """Safe to repeat with the same records, or some of them."""
        failures: list[Exception | None] = [None] * len(records)
        changes: dict[int, HotChange] = {}
        for at, record in enumerate(records):
            try:
                policy = Policy.model_validate(record.image)
                changes[at] = HotChange(PolicyChange(record.kind), policy, record.by_ttl)
            except ValueError as error:  # no policy: it must not hold up the others
                failures[at] = error
        counts: Counter[str] = Counter()
        restored: list[str] = []
        followed = self.keep.follow(list(changes.values()), self.now())
        told: dict[int, Policy] = {}
        for (at, change), outcome in zip(changes.items(), followed, strict=True):
            if isinstance(outcome, DaycoverError):
                failures[at] = outcome
                continue
            counts.update(outcome.counts)
            if "ArchiveMissing" in outcome.counts:
                restored.append(change.policy.policy_no)
            if change.kind is not PolicyChange.REMOVE:
                told[at] = change.policy
        # also for a replay: the first try may have died here
        for at, failure in zip(told, self.tell(list(told.values())), strict=True):
            failures[at] = failure
        return KeptBatch(failures, counts, tuple(restored))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFinder:
    """Finds policies wherever they are: in the hot table while it holds them, in the archive for ever.

    Nothing is left out: an expired item that TTL has not taken yet is found like any other, and whether a
    policy is in force the clock says. Issuing never comes here: it needs the hot table's strong reads alone.
    """

    hot: Policies
    archive: Archive

    def get(self, policy_no: str) -> Policy:
        """Cost: 1 read unit; for a policy that TTL has taken also three or four GETs. Raises PolicyNotFoundError."""
        try:
            return self.hot.get(policy_no)
        except PolicyNotFoundError:
            archived = self.archive.find(policy_no)
            if archived is None:
                raise
            return archived.policy

    def list_of(self, person_id: str, before: str | None = None) -> list[Policy]:
        """The person's 100 newest policies, or the 100 before that number; newest first, each once.

        Cost: one Query, three LISTs, one or two GETs for each month that has an index until there are enough,
        and a few for each policy that the hot table no longer holds.
        Raises PolicyNotFoundError for a mistyped number.
        """
        below = None if before is None else place_in_time(before)
        hot = {p.policy_no: p for p in self.hot.list_of(person_id) if _is_below(p.policy_no, below)}
        archived = self.archive.list_numbers(person_id, below=below)
        numbers = sorted({*hot, *archived}, key=place_in_time, reverse=True)[:PAGE]
        return self._read(numbers, hot)

    def covering(self, person_id: str, instant: datetime) -> list[Policy]:
        """Every policy of the person whose period holds the instant, however long ago; newest first.

        The number tells the day of issue, so only the policies of the two or three days before are read.
        """
        hot = {policy.policy_no: policy for policy in self.hot.list_of(person_id)}
        earliest = first_place(instant - COVER - RENEWAL_WINDOW)
        below = first_place(instant + COVER)  # the day after, whatever the hour
        archived = self.archive.list_numbers(person_id, below=below, since=earliest)
        numbers = sorted({*hot, *archived}, key=place_in_time, reverse=True)
        return [policy for policy in self._read(numbers, hot) if policy.period.covers(instant)]

    def _read(self, numbers: Sequence[str], hot: Mapping[str, Policy]) -> list[Policy]:
        archived = self.archive.find_many([number for number in numbers if number not in hot])
        found: list[Policy] = []
        for number in numbers:
            if number in hot:
                found.append(hot[number])
            elif (known := archived.get(number) or self.archive.find(number)) is not None:
                found.append(known.policy)
        return found


def _origin(policy: Policy) -> tuple[object, ...]:
    """The check-in that made the policy: what tells it from another one that got the same number."""
    return policy.policy_no, policy.worker_id, policy.check_in_id, policy.issued_at


def _goes_into_a_batch(change: HotChange, now: datetime) -> bool:
    return change.kind is not PolicyChange.REMOVE and goes_into_a_batch(change.policy, now)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def _is_below(policy_no: str, place: int | None) -> bool:
    return place is None or place_in_time(policy_no) < place
