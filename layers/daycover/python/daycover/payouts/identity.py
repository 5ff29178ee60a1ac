"""Who is paid (领款人核身): a large payout leaves only after its payee has proved who they are, once more.

The insured shows their face to the work card, as at a check-in, and the server asks for the result. Where
that cannot be, two members of staff see the person and their document. Nothing here can refuse a payment: it
waits, reminds, and goes before finance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel, Field

from daycover.china_time import china_day
from daycover.claims.claim import SYSTEM, Actor, Claim, ClaimChange, ClaimNotFoundError, Claims, record
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.steps import Tokens, Workflows
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.document import IdDocumentType
from daycover.identity.resident_id import is_resident_id
from daycover.identity.work_card import (
    PRE_ORDER_SECONDS,
    Authentication,
    AuthenticationState,
    PreOrder,
    Purpose,
    WorkCard,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.identity.worker import Worker, Workers
from daycover.payouts.payout import INSURED, Payouts
from daycover.projects.project import Projects

IDENTITY_CHECK_FROM_FEN = 1_000_000
"""10,000 yuan a payout: from here on claims need a fresh identity check (draft real-name rule of 2020; domain
reference, section 6). A payout's own amount counts, the limit included."""
FRESH = timedelta(hours=24)
"""How long a check serves its claim (assumption: a payout and its second attempt within a day)."""
CHECKS_PER_DAY = 10
"""Half of the 20 pre-orders that WeChat grants a person a day, so that a payout never costs a check-in."""
TOO_MANY_FACES = "VERIFY_FACE_FAILED_TOO_MANY"
"""WeChat's reason once five faces failed: every further check of that day fails."""
STARTING = timedelta(seconds=15)
TOKEN_MARGIN = timedelta(seconds=30)
ANSWER_MARGIN = timedelta(seconds=60)
"""As at a check-in: when an attempt was cut off, is not worth launching, can bring nothing any more."""
REMINDERS_BEFORE_FINANCE = 3
"""Days of silence after which finance sees the claim; the payment goes on waiting (assumption)."""
IDENTITY = "identity"
"""The step of Payout that waits; also the reason of its reminders."""
IDENTITY_REQUIRED = "IDENTITY_REQUIRED"
"""The outcome of a payout step that must not send money yet."""
ATTENTION = f"PAYOUT_{IDENTITY_REQUIRED}"
_OVER = frozenset({ClaimStatus.PAID, ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN})


class IdentityNotWantedError(DaycoverError):
    """No payout of the claim waits for one.

    What to do: Wait for the notice.
    含义:没有等待核身的支付。
    处理:收到通知后再操作。
    """

    kind = ErrorKind.CONFLICT
    title = "赔案当前无需核验身份", "No identity check is wanted now"
    detail = "支付需要核验身份时,我们会通知您。", "You are told when a payout needs one."


class IdentityCheckNotFoundError(DaycoverError):
    """The claim has no such check of yours.

    What to do: Start one.
    含义:赔案上没有这次核身,或不是您发起的。
    处理:重新发起核身。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该次核身", "No such identity check"


class IdentityChecksUsedUpError(DaycoverError):
    """The day's checks, or its failed faces, are used up.

    What to do: Try tomorrow, or show the document to two members of staff.
    含义:当日核身次数或刷脸失败次数已达上限。
    处理:次日再试,或请两名理赔人员当面核验证件。
    """

    kind = ErrorKind.TOO_MANY
    title = "今日核身次数已用完", "The day's identity checks are used up"
    detail = (
        "请明天再试,或携带身份证件请理赔人员当面核验。赔款为您保留。",
        "Try again tomorrow, or show your document to the insurer's staff. The payout waits for you.",
    )
    retry_after = 3600


class IdentityCheckRefusedError(DaycoverError):
    """The work card refused, or the document is no resident ID.

    What to do: Show the document to two members of staff.
    含义:微工卡拒绝,或证件不是居民身份证。
    处理:请两名理赔人员当面核验证件。
    """

    kind = ErrorKind.CONFLICT
    title = "微工卡未受理本次核身", "The work card did not accept this identity check"
    detail = (
        "原因 {code}。请携带身份证件请理赔人员当面核验,赔款为您保留。",
        "It answered {code}. Show your document to the insurer's staff; the payout waits for you.",
    )


class IdentityCheckUnavailableError(DaycoverError):
    """The work card gave no usable answer.

    What to do: Repeat the call shortly.
    含义:微工卡没有给出有效应答。
    处理:稍后重试同一操作。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "微工卡暂时不可用", "The work card is temporarily unavailable"
    detail = "请稍后重试,赔款为您保留。", "Try again shortly; the payout waits for you."
    retry_after = 3


