"""Who is paid (领款人核身): a large payout leaves only after its payee has proved who they are, once more.

The insured shows their face to the work card, as at a check-in, and the server asks for the result. Where
that cannot be, two members of staff see the person and their document. Nothing here can refuse a payment: it
waits, reminds, and goes before finance.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel

from daycover.claims.attention import Attention
from daycover.claims.claim import ClaimChange
from daycover.claims.lifecycle import ClaimStatus
from daycover.claims.obligation import INSURED
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.attempt import Attempt
from daycover.identity.document import IdDocumentType

IDENTITY_CHECK_FROM_FEN = 1_000_000
"""10,000 yuan a payout: from here on claims need a fresh identity check (draft real-name rule of 2020; domain
reference, section 6). A payout's own amount counts, the limit included."""
FRESH = timedelta(hours=24)
"""How long a check serves its claim (assumption: a payout and its second attempt within a day)."""
IDENTITY = "identity"
"""The step of Payout that waits; also the reason of its reminders."""
ATTENTION = Attention.IDENTITY_REQUIRED
OVER = frozenset({ClaimStatus.PAID, ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN})


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

    What to do: Try tomorrow (`Retry-After`), or show the document to two members of staff.
    含义:当日核身次数或刷脸失败次数已达上限。
    处理:次日再试(见 `Retry-After`),或请两名理赔人员当面核验证件。
    """

    kind = ErrorKind.TOO_MANY
    title = "今日核身次数已用完", "The day's identity checks are used up"
    detail = (
        "请明天再试,或携带身份证件请理赔人员当面核验。赔款为您保留。",
        "Try again tomorrow, or show your document to the insurer's staff. The payout waits for you.",
    )
    retry_after = 86_400


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

    What to do: Wait `Retry-After` seconds, then repeat the call; no further check is used up.
    含义:微工卡没有给出有效应答。
    处理:等待 `Retry-After` 秒后重试同一操作,不会多占用核身次数。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "微工卡暂时不可用", "The work card is temporarily unavailable"
    detail = (
        "请稍后重试,不会多占用核身次数,赔款为您保留。",
        "Try again shortly; it uses up no further check, and the payout waits for you.",
    )
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


OPEN_CHECKS = frozenset({CheckStatus.STARTED, CheckStatus.PRE_ORDERED})


class FaceCheck(Attempt, frozen=True):
    """One attempt at the work card; its number is never used for another."""

    number: int
    worker_id: str
    sub_mchid: str
    status: CheckStatus = CheckStatus.STARTED

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_CHECKS


class Sighting(BaseModel, frozen=True, defer_build=True):
    """A member of staff saw the person with this kind of document."""

    document: IdDocumentType
    by: str
    at: datetime


class Means(StrEnum):
    FACE = "FACE"
    STAFF = "STAFF"


class PayeeProof(BaseModel, frozen=True, defer_build=True):
    """That the payee is who they should be: `by` is the check's number, or the two members of staff."""

    means: Means
    by: str
    at: datetime


class PayeeIdentity(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """What is known of one payee of one claim. `version` 0: nothing is stored yet.

    `payout_id`, `requested_at`, `reminders` and `reminded_at` are of the last request; `attempts` counts for ever,
    `checks` holds the day's alone.
    """

    claim_no: str
    payee: str = INSURED
    version: int = 0
    payout_id: str | None = None
    requested_at: datetime | None = None
    reminders: int = 0
    reminded_at: datetime | None = None
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


def authenticate_number(claim_no: str, number: int) -> str:
    """Give an attempt's number at the work card: letters and digits, made of claim and try alone."""
    return f"{claim_no}I{number}"


class Identities(Protocol):
    """What is known of payees. A line of the claim's history is written in the same transaction."""

    def find(self, claim_no: str, payee: str = INSURED) -> PayeeIdentity:
        """Read strongly consistent; an empty one (version 0) where nothing is stored."""
        ...

    def save(self, identity: PayeeIdentity, change: ClaimChange | None = None) -> None:
        """Raises ConcurrentChangeError unless the version before, and the claim of `change`, still stand."""
        ...
