"""The archive (保单存档): every policy for years, long after TTL has taken it from the hot table.

One object a policy, found by its number alone. It is written from the stream when the policy is issued or
changed, never from TTL; the delete that TTL makes is only compared with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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


class Archive(Protocol):
    def add(self, policy: Policy) -> bool:
        """Store a policy; False when there is something under its number, which then stays as it is."""
        ...

    def replace(self, policy: Policy, version: str) -> None:
        """Store over that version. Raises ConcurrentChangeError when another one stands there."""
        ...

    def find(self, policy_no: str) -> Archived | None:
        """Raises PolicyNotFoundError for a mistyped number, ArchiveDamagedError."""
        ...

    def find_many(self, policy_nos: Sequence[str]) -> Mapping[str, Archived]:
        """By number; what is not there or damaged is left out, and `find` tells which."""
        ...

    def list_numbers(self, person_id: str, *, below: int | None = None, limit: int = PAGE) -> list[str]:
        """The person's archived numbers, newest first; with `below`, those of an earlier place in time."""
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


class Followed(NamedTuple):
    """What the archive did after a change, and what of it is to be counted."""

    kept: Kept
    counts: tuple[str, ...] = ()


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

    def follow(self, change: PolicyChange, policy: Policy, *, by_ttl: bool = False) -> Followed:
        """Take in one change of the hot table; a removal carries the policy as it last was.

        Raises ArchiveConflictError, ArchiveDamagedError, ConcurrentChangeError.
        """
        if change is not PolicyChange.REMOVE:
            return Followed(self.keep(policy, None))
        kept = self.keep(policy, self.archive.find(policy.policy_no))
        removed = "PolicyExpired" if by_ttl else "PolicyDeletedByHand"
        return Followed(kept, (removed,) if kept is Kept.UNCHANGED else (removed, "ArchiveMissing"))

    def keep(self, policy: Policy, known: Archived | None) -> Kept:
        """Archive the policy, given what is known to be archived of it. Raises as `follow`."""
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
    """Takes one change of the hot table into the archive, and hands the policy on."""

    keep: KeepPolicies
    tell: Callable[[Policy], None]
    """To whoever else follows the stream (the insurer); again does no harm."""

    def __call__(self, kind: str, image: Mapping[str, Any], *, by_ttl: bool) -> Followed:
        """`image` is the item as the stream shows it. Raises as `KeepPolicies.follow`."""
        policy = Policy.model_validate(image)
        followed = self.keep.follow(PolicyChange(kind), policy, by_ttl=by_ttl)
        if kind != PolicyChange.REMOVE:
            self.tell(policy)  # also for a replay: the first try may have died here
        return followed


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFinder:
    """Finds policies wherever they are: in the hot table while it holds them, in the archive for ever.

    Nothing is left out: an expired item that TTL has not taken yet is found like any other, and whether a
    policy is in force the clock says. Issuing never comes here: it needs the hot table's strong reads alone.
    """

    hot: Policies
    archive: Archive

    def get(self, policy_no: str) -> Policy:
        """Cost: 1 read unit; for a policy that TTL has taken also one GET. Raises PolicyNotFoundError."""
        try:
            return self.hot.get(policy_no)
        except PolicyNotFoundError:
            archived = self.archive.find(policy_no)
            if archived is None:
                raise
            return archived.policy

    def list_of(self, person_id: str, before: str | None = None) -> list[Policy]:
        """The person's 100 newest policies, or the 100 before that number; newest first, each once.

        Cost: one Query, one LIST, and a GET for each policy that the hot table no longer holds.
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
        archived = self.archive.list_numbers(person_id, below=below)
        near = {number for number in archived if place_in_time(number) >= earliest}
        numbers = sorted({*hot, *near}, key=place_in_time, reverse=True)
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


def _is_below(policy_no: str, place: int | None) -> bool:
    return place is None or place_in_time(policy_no) < place
