"""The claim (赔案): one accident on one policy, from the notice to the money."""

import hashlib
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from pydantic import AwareDatetime, BaseModel, Field

from daycover import crockford
from daycover.claims.adjudication import Assessment
from daycover.claims.advance import (
    Advance,
    AdvanceNotFoundError,
    AdvanceState,
    advanced_fen,
    lapsed,
    open_advance,
    paid_in_advance_fen,
)
from daycover.claims.clocks import (
    PausedInterval,
    adjudication_due,
    advance_due,
    payment_due,
    refusal_notice_due,
    service_level_due,
)
from daycover.claims.documents import DEATH_BENEFITS, ClaimType, DocumentType
from daycover.claims.fraud import FraudSignal
from daycover.claims.lifecycle import (
    CLAIMANT_EVENTS,
    PAYING_DECISIONS,
    REFUSING_DECISIONS,
    STAFF_EVENTS,
    UNSETTLED,
    ClaimEvent,
    ClaimStatus,
    ClaimStepClosedError,
    Decision,
    next_status,
)
from daycover.cover.plan import Benefits
from daycover.cover.policy import Policy
from daycover.errors import DaycoverError, ErrorKind

CLAIM_NUMBER_DIGITS = 24
"""With the prefix 26 characters: a payout number adds `P` and its attempt and must fit WeChat's 32."""


class ClaimNotFoundError(DaycoverError):
    """There is no such claim, or it is somebody else's.

    What to do: Check the claim number.
    含义:没有这个赔案,或不是本人的赔案。
    处理:核对赔案号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该赔案", "No such claim"


class ClaimExistsError(DaycoverError):
    """The accident was reported before; the claim stands."""


class ActorKind(StrEnum):
    WORKER = "WORKER"
    STAFF = "STAFF"
    COMPANY = "COMPANY"
    PROVIDER = "PROVIDER"
    SYSTEM = "SYSTEM"


class Actor(BaseModel, frozen=True):
    """Who did something."""

    kind: ActorKind
    id: str

    @classmethod
    def worker(cls, worker_id: str) -> "Actor":
        return cls(kind=ActorKind.WORKER, id=worker_id)

    @classmethod
    def staff(cls, staff_id: str) -> "Actor":
        return cls(kind=ActorKind.STAFF, id=staff_id)


SYSTEM = Actor(kind=ActorKind.SYSTEM, id="workflow")


class Accident(BaseModel, frozen=True, hide_input_in_errors=True):
    """What happened, in the reporter's words. Everything but the instant is sealed at rest."""

    occurred_at: AwareDatetime
    place: str = Field(repr=False)
    description: str = Field(repr=False)
    injury: str = Field(repr=False)


class Queue(StrEnum):
    """What waits for insurer staff."""

    DECISION = "DECISION"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    PAYOUT = "PAYOUT"
    UNMATCHED = "UNMATCHED"
    COMPLAINT = "COMPLAINT"
    ADVANCE = "ADVANCE"


class QueuePlace(BaseModel, frozen=True):
    queue: Queue
    due: datetime


