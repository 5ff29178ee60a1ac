"""The claim (赔案): one accident on one policy, from the notice to the money."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import AwareDatetime, BaseModel, Field

from daycover import crockford
from daycover.claims.adjudication import Assessment
from daycover.claims.attention import Attention
from daycover.claims.consents import ClaimConsent
from daycover.claims.documents import DEATH_BENEFITS, ClaimType, DocumentType
from daycover.claims.exposure import NOTHING_HELD, ExposureChange, Holding
from daycover.claims.fraud import FraudSignal
from daycover.claims.lifecycle import (
    ClaimEvent,
    ClaimStatus,
    Decision,
)
from daycover.claims.notice import Notice
from daycover.claims.obligation import ObligationNotFoundError
from daycover.claims.representative import Representative, RepresentativeNotFoundError
from daycover.claims.round import Round
from daycover.claims.sheet import LossSheet
from daycover.claims.spending import Spending
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


class ClaimTakenError(DaycoverError):
    """A colleague works on the claim.

    What to do: Take another one, or ask them to give it back; a senior adjuster may hand it over.
    含义:该赔案正由其他理赔人员处理。
    处理:选择其他赔案,或请对方退回;主核可以转交。
    """

    kind = ErrorKind.CONFLICT
    title = "该赔案已由他人领取", "A colleague has taken this claim"
    detail = (
        "正由同事处理,重新载入可见是谁。请选择其他赔案,或请对方退回。",
        "Load again to see who works on it. Take another one, or ask them to give it back.",
    )


class ClaimExistsError(DaycoverError):
    """The accident was reported before; the claim stands."""


class ActorKind(StrEnum):
    WORKER = "WORKER"
    REPRESENTATIVE = "REPRESENTATIVE"
    """An account that staff accepted for the insured."""
    STAFF = "STAFF"
    COMPANY = "COMPANY"
    OPERATOR = "OPERATOR"
    """One of the company's people."""
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


def as_written(actor: Actor) -> str:
    """Write an actor as documents keep it: the insured by the account alone, others with their kind."""
    return actor.id if actor.kind is ActorKind.WORKER else f"{actor.kind}:{actor.id}"


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
    NOTICE = "NOTICE"
    REPRESENTATIVE = "REPRESENTATIVE"
    """Somebody asks to act for the insured."""


class QueuePlace(BaseModel, frozen=True, defer_build=True):
    queue: Queue
    due: datetime


class Assignment(BaseModel, frozen=True, defer_build=True):
    """Who works on a claim while it stands in a queue. In the next queue it is nobody's: the second person is
    another. Back in this one it is theirs again."""

    staff_id: str
    queue: Queue | None


class QueueEntry(NamedTuple):
    """What a queue tells of a claim without reading it; an older entry knows its number and time alone."""

    number: str
    due: datetime
    status: ClaimStatus | None = None
    claim_types: tuple[ClaimType, ...] = ()
    assignee: str | None = None