class IdentityBySamePersonError(DaycoverError):
    """One person may not decide a claim and vouch for its payee.

    What to do: Have others confirm.
    含义:同一人不能既定赔又核验领款人。
    处理:由其他人员核验。
    """

    kind = ErrorKind.CONFLICT
    title = (
        "核定或复核该赔案的人不能核验领款人身份",
        "Who decided or acknowledged the claim may not confirm its payee",
    )
    detail = "请由其他人员核验。", "Others must confirm the identity."


def needs_check(amount_fen: int) -> bool:
    """Whether a payout of this amount needs a fresh identity check."""
    return amount_fen >= IDENTITY_CHECK_FROM_FEN


class CheckStatus(StrEnum):
    STARTED = "STARTED"
    PRE_ORDERED = "PRE_ORDERED"
    PROVED = "PROVED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


_OPEN = frozenset({CheckStatus.STARTED, CheckStatus.PRE_ORDERED})


class FaceCheck(BaseModel, frozen=True, hide_input_in_errors=True):
    """One attempt at the work card; its number is never used again."""

    number: int
    worker_id: str
    sub_mchid: str
    status: CheckStatus = CheckStatus.STARTED
    at: datetime
    token: str | None = Field(default=None, repr=False)
    token_ends_at: datetime
    failed_reason: str | None = None

    def still_open(self, now: datetime) -> bool:
        """Whether the worker should go on with this attempt instead of using up another."""
        if self.status is CheckStatus.STARTED:
            return now - self.at < STARTING
        return self.status is CheckStatus.PRE_ORDERED and now < self.token_ends_at - TOKEN_MARGIN


class Sighting(BaseModel, frozen=True):
    """A member of staff saw the person with this kind of document."""

    document: IdDocumentType
    by: str
    at: datetime


class Means(StrEnum):
    FACE = "FACE"
    STAFF = "STAFF"


class PayeeProof(BaseModel, frozen=True):
    """That the payee is who they should be: `by` is the check's number, or the two members of staff."""

    means: Means
    by: str
    at: datetime


class PayeeIdentity(BaseModel, frozen=True, hide_input_in_errors=True):
    """What is known of one payee of one claim. `version` 0: nothing is stored yet.

    `payout_id` and `requested_at` are of the last request; `attempts` counts for ever, `checks` holds the
    day's alone.
    """

    claim_no: str
    payee: str = INSURED
    version: int = 0
    payout_id: str | None = None
    requested_at: datetime | None = None
    reminders: int = 0
    attempts: int = 0
    checks: tuple[FaceCheck, ...] = ()
    sighting: Sighting | None = None
    proof: PayeeProof | None = None

    def is_fresh(self, now: datetime) -> bool:
        return self.proof is not None and now - self.proof.at < FRESH

    @property
    def fresh_until(self) -> datetime | None:
        return None if self.proof is None else self.proof.at + FRESH

    def moved(self, **changes: object) -> "PayeeIdentity":
        return self.model_copy(update=changes | {"version": self.version + 1})

    def with_check(self, check: FaceCheck, **changes: object) -> "PayeeIdentity":
        """Add the attempt, or put it in the place of the same number."""
        others = tuple(known for known in self.checks if known.number != check.number)
        return self.moved(checks=(*others, check), attempts=max(self.attempts, check.number), **changes)


def authenticate_number(claim_no: str, check: FaceCheck) -> str:
    """Give the attempt's number at the work card: letters and digits, made of claim and try alone."""
    return f"{claim_no}I{check.number}"