class Claim(BaseModel, frozen=True, hide_input_in_errors=True):
    """One claim. `policy` and `benefits` are copies of what stood at intake; money in fen, instants in UTC.

    `attention` says why staff must look at a claim that should run by itself.
    """

    claim_no: str
    version: int = 1
    status: ClaimStatus = ClaimStatus.REGISTERED
    decision: Decision = Decision.PENDING
    policy: Policy
    benefits: Benefits
    accident: Accident
    claim_types: tuple[ClaimType, ...]
    reporter_id: str
    reported_at: datetime
    first_treated_at: datetime | None = None
    reporters: tuple[Actor, ...] = ()
    """Who else reported the same accident."""
    signals: tuple[FraudSignal, ...] = ()
    documents_complete_at: datetime | None = None
    supplement: tuple[DocumentType, ...] = ()
    """What the supplement notice of this round of review asked for; one notice a round."""
    waived: tuple[DocumentType, ...] = ()
    pauses: tuple[PausedInterval, ...] = ()
    """When the 30 days stood still."""
    investigate_by: datetime | None = None
    referred_for: tuple[str, ...] = ()
    """Why the machine would not approve: reason codes."""
    assessment: Assessment | None = Field(default=None, repr=False)
    amount_fen: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    acknowledged_by: str | None = None
    agreed_at: datetime | None = None
    reopenings: int = 0
    paid_before_fen: int = 0
    """What decisions before the last reopening paid: the amount of the next one comes on top."""
    advances: tuple[Advance, ...] = ()
    undisputed_fen: int | None = None
    """What was decided and disputed as too little: nobody doubts that much."""
    disputed_at: datetime | None = None
    settled_fen: int | None = None
    """What the payout of the decision sends, less what was advanced; set when it is reserved."""
    advance_excess_fen: int = 0
    """What was advanced beyond the decided amount, once the claim is over. Never taken back by machine."""
    payout_attempt: int = 0
    shares_paid: tuple[str, ...] = ()
    """Which beneficiaries' shares have arrived, as `<reopenings>:<beneficiary>`."""
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    refusal_notice_sent_at: datetime | None = None
    attention: str | None = None
    complained_at: datetime | None = None
    """Since when a complaint waits for its answer."""
    breaches: tuple[str, ...] = ()
    """Clocks that ran out, each recorded once."""
    next_clock: datetime | None = None
    """When the next running clock runs out; `note_breaches` finds the claim by it."""
    place: QueuePlace | None = None
    """Where staff find it, as it is stored; `place_of` computes it at every change."""
    advance_since: datetime | None = None
    """From when it stands in the queue of advances, beside its place; `advance_since` computes it."""
    paying_advance: int | None = None
    """The advance whose money is under way: no payee account changes meanwhile."""

    def belongs_to(self, person_id: str | None) -> bool:
        return person_id is not None and self.policy.person_id == person_id

    def advance(self, number: int) -> Advance:
        """Raises AdvanceNotFoundError."""
        for advance in self.advances:
            if advance.number == number:
                return advance
        raise AdvanceNotFoundError

    def with_advance(self, advance: Advance) -> tuple[Advance, ...]:
        """Give the advances with this one in its number's place, or at the end."""
        others = [known for known in self.advances if known.number != advance.number]
        return tuple(sorted((*others, advance), key=lambda known: known.number))

    @property
    def advanced_fen(self) -> int:
        """What was advanced since the last reopening, under way or paid."""
        return advanced_fen(self.advances, self.reopenings)

    @property
    def goes_to_beneficiaries(self) -> bool:
        """Whether the claim's money belongs to somebody else than the insured, who has died."""
        return not DEATH_BENEFITS.isdisjoint(self.claim_types)

    @property
    def remaining_fen(self) -> int:
        """What is left of the decided amount; never negative."""
        return max(0, (self.amount_fen or 0) - self.advanced_fen)


class HistoryEntry(BaseModel, frozen=True, hide_input_in_errors=True):
    """One line of the append-only history. `version` is the claim's version that it made.

    `advance`, `moved_fen` and `payout_id` say which advance, how much money and which payment a line speaks of.
    """

    claim_no: str
    version: int
    event: ClaimEvent
    status: ClaimStatus
    decision: Decision
    at: datetime
    by: Actor
    reason_code: str | None = None
    reason: str | None = Field(default=None, repr=False)
    advance: int | None = None
    moved_fen: int | None = None
    payout_id: str | None = None

    @property
    def is_of_beneficiary(self) -> bool:
        """Whether the line is about one beneficiary (B1 and on), whom staff tell, not the insured's app."""
        by_machine = self.by.kind is ActorKind.SYSTEM  # people write reason codes of their own
        return by_machine and re.fullmatch("B[1-9]", self.reason_code or "") is not None


class ClaimChange(NamedTuple):
    """One lawful step of a claim, ready to be written."""

    before: Claim
    after: Claim
    entry: HistoryEntry


def claim_number(policy_no: str, occurred_at: datetime) -> str:
    """Give the number of the claim for an accident on a policy: `CL` + 24 characters (120 bits).

    The minute of the accident identifies it, so whoever reports it again finds the same claim.
    """
    digest = hashlib.sha256(f"{policy_no}|{int(occurred_at.timestamp()) // 60}".encode()).digest()
    return "CL" + crockford.encode(int.from_bytes(digest[:15], "big"), CLAIM_NUMBER_DIGITS)


def opening(claim: Claim, by: Actor) -> HistoryEntry:
    """Give the first line of a claim's history."""
    return _entry(claim, ClaimEvent.REGISTERED, claim.reported_at, by)


