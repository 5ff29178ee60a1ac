"""The queues of staff: how many wait, what is found in them, page by page, and a claim by a part of its number.

A queue is read by its entries, which tell what it is filtered by; only the claims of the page are read themselves.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from daycover.claims.claim import Claim, ClaimNotFoundError, Claims, Queue, QueueEntry
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ClaimStatus
from daycover.claims.loss_notice import LossNotice, LossNotices
from daycover.cover.policy import PolicyNotFoundError, locate

T = TypeVar("T")
MOST_WAITING = 5_000
"""So far a queue is read; what waits behind is due later, and comes up as these are done."""
MOST_SEARCHED = 20_000
PAGE = 50
FOUND = 50
SHORTEST = 4
"""Characters of a number that are searched for; fewer would find everything."""
JUDGED_WITHIN = timedelta(days=1)
"""How soon a person looks at a request to act for the insured (our own promise)."""


class Wanted(NamedTuple):
    """What a queue is filtered by; None and False filter nothing."""

    benefit: ClaimType | None = None
    status: ClaimStatus | None = None
    overdue: bool = False
    assignee: str | None = None
    nobodys: bool = False


EVERYTHING = Wanted()


class QueueCount(NamedTuple):
    waiting: int
    overdue: int


class QueuePage(NamedTuple):
    """One page: claims, or in UNMATCHED notices. `matched` of `waiting` fit the filter."""

    claims: list[Claim]
    notices: list[LossNotice]
    waiting: int
    matched: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadQueues:
    claims: Claims
    notices: LossNotices
    now: Callable[[], datetime]

    def page(self, queue: Queue, wanted: Wanted = EVERYTHING, page: int = 1) -> QueuePage:
        """Give one page (from 1) by due time; beyond the last one, the last."""
        now = self.now()
        if queue is Queue.UNMATCHED:
            waiting = self.notices.entries(MOST_WAITING)
            left = [entry for entry in waiting if _notice_may_fit(entry, wanted, now)]
            shown, at, pages = _cut(left, page)
            read = self.notices.many(entry.number for entry in shown)
            notices = [n for n in read if n.claim_no is None and _fits_notice(n, wanted)]
            return QueuePage([], notices, len(waiting), len(left), at, pages)
        entries = self._entries(queue, now)
        fitting = [entry for entry in entries if _may_fit(entry, queue, wanted, now)]
        shown_, at, pages = _cut(fitting, page)
        claims = [c for c in self.claims.many(e.number for e in shown_) if _is_there(c, queue)]
        fit = [claim for claim in claims if _fits(claim, wanted)]
        return QueuePage(fit, [], len(entries), len(fitting), at, pages)

    def counts(self) -> dict[Queue, QueueCount]:
        """Say of every queue how many wait, up to MOST_WAITING, and how many of them are late."""
        now = self.now()
        counts = {}
        for queue in Queue:
            if queue is Queue.UNMATCHED:
                due = [entry.due for entry in self.notices.entries(MOST_WAITING)]
            else:
                due = [_due(entry, queue) for entry in self._entries(queue, now)]
            counts[queue] = QueueCount(len(due), sum(instant <= now for instant in due))
        return counts

    def search(self, text: str) -> list[Claim]:
        """Find claims by their number or their policy's, in any case, with or without dashes and spaces.

        A part of a claim's number finds what is still under way; a whole number finds every claim that there is.
        """
        number = re.sub(r"[^0-9A-Z]", "", text.upper())
        if len(number) < SHORTEST:
            return []
        try:
            person_id, _ = locate(number)
        except PolicyNotFoundError:
            pass
        else:
            return [claim for claim in self.claims.list_of(person_id) if claim.policy.policy_no == number]
        try:
            return [self.claims.get(number)]
        except ClaimNotFoundError:
            return self.claims.many([known for known in self._under_way() if number in known][:FOUND])

    def _under_way(self) -> Iterable[str]:
        numbers = dict.fromkeys(self.claims.clocked(MOST_SEARCHED))
        for queue in Queue:
            if queue is not Queue.UNMATCHED:
                numbers |= dict.fromkeys(entry.number for entry in self.claims.entries(queue, MOST_WAITING))
        return numbers

    def _entries(self, queue: Queue, now: datetime) -> list[QueueEntry]:
        entries = self.claims.entries(queue, MOST_WAITING)
        return [e for e in entries if e.due <= now] if queue is Queue.ADVANCE else entries


def _due(entry: QueueEntry, queue: Queue) -> datetime:
    return entry.due + JUDGED_WITHIN if queue is Queue.REPRESENTATIVE else entry.due


def _may_fit(entry: QueueEntry, queue: Queue, wanted: Wanted, now: datetime) -> bool:
    """Whether the claim behind an entry may fit; one that knows nothing of it must be read."""
    if wanted.overdue and _due(entry, queue) > now:
        return False
    if entry.status is None:
        return True
    return (
        (wanted.status is None or entry.status is wanted.status)
        and (wanted.benefit is None or wanted.benefit in entry.claim_types)
        and (wanted.assignee is None or entry.assignee == wanted.assignee)
        and not (wanted.nobodys and entry.assignee is not None)
    )


def _fits(claim: Claim, wanted: Wanted) -> bool:
    return (
        (wanted.status is None or claim.status is wanted.status)
        and (wanted.benefit is None or wanted.benefit in claim.claim_types)
        and (wanted.assignee is None or claim.assignee == wanted.assignee)
        and not (wanted.nobodys and claim.assignee is not None)
    )


def _notice_may_fit(entry: QueueEntry, wanted: Wanted, now: datetime) -> bool:
    """Whether the notice behind an entry may fit; nobody takes one, and it has no status of a claim.

    An older entry does not tell what its notice is about, which must be read.
    """
    is_late = not wanted.overdue or entry.due <= now
    return is_late and (
        wanted.benefit is None or not entry.claim_types or wanted.benefit in entry.claim_types
    )


def _fits_notice(notice: LossNotice, wanted: Wanted) -> bool:
    return wanted.benefit is None or wanted.benefit in notice.claim_types


def _is_there(claim: Claim, queue: Queue) -> bool:
    """Whether the claim still stands in the queue in which its entry was read a moment ago."""
    beside = {
        Queue.ADVANCE: claim.advance_since,
        Queue.NOTICE: claim.notice_due,
        Queue.REPRESENTATIVE: claim.representative_since,
    }
    if queue in beside:
        return beside[queue] is not None
    return claim.place is not None and claim.place.queue is queue


def _cut(found: Sequence[T], page: int) -> tuple[Sequence[T], int, int]:
    pages = max(1, -(-len(found) // PAGE))
    at = min(page, pages)
    return found[(at - 1) * PAGE : at * PAGE], at, pages
