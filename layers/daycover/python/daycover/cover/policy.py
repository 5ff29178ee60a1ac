"""The day certificate (日结保单): named cover of one worker on one project for exactly 24 hours."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover import crockford
from daycover.cover.period import Period
from daycover.errors import DaycoverError, ErrorKind

KEPT_AFTER_END = timedelta(days=14)
"""How long the hot table keeps a policy after its cover; TTL is housekeeping and never a rule."""
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class PolicyNotFoundError(DaycoverError):
    """There is no such number, or it is somebody else's; this never refuses a claim.

    What to do: Check the 30 characters; an accident can still be reported.
    含义:没有这个保单号,或不是本人的保单;这从不等于拒赔。
    处理:核对 30 位保单号;事故仍可报案。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该保单", "No such policy"


class PolicyInForceError(DaycoverError):
    """A policy can be cancelled, with a full refund, only before its cover begins.

    What to do: Nothing, the cover goes on; an insured who withdraws consent uses `POST
    /v1/consents/withdrawal`.
    含义:只有在保障开始之前才能取消(全额退费)。
    处理:保障继续有效,无需操作;如被保险人要撤回同意,见 `POST /v1/consents/withdrawal`。
    """

    kind = ErrorKind.CONFLICT
    title = "保障已开始,不能取消", "The cover has begun and cannot be cancelled"
    detail = (
        "保障期间为 {starts_at} 至 {ends_at}。生效前可以取消并全额退费,生效后不退费,保障继续有效。",
        "It runs from {starts_at} to {ends_at}. It could be cancelled before its start; now it stays in "
        "force.",
    )


class PolicyTransitionError(DaycoverError):
    """The policy was cancelled, terminated or voided before, and that is final.

    What to do: See `policy_status`.
    含义:保单已被取消、终止或作废,状态不会再变。
    处理:查看 `policy_status`。
    """

    kind = ErrorKind.CONFLICT
    title = "保单当前状态不允许此操作", "The policy's status does not allow this"
    detail = "保单状态为 {policy_status}。", "The policy is {policy_status}."


class PolicyExistsError(DaycoverError):
    """Somebody else took this place in the person's chain first, or what the policy rests on has ended."""


class PolicyStatus(StrEnum):
    """What was decided. Whether a policy is in force follows from its period and the clock."""

    ISSUED = "ISSUED"
    CANCELLED = "CANCELLED"
    TERMINATED = "TERMINATED"
    VOIDED = "VOIDED"


class Proof(StrEnum):
    """What proved the person: the work card, or two people (`cover/decide_referral.py`)."""

    WORK_CARD = "WORK_CARD"
    REFERRED = "REFERRED"


class EndReason(StrEnum):
    """Why a policy left ISSUED."""

    NOT_NEEDED = "NOT_NEEDED"
    SHIFT_CANCELLED = "SHIFT_CANCELLED"
    MISTAKE = "MISTAKE"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    NO_INSURABLE_INTEREST = "NO_INSURABLE_INTEREST"
    NO_CONSENT = "NO_CONSENT"
    IDENTITY_THEFT = "IDENTITY_THEFT"


class Ending(BaseModel, frozen=True, defer_build=True):
    """How a policy left ISSUED. It does so once, so this one entry is its whole history.

    `by` is the role (worker, company, provider, staff), `actor` that role's id; `refund_fen` of the premium
    goes back to the policyholder.
    """

    at: datetime
    by: str
    actor: str
    reason: EndReason
    refund_fen: int


class Policy(BaseModel, frozen=True, defer_build=True):
    """One policy. Holds no personal data beyond the masked name; money in fen, instants in UTC.

    `sequence` is the policy's place in the person's history: whoever issues reads the latest place and
    claims the next, so no two check-ins can both issue on the same past.
    """

    policy_no: str
    person_id: str
    sequence: int
    worker_id: str
    check_in_id: str
    project_id: str
    company_id: str
    insured_name: str
    """Masked (王**)."""
    plan_id: str
    plan_version: str
    occupation_class: int
    premium_fen: int
    sum_insured_fen: int
    period: Period
    issued_at: datetime
    proof: Proof = Proof.WORK_CARD
    status: PolicyStatus = PolicyStatus.ISSUED
    ended: Ending | None = None
    """Set together with every status but ISSUED."""

    def in_force(self, now: datetime) -> bool:
        return self.status is PolicyStatus.ISSUED and self.period.covers(now)

    @property
    def forgotten_at(self) -> datetime:
        """When the hot table may drop the item."""
        return self.period.end + KEPT_AFTER_END


class StopReason(StrEnum):
    """What a person did that ends their applications."""

    ERASURE = "ERASURE"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"


SKEW = timedelta(seconds=1)
"""Clocks of two containers may differ by a few milliseconds; nobody applies anew within a second."""


class Stop(BaseModel, frozen=True, defer_build=True):
    """A place in a person's chain that says: no earlier application of this worker becomes a policy.

    It takes the next place, so whoever read the chain before it loses the race for that place and reads again:
    the one conditional write that issues is also what holds the stop. `project_ids` None: on every project.
    """

    person_id: str
    sequence: int
    worker_id: str
    reason: StopReason
    project_ids: frozenset[str] | None = None
    at: datetime

    def holds(self, worker_id: str, project_id: str, asked_at: datetime) -> bool:
        """Whether an application of that moment issues nothing."""
        is_here = self.project_ids is None or project_id in self.project_ids
        return worker_id == self.worker_id and is_here and asked_at <= self.at + SKEW

    @property
    def forgotten_at(self) -> datetime:
        """When the hot table may drop the item: no application lives nearly so long."""
        return self.at + KEPT_AFTER_END