def record(
    claim: Claim,
    event: ClaimEvent,
    *,
    at: datetime,
    by: Actor = SYSTEM,
    reason_code: str | None = None,
    reason: str | None = None,
    advance: int | None = None,
    moved_fen: int | None = None,
    payout_id: str | None = None,
    **changes: Any,
) -> ClaimChange:
    """Give the change that `event` makes; `changes` are the claim's fields it sets.

    Reasons and the money moved stand in the history line. A new assessment gets the next version. A decision
    that stands, or a withdrawal, makes the advances lapse that were not sent. Raises ClaimStepClosedError where
    the table has no such step, or only a person may take it.
    """
    if (event in STAFF_EVENTS and by.kind is not ActorKind.STAFF) or (
        event in CLAIMANT_EVENTS and by.kind is not ActorKind.WORKER
    ):
        raise ClaimStepClosedError(claim_status=claim.status.value)
    if unknown := changes.keys() - Claim.model_fields.keys():
        raise TypeError(f"a claim has no {unknown}")
    if (found := changes.get("assessment")) is not None and found is not claim.assessment:
        version = claim.assessment.version + 1 if claim.assessment else 1
        changes["assessment"] = found.model_copy(update={"version": version})
    decision = changes.get("decision", claim.decision)
    status = next_status(claim.status, event, decision)
    after = claim.model_copy(update=changes | {"status": status, "version": claim.version + 1})
    if status is not claim.status and status in _ENDS_ADVANCES:
        after = after.model_copy(update={"advances": lapsed(after.advances, after.reopenings)})
    after = after.model_copy(update=_derived(after))
    entry = _entry(after, event, at, by, reason_code=reason_code, reason=reason)
    entry = entry.model_copy(update={"advance": advance, "moved_fen": moved_fen, "payout_id": payout_id})
    return ClaimChange(claim, after, entry)


_ENDS_ADVANCES = frozenset({ClaimStatus.ACKNOWLEDGED, ClaimStatus.WITHDRAWN})


def _derived(claim: Claim) -> dict[str, Any]:
    """The fields that stand for what the others say, so that staff's queues and conditions find them."""
    paying = (a.number for a in claim.advances if a.state is AdvanceState.PAYING)
    return {
        "place": place_of(claim),
        "next_clock": next_clock(claim),
        "advance_since": advance_since(claim),
        "paying_advance": next(paying, None),
        "advance_excess_fen": advance_excess_fen(claim),
    }


def advance_excess_fen(claim: Claim) -> int:
    """Give what was advanced beyond the decision, once the claim is over, in fen."""
    if claim.status not in _OVER:
        return 0
    decided = (claim.amount_fen or 0) if claim.decision in PAYING_DECISIONS else 0
    return max(0, _paid_in_advance(claim) - decided)


def advance_since(claim: Claim) -> datetime | None:
    """Give from when a claim is in the queue of advances; the instant may lie ahead.

    Day 60, or the dispute. One that waits for its second person, or for finance, stays until it is settled.
    """
    started = claim.documents_complete_at
    grounds = [] if started is None else [advance_due(started)]
    if claim.undisputed_fen is not None and claim.disputed_at is not None:
        grounds.append(claim.disputed_at)
    current = open_advance(claim.advances)
    if current is not None:
        under_way = current.state is AdvanceState.PAYING and current.attention is None
        return None if under_way else min([*grounds, current.stated_at])
    if claim.status not in UNSETTLED or _paid_in_advance(claim):
        return None
    return min(grounds, default=None)


def _paid_in_advance(claim: Claim) -> int:
    return paid_in_advance_fen(claim.advances, claim.reopenings)


class Clock(StrEnum):
    """A time limit that runs against us (reference section 6)."""

    ADJUDICATION = "ADJUDICATION"
    REFUSAL_NOTICE = "REFUSAL_NOTICE"
    PAYMENT = "PAYMENT"
    ADVANCE = "ADVANCE"
    SERVICE_LEVEL = "SERVICE_LEVEL"
    INVESTIGATION = "INVESTIGATION"


_UNDECIDED = frozenset({ClaimStatus.IN_REVIEW, ClaimStatus.INVESTIGATING, ClaimStatus.DECIDED})
_OVER = frozenset({ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN})


