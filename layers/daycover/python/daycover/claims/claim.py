"""The claim (赔案): one accident on one policy, from the notice to the money."""

import hashlib
import re
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import AwareDatetime, BaseModel, Field

from daycover import crockford
from daycover.claims.adjudication import Assessment
from daycover.claims.advance import (
    Advance,
    AdvanceNotFoundError,
    advanced_fen,
)
from daycover.claims.clocks import (
    PausedInterval,
)
from daycover.claims.documents import DEATH_BENEFITS, ClaimType, DocumentType
from daycover.claims.fraud import FraudSignal
from daycover.claims.lifecycle import (
    ClaimEvent,
    ClaimStatus,
    Decision,
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


class Actor(BaseModel, frozen=True, defer_build=True):
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


class Accident(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
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


class QueuePlace(BaseModel, frozen=True, defer_build=True):
    queue: Queue
    due: datetime


class Claim(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
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


class HistoryEntry(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
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