class Identities(Protocol):
    """What is known of payees. A line of the claim's history is written in the same transaction."""

    def find(self, claim_no: str, payee: str = INSURED) -> PayeeIdentity:
        """Read strongly consistent; an empty one (version 0) where nothing is stored."""
        ...

    def save(self, identity: PayeeIdentity, change: ClaimChange | None = None) -> None:
        """Raises ConcurrentChangeError unless the version before, and the claim of `change`, still stand."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityWait:
    """The wait of Payout for a payee, and its end.

    Whoever waits writes the token first and then reads the identity; whoever proves writes the identity first
    and then reads the token (see `claims.steps.Waits`).
    """

    tokens: Tokens
    workflows: Workflows
    pay_again: Callable[[str], object]

    def hold(self, payout_id: str, token: str) -> None:
        self.tokens.hold(payout_id, IDENTITY, token)

    def end(self, identity: PayeeIdentity) -> None:
        """Let the payout go on; repeat at will."""
        token = self.tokens.find(identity.payout_id, IDENTITY) if identity.payout_id else None
        if token is None or identity.payout_id is None:
            return
        if not self.workflows.answer(token, {"outcome": "PROVED"}):
            self.pay_again(identity.payout_id)
        self.tokens.drop(identity.payout_id, IDENTITY, token)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestIdentity:
    """The workflow's part: wait for the payee, and remind them. Every step may be repeated."""

    claims: Claims
    payouts: Payouts
    identities: Identities
    wait: IdentityWait
    now: Callable[[], datetime]

    def hold(self, claim_no: str, payout_id: str, token: str) -> None:
        """Let the workflow wait, and tell the payee; ends the wait at once where the proof is there.

        A beneficiary has no account with us: finance is told at once. Raises ClaimNotFoundError,
        PayoutNotFoundError, ConcurrentChangeError.
        """
        self.wait.hold(payout_id, token)
        identity = self._requested(claim_no, payout_id)
        if identity.is_fresh(self.now()):
            self.wait.end(identity)

    @repeated_on_conflict
    def _requested(self, claim_no: str, payout_id: str) -> PayeeIdentity:
        payee, claim, now = self.payouts.get(payout_id).payee, self.claims.get(claim_no), self.now()
        identity = self.identities.find(claim_no, payee)
        is_fresh = identity.is_fresh(now)
        is_waiting = identity.requested_at is not None and (
            identity.proof is None or identity.proof.at < identity.requested_at
        )
        if identity.payout_id == payout_id and (is_fresh or is_waiting):
            return identity
        if is_fresh or is_waiting:  # asked for before, on behalf of an earlier attempt
            moved = identity.moved(payout_id=payout_id)
            self.identities.save(moved)
            return moved
        moved = identity.moved(payout_id=payout_id, requested_at=now, reminders=0)
        self.identities.save(moved, _asked(claim, payee, ClaimEvent.IDENTITY_REQUESTED, now))
        return moved

    @repeated_on_conflict
    def remind(self, claim_no: str, payout_id: str) -> PayeeIdentity:
        """Remind the payee; after some days of silence put the claim before finance. Never an end.

        Raises ClaimNotFoundError, PayoutNotFoundError, ConcurrentChangeError.
        """
        payee, claim, now = self.payouts.get(payout_id).payee, self.claims.get(claim_no), self.now()
        identity = self.identities.find(claim_no, payee)
        if identity.is_fresh(now) or claim.status in _OVER:
            return identity  # proved while the wait ran out
        moved = identity.moved(reminders=identity.reminders + 1)
        late = moved.reminders >= REMINDERS_BEFORE_FINANCE
        self.identities.save(moved, _asked(claim, payee, ClaimEvent.REMINDED, now, late=late))
        return moved


def _asked(claim: Claim, payee: str, event: ClaimEvent, at: datetime, *, late: bool = False) -> ClaimChange:
    """Give the line that asks the insured in their app, or staff for a beneficiary."""
    if payee != INSURED:
        return record(claim, event, at=at, reason_code=payee, attention=ATTENTION)
    attention = ATTENTION if late else claim.attention
    return record(claim, event, at=at, reason_code=IDENTITY.upper(), attention=attention)