def due_times(claim: Claim) -> dict[Clock, datetime]:
    """Give when each running clock runs out; one that has not begun, stands still or stopped is absent."""
    complete, agreed, decided = claim.documents_complete_at, claim.agreed_at, claim.decided_at
    found: dict[Clock, datetime | None] = {}
    if claim.status in _OVER:
        return {}
    if complete and claim.status in _UNDECIDED:
        found[Clock.ADJUDICATION] = adjudication_due(complete, claim.pauses)
    if complete and claim.status in UNSETTLED and not _paid_in_advance(claim):
        found[Clock.ADVANCE] = advance_due(complete)
    if complete and claim.paid_at is None and claim.decision not in REFUSING_DECISIONS:
        found[Clock.SERVICE_LEVEL] = service_level_due(complete)
    if decided and claim.decision in REFUSING_DECISIONS and claim.refusal_notice_sent_at is None:
        found[Clock.REFUSAL_NOTICE] = refusal_notice_due(decided)
    if agreed and claim.paid_at is None:
        found[Clock.PAYMENT] = payment_due(agreed)
    if claim.investigate_by and claim.status is ClaimStatus.INVESTIGATING:
        found[Clock.INVESTIGATION] = claim.investigate_by
    return {clock: due for clock, due in found.items() if due is not None}


def breach_id(clock: Clock, due: datetime) -> str:
    """Name one run of a clock that ran out; a clock that begins anew is another run."""
    return f"{clock.value}:{due.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def next_clock(claim: Claim) -> datetime | None:
    """Give when the next clock runs out whose end is not recorded yet."""
    return min(
        (due for clock, due in due_times(claim).items() if breach_id(clock, due) not in claim.breaches),
        default=None,
    )


def place_of(claim: Claim) -> QueuePlace | None:
    """Give where staff find the claim, by due time; None while it needs nobody."""
    queue = _queue_of(claim)
    if queue is None:
        return None
    due = service_level_due(claim.documents_complete_at or claim.reported_at)
    if queue is Queue.COMPLAINT and claim.complained_at is not None:
        due = service_level_due(claim.complained_at)
    elif queue is Queue.PAYOUT:
        due = payment_due(claim.agreed_at or claim.reported_at)
    elif claim.status is ClaimStatus.INVESTIGATING and claim.investigate_by is not None:
        due = claim.investigate_by
    return QueuePlace(queue=queue, due=due)


def _queue_of(claim: Claim) -> Queue | None:
    status, complaint = claim.status, Queue.COMPLAINT if claim.complained_at is not None else None
    if status in _OVER:
        return complaint
    if status is ClaimStatus.DECIDED:
        return Queue.ACKNOWLEDGEMENT
    if status is ClaimStatus.INVESTIGATING or (status is ClaimStatus.IN_REVIEW and claim.referred_for):
        return Queue.DECISION
    if claim.attention:
        paying = status in {ClaimStatus.AGREED, ClaimStatus.PAYING}
        return Queue.PAYOUT if paying else Queue.DECISION
    return complaint


def _entry(
    claim: Claim,
    event: ClaimEvent,
    at: datetime,
    by: Actor,
    *,
    reason_code: str | None = None,
    reason: str | None = None,
) -> HistoryEntry:
    return HistoryEntry(
        claim_no=claim.claim_no,
        version=claim.version,
        event=event,
        status=claim.status,
        decision=claim.decision,
        at=at,
        by=by,
        reason_code=reason_code,
        reason=reason,
    )


class Claims(Protocol):
    """The claims and their history."""

    def get(self, claim_no: str) -> Claim:
        """Read strongly consistent. Raises ClaimNotFoundError."""
        ...

    def add(self, claim: Claim, entry: HistoryEntry) -> None:
        """Raises ClaimExistsError."""
        ...

    def save(self, change: ClaimChange) -> None:
        """Write the claim, its history line and its place in the staff queues together.

        Raises ConcurrentChangeError unless the claim stands as `change.before` has it.
        """
        ...

    def list_of(self, person_id: str) -> list[Claim]: ...

    def history(self, claim_no: str) -> list[HistoryEntry]:
        """Oldest first."""
        ...

    def assessments(self, claim_no: str) -> list[Assessment]:
        """Every assessment that the claim ever had, oldest first."""
        ...

    def waiting(self, queue: Queue) -> list[Claim]:
        """The claims of one queue by due time, at most 100."""
        ...

    def overdue(self, now: datetime) -> list[Claim]:
        """The claims with a clock that ran out before `now` and is not recorded yet, at most 100."""
        ...

    def advances_due(self, now: datetime) -> list[Claim]:
        """The claims whose certain part waits to be stated, acknowledged or paid, by due time, at most 100."""
        ...