class Claim(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One claim: what all its rounds share. `policy` and `benefits` are copies of what stood at intake, so
    whether the policy still stands is read again; money in fen, instants in UTC.

    `attention` says why staff must look at a claim that should run by itself; obligations have their own.
    """

    claim_no: str
    version: int = 1
    status: ClaimStatus = ClaimStatus.REGISTERED
    policy: Policy
    benefits: Benefits
    accident: Accident
    claim_types: tuple[ClaimType, ...]
    reporter_id: str
    reported_at: datetime
    first_treated_at: datetime | None = None
    reporters: tuple[Actor, ...] = ()
    """Who else reported the same accident."""
    consents: tuple[ClaimConsent, ...] = ()
    """Given and withdrawn, oldest first; nothing is taken away."""
    also_covered: tuple[str, ...] = ()
    """The person's other policies that covered the accident when it was reported: each takes a claim of its own."""
    representatives: tuple[Representative, ...] = Field(default=(), repr=False)
    """Who asked to act for the insured, by number. Sealed at rest."""
    signals: tuple[FraudSignal, ...] = ()
    waived: tuple[DocumentType, ...] = ()
    assessment: Assessment | None = Field(default=None, repr=False)
    """The latest, of the claim as a whole: what earlier rounds paid is taken off by the decision."""
    rounds: tuple[Round, ...] = Field(min_length=1)
    payouts: int = 0
    """How many payouts it has had: their numbers count through all obligations."""
    attention: Attention | None = None
    complained_at: datetime | None = None
    """Since when a complaint waits for its answer."""
    next_clock: datetime | None = None
    """When the next running clock runs out; `note_breaches` finds the claim by it."""
    place: QueuePlace | None = None
    """Where staff find it, as it is stored; `place_of` computes it at every change."""
    assignment: Assignment | None = None
    """The last one; `assignee` says whether it still counts."""
    advance_since: datetime | None = None
    """From when it stands in the queue of advances, beside its place; `advance_since` computes it."""
    notice_due: datetime | None = None
    """By when its undelivered notice is due, beside its place; `delivery.notice_due` computes it."""
    representative_since: datetime | None = None
    """Since when a request to represent the insured waits for staff, beside its place."""
    money_under_way: bool = False
    """A payout to the insured is under way: no payee account changes meanwhile."""
    advance_excess_fen: int = 0
    """What was advanced beyond the decided amount, once the claim is over. Never taken back by machine."""

    @property
    def assignee(self) -> str | None:
        """Who works on it in the queue where it stands."""
        queue = self.place.queue if self.place else None
        return self.assignment.staff_id if self.assignment and self.assignment.queue is queue else None

    def belongs_to(self, person_id: str | None) -> bool:
        return person_id is not None and self.policy.person_id == person_id

    def represented_by(self, worker_id: str) -> Representative | None:
        """Give the account's request that stands, or else its last one."""
        mine = [r for r in self.representatives if r.worker_id == worker_id]
        return next((r for r in mine if r.stands), mine[-1] if mine else None)

    def representative(self, number: int) -> Representative:
        """Raises RepresentativeNotFoundError."""
        for known in self.representatives:
            if known.number == number:
                return known
        raise RepresentativeNotFoundError

    def with_representative(self, changed: Representative) -> tuple[Representative, ...]:
        """Give the representatives with this one in its number's place, or at the end."""
        others = [known for known in self.representatives if known.number != changed.number]
        return tuple(sorted((*others, changed), key=lambda known: known.number))

    @property
    def round(self) -> Round:
        """The one that runs, or ran last."""
        return self.rounds[-1]

    @property
    def decision(self) -> Decision:
        """The current round's."""
        return self.round.decision

    @property
    def amount_fen(self) -> int | None:
        """The current round's."""
        return self.round.amount_fen

    @property
    def first_attention(self) -> Attention | None:
        """Its own, or else that of what its decision owes."""
        owed = (o.attention for o in self.round.decided_obligations if o.attention is not None)
        return self.attention or next(owed, None)

    @property
    def holding(self) -> Holding:
        """What all its rounds hold of the policy's exposure."""
        held = NOTHING_HELD
        for known in self.rounds:
            held = held.plus(known.holding)
        return held

    @property
    def held_before(self) -> Holding:
        """What the rounds before the current one hold: its amount comes on top."""
        return self.holding.minus(self.round.holding)

    @property
    def next_obligation(self) -> int:
        return 1 + sum(len(known.obligations) for known in self.rounds)

    @property
    def next_advance(self) -> int:
        return 1 + sum(len(known.advances) for known in self.rounds)

    def round_of(self, obligation: int) -> Round:
        """Give the round that owes it. Raises ObligationNotFoundError."""
        for known in self.rounds:
            if any(o.number == obligation for o in known.obligations):
                return known
        raise ObligationNotFoundError

    def with_round(self, changed: Round) -> tuple[Round, ...]:
        """Give the rounds with this one in its number's place."""
        return tuple(changed if known.number == changed.number else known for known in self.rounds)

    @property
    def goes_to_beneficiaries(self) -> bool:
        """Whether the claim's money belongs to somebody else than the insured, who has died."""
        return not DEATH_BENEFITS.isdisjoint(self.claim_types)


class HistoryEntry(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One line of the append-only history. `version` is the claim's version that it made.

    `round` is the claim's current one; `obligation`, `advance`, `moved_fen` and `payout_id` say which debt, how
    much money and which payment a line speaks of, `notice` which notice.
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
    round: int = 0
    obligation: int | None = None
    advance: int | None = None
    moved_fen: int | None = None
    payout_id: str | None = None
    sheet: int | None = None
    """The version of the loss sheet that the line made."""
    notice: str | None = None

    @property
    def is_of_beneficiary(self) -> bool:
        """Whether the line is about one beneficiary (B1 and on), whom staff tell, not the insured's app."""
        by_machine = self.by.kind is ActorKind.SYSTEM  # people write reason codes of their own
        return by_machine and re.fullmatch("B[1-9]", self.reason_code or "") is not None


class ClaimChange(NamedTuple):
    """One lawful step of a claim, ready to be written with what it moves of its policy's exposure."""

    before: Claim
    after: Claim
    entry: HistoryEntry
    exposure: ExposureChange | None = None
    sheet: LossSheet | None = None
    """The new version of the claim's loss sheet."""
    spending: Spending | None = None
    """What the machine's approval adds to the day's sums."""
    notice: Notice | None = None
    """The document that the step makes, written with it."""


def claim_number(policy_no: str, occurred_at: datetime) -> str:
    """Give the number of the claim for an accident on a policy: `CL` + 24 characters (120 bits).

    The minute of the accident identifies it, so whoever reports it again finds the same claim.
    """
    digest = hashlib.sha256(f"{policy_no}|{int(occurred_at.timestamp()) // 60}".encode()).digest()
    return "CL" + crockford.of_digest(digest, CLAIM_NUMBER_DIGITS)


class Claims(Protocol):
    """The claims and their history."""

    def get(self, claim_no: str) -> Claim:
        """Read strongly consistent. Raises ClaimNotFoundError."""
        ...

    def add(self, claim: Claim, entry: HistoryEntry) -> None:
        """Raises ClaimExistsError."""
        ...

    def save(self, change: ClaimChange) -> None:
        """Write the claim, its history line, its place in the staff queues and its policy's exposure together.

        Raises ConcurrentChangeError unless claim and exposure stand as the change has them before, and the day's
        caps hold what the machine approves.
        """
        ...

    def list_of(self, person_id: str) -> list[Claim]: ...

    def represented_by(self, worker_id: str) -> list[Claim]:
        """The claims on which an account ever asked to act for the insured."""
        ...

    def history(self, claim_no: str) -> list[HistoryEntry]:
        """Oldest first."""
        ...

    def assessments(self, claim_no: str) -> list[Assessment]:
        """Every assessment that the claim ever had, oldest first."""
        ...

    def notices(self, claim_no: str) -> list[Notice]:
        """The documents of its notices, oldest first; an automatic approval's has none."""
        ...

    def entries(self, queue: Queue, most: int) -> list[QueueEntry]:
        """What stands in one queue by due time, at most so many. In ADVANCE also what is not due yet."""
        ...

    def clocked(self, most: int) -> list[str]:
        """The numbers of claims with a running clock, at most so many."""
        ...

    def many(self, claim_nos: Iterable[str]) -> list[Claim]:
        """In the order asked for; what is not there is left out."""
        ...

    def overdue(self, now: datetime, *, beyond: int = 0) -> list[Claim]:
        """The claims whose next clock was to run out before `now`, the first `beyond` and 100 more."""
        ...