class Checked(NamedTuple):
    """`check` is None where an earlier proof still serves."""

    identity: PayeeIdentity
    check: FaceCheck | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveIdentity:
    """The insured's part: show their face to the work card, and have the server ask for the result."""

    claims: Claims
    identities: Identities
    workers: Workers
    projects: Projects
    work_card: Callable[[], WorkCard]
    wait: IdentityWait
    now: Callable[[], datetime]

    def start(self, worker_id: str, claim_no: str) -> Checked:
        """Open a face check, or go on with an open one. The attempt is stored before the card is asked.

        Raises ClaimNotFoundError, ClaimStepClosedError, IdentityNotWantedError, IdentityChecksUsedUpError,
        IdentityCheckRefusedError, IdentityCheckUnavailableError, ConcurrentChangeError.
        """
        worker, claim, identity = self._mine(worker_id, claim_no)
        identity = self._settled(worker, claim, identity)  # the app may never have come back
        now = self.now()
        if identity.is_fresh(now):
            self.wait.end(identity)
            return Checked(identity, None)
        today = [check for check in identity.checks if china_day(check.at) == china_day(now)]
        if today and today[-1].worker_id == worker_id and today[-1].still_open(now):
            return Checked(identity, today[-1])
        locked = any(check.failed_reason == TOO_MANY_FACES for check in today)
        if locked or len(today) >= CHECKS_PER_DAY:
            raise IdentityChecksUsedUpError
        if worker.name is None or worker.id_number is None or not is_resident_id(worker.id_number):
            raise IdentityCheckRefusedError(code="DOCUMENT_TYPE")
        project = self.projects.get(claim.policy.project_id)
        check = FaceCheck(
            number=identity.attempts + 1,
            worker_id=worker_id,
            sub_mchid=project.sub_mchid,
            at=now,
            token_ends_at=now + timedelta(seconds=PRE_ORDER_SECONDS),
        )
        identity = identity.model_copy(update={"checks": tuple(today)}).with_check(check)
        self.identities.save(identity)
        order = PreOrder(
            authenticate_number=authenticate_number(claim_no, check),
            openid=worker.openid,
            sub_mchid=project.sub_mchid,
            project_name=project.name,
            employer_name=project.employer_name,
            name=worker.name,
            id_number=worker.id_number,
            purpose=Purpose.PAYOUT,
        )
        try:
            token = self.work_card().pre_order(order)
        except (WorkCardLimitError, WorkCardRefusedError, WorkCardUnavailableError) as refusal:
            failed = {"status": CheckStatus.FAILED, "failed_reason": type(refusal).__name__}
            self.identities.save(identity.with_check(check.model_copy(update=failed)))
            raise _ours(refusal) from refusal
        ready = {
            "status": CheckStatus.PRE_ORDERED,
            "token": token.token,
            "token_ends_at": now + timedelta(seconds=token.seconds),
        }
        check = check.model_copy(update=ready)
        identity = identity.with_check(check)
        self.identities.save(identity)
        return Checked(identity, check)

    def result(self, worker_id: str, claim_no: str, check_id: str) -> Checked:
        """Ask the work card for the outcome of an attempt; the payout goes on once it is proved.

        Raises ClaimNotFoundError, ClaimStepClosedError, IdentityNotWantedError, IdentityCheckNotFoundError,
        IdentityCheckRefusedError, IdentityCheckUnavailableError, ConcurrentChangeError.
        """
        worker, claim, identity = self._mine(worker_id, claim_no)
        mine = {str(check.number) for check in identity.checks if check.worker_id == worker_id}
        if check_id not in mine:
            raise IdentityCheckNotFoundError
        identity = self._settled(worker, claim, identity, check_id)
        if identity.is_fresh(self.now()):
            self.wait.end(identity)
        return Checked(identity, next(check for check in identity.checks if str(check.number) == check_id))

    def _mine(self, worker_id: str, claim_no: str) -> tuple[Worker, Claim, PayeeIdentity]:
        claim, worker = self.claims.get(claim_no), self.workers.get(worker_id)
        if not claim.belongs_to(worker.person_id):
            raise ClaimNotFoundError
        identity = self.identities.find(claim_no)
        if identity.requested_at is None:
            raise IdentityNotWantedError
        if claim.status in _OVER:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        return worker, claim, identity

    def _settled(
        self, worker: Worker, claim: Claim, identity: PayeeIdentity, check_id: str | None = None
    ) -> PayeeIdentity:
        """Ask about the worker's open attempts, or one of them, and record what came of them."""
        for check in identity.checks:
            mine = check.worker_id == worker.worker_id and check.status in _OPEN
            if not mine or check_id not in (None, str(check.number)):
                continue
            now = self.now()
            status, reason, at = self._outcome(worker, claim.claim_no, check, now)
            if status is check.status:
                continue
            ended = check.model_copy(update={"status": status, "failed_reason": reason, "token": None})
            if status is not CheckStatus.PROVED:
                identity = identity.with_check(ended)
                self.identities.save(identity)
                continue
            proof = PayeeProof(means=Means.FACE, by=authenticate_number(claim.claim_no, check), at=at)
            identity = identity.with_check(ended, proof=proof)
            self.identities.save(identity, proved(claim, now, SYSTEM, Means.FACE))
            return identity
        return identity

    def _outcome(
        self, worker: Worker, claim_no: str, check: FaceCheck, now: datetime
    ) -> tuple[CheckStatus, str | None, datetime]:
        is_late = now > check.token_ends_at + ANSWER_MARGIN
        late = (CheckStatus.EXPIRED if is_late else check.status, None, now)
        try:
            answer = self.work_card().authentication(authenticate_number(claim_no, check), check.sub_mchid)
        except WorkCardRefusedError as refusal:
            if is_late or refusal.facts.get("code") == "RESOURCE_NOT_EXISTS":
                return late  # the pre-order never arrived, or is on its way
            raise _ours(refusal) from refusal
        except WorkCardUnavailableError as refusal:
            raise _ours(refusal) from refusal
        if answer.state is AuthenticationState.PROCESSING:
            return late
        return _verdict(answer, worker, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmIdentity:
    """The staff's part: two people who see the payee with their document."""

    claims: Claims
    identities: Identities
    wait: IdentityWait
    now: Callable[[], datetime]

    def __call__(
        self, staff_id: str, claim_no: str, document: IdDocumentType, payee: str = INSURED
    ) -> PayeeIdentity:
        """Say that person and document were seen; the second person's word is the proof.

        The same person's word again changes nothing.
        Raises ClaimNotFoundError, ClaimStepClosedError, IdentityNotWantedError, IdentityBySamePersonError,
        ConcurrentChangeError.
        """
        claim, identity = self.claims.get(claim_no), self.identities.find(claim_no, payee)
        now = self.now()
        if identity.requested_at is None:
            raise IdentityNotWantedError
        if claim.status in _OVER:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if staff_id in {claim.decided_by, claim.acknowledged_by}:
            raise IdentityBySamePersonError
        if identity.is_fresh(now):
            self.wait.end(identity)
            return identity
        first, by = identity.sighting, Actor.staff(staff_id)
        if first is None or first.document is not document or now - first.at >= FRESH:
            moved = identity.moved(sighting=Sighting(document=document, by=staff_id, at=now))
            seen = record(claim, ClaimEvent.IDENTITY_SEEN, at=now, by=by, reason_code=document.value)
            self.identities.save(moved, seen)
            return moved
        if first.by == staff_id:
            return identity
        proof = PayeeProof(means=Means.STAFF, by=f"{first.by},{staff_id}", at=now)
        moved = identity.moved(proof=proof)
        self.identities.save(moved, proved(claim, now, by, Means.STAFF))
        self.wait.end(moved)
        return moved


def proved(claim: Claim, at: datetime, by: Actor, means: Means) -> ClaimChange:
    """Give the line of the history that says so; finance need not look at the claim for this any more."""
    attention = None if claim.attention == ATTENTION else claim.attention
    return record(
        claim, ClaimEvent.IDENTITY_PROVED, at=at, by=by, reason_code=means.value, attention=attention
    )


def _verdict(
    answer: Authentication, worker: Worker, now: datetime
) -> tuple[CheckStatus, str | None, datetime]:
    if answer.state is AuthenticationState.FAILED or answer.at is None:
        return CheckStatus.FAILED, answer.failed_reason or "FAILED", now
    if answer.openid != worker.openid:
        return CheckStatus.FAILED, "ANOTHER_ACCOUNT", now
    if now - answer.at >= FRESH:
        return CheckStatus.EXPIRED, None, now
    return CheckStatus.PROVED, None, answer.at


def _ours(refusal: DaycoverError) -> DaycoverError:
    if isinstance(refusal, WorkCardLimitError):
        return IdentityChecksUsedUpError()
    if isinstance(refusal, WorkCardRefusedError):
        return IdentityCheckRefusedError(code=refusal.facts.get("code"))
    return IdentityCheckUnavailableError()