class Chain(NamedTuple):
    """A person's places that matter now, newest first."""

    policies: list[Policy]
    stops: list[Stop]

    @property
    def latest(self) -> "Policy | Stop | None":
        """Whoever takes the next place names it."""
        places: list[Policy | Stop] = [*self.policies, *self.stops]
        return max(places, key=lambda place: place.sequence, default=None)

    @property
    def next_sequence(self) -> int:
        latest = self.latest
        return 1 if latest is None else latest.sequence + 1


def policy_number(person_id: str, sequence: int, issued_at: datetime) -> str:
    """Give the policy number: `DC` + person (20) + UTC day of issue (3) + sequence (4) + check character.

    30 characters that find their item without an index. The day keeps it unique for ever: the sequence
    begins anew only after every policy of the person has left the hot table.
    """
    body = "DC" + person_id + crockford.encode((issued_at - EPOCH).days, 3) + crockford.encode(sequence, 4)
    return body + crockford.check_character(body)


def locate(policy_no: str) -> tuple[str, int]:
    """Give (person id, sequence) of a policy number. Raises PolicyNotFoundError for a mistyped one."""
    number = policy_no.strip().upper()
    body, check = number[:-1], number[-1:]
    if len(number) != 30 or not body.startswith("DC") or not set(body) <= set(crockford.ALPHABET):
        raise PolicyNotFoundError
    if check != crockford.check_character(body):
        raise PolicyNotFoundError
    return body[2:22], crockford.decode(body[25:29])


def place_in_time(policy_no: str) -> int:
    """Give a number that orders a person's policies by day of issue and sequence. Raises as `locate`."""
    locate(policy_no)
    return crockford.decode(policy_no.strip().upper()[22:29])


def first_place(instant: datetime) -> int:
    """Give the place in time before every policy that is issued on the UTC day of `instant`."""
    return max(0, (instant - EPOCH).days) << 20  # the sequence has 4 characters of 5 bits


def latest_of(recent: Iterable[Policy], project_id: str) -> Policy | None:
    """The person's valid policy on one project that ends last."""
    mine = [p for p in recent if p.project_id == project_id and p.status is PolicyStatus.ISSUED]
    return max(mine, key=lambda policy: policy.period.end, default=None)


class Policies(Protocol):
    """The hot table of policies."""

    def chain(self, person_id: str, now: datetime) -> Chain:
        """Every place of the person that may still count, strongly consistent: policies that may be in force,
        stops of applications that may be open, and at least the latest place of all where one is kept."""
        ...

    def recent(self, person_id: str, now: datetime) -> list[Policy]:
        """The policies of `chain`, newest first."""
        ...

    def add(self, policy: Policy, latest: Policy | Stop | None, neighbour: Policy | None = None) -> None:
        """Store the successor of `latest`; adjacent cover only while its `neighbour` stands ISSUED.

        Raises PolicyExistsError when the chain has moved on or the neighbour has ended.
        """
        ...

    def stop(self, stop: Stop, latest: Policy | Stop | None) -> None:
        """Store the successor of `latest`. Raises PolicyExistsError when the chain has moved on."""
        ...

    def end(self, policy: Policy) -> None:
        """Store a policy that leaves ISSUED. Raises ConcurrentChangeError unless it stands ISSUED there."""
        ...

    def put_back(self, policy: Policy) -> None:
        """Store a policy that TTL has taken, as it was ended since: beside the chain, which goes on as it is.

        Raises ConcurrentChangeError where it was put back before.
        """
        ...

    def get(self, policy_no: str) -> Policy:
        """From its place in the chain, or as it was put back. Raises PolicyNotFoundError."""
        ...

    def list_of(self, person_id: str) -> list[Policy]:
        """Every policy of the person's chain that the hot table still holds, newest first."""
        ...

    def issued_between(
        self, segment: int, segments: int, since: datetime, until: datetime, token: str | None
    ) -> tuple[list[Policy], str | None]:
        """One page of a segment: policies issued in [since, until), and every one before `until` whose status has
        changed, those put back among them; with the next page's token, None at the end. Bounds are whole seconds."""
        ...


class HeldPolicies(Protocol):
    """The policies of a person that the hot table holds."""

    def list_of(self, person_id: str) -> list[Policy]:
        """Newest first."""
        ...


class KeptPolicies(Protocol):
    """Policies wherever they are kept: in the hot table or the archive."""

    def get(self, policy_no: str) -> Policy:
        """Raises PolicyNotFoundError."""
        ...

    def list_of(self, person_id: str, before: str | None = None) -> list[Policy]:
        """The person's newest policies, or those before that number; newest first."""
        ...

    def covering(self, person_id: str, instant: datetime) -> list[Policy]:
        """Every policy of the person whose period holds the instant, newest first."""
        ...


def mask_name(name: str) -> str:
    """Keep the first character only: 王小明 → 王**."""
    return name[:1] + "*" * max(1, len(name) - 1)
