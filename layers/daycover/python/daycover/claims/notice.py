"""The notice (通知书): what the law wants said in writing, and the fact that it reached whom it is for.

The document is text and facts, sealed at rest and never changed; the claim's round keeps the small fact of it.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from daycover.claims.clocks import PausedInterval, refusal_notice_due, service_level_due
from daycover.claims.documents import ClaimType, DocumentType
from daycover.errors import DaycoverError, ErrorKind


class NoticeNotFoundError(DaycoverError):
    """The claim has no such notice.

    What to do: Read the claim and take the number from its `notices`.
    含义:该赔案没有这份通知书。
    处理:读取赔案,使用 `notices` 中的编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有这份通知书", "No such notice"


class DeliveryTimeError(DaycoverError):
    """A notice is delivered after it was made and not in the future.

    What to do: State when it was posted or reached its addressee, between `made_at` and now.
    含义:送达时间早于通知书制作时间,或晚于现在。
    处理:填写实际寄出或到达的时间,须在 `made_at` 与现在之间。
    """

    kind = ErrorKind.INVALID
    title = "送达时间不成立", "The time of delivery cannot be"
    detail = (
        "送达时间须在通知书制作时间 {made_at} 之后且不晚于现在。",
        "It must lie between {made_at}, when the notice was made, and now.",
    )


class NoticeKind(StrEnum):
    PAPERS_REQUEST = "PAPERS_REQUEST"  # 补充材料通知书
    REFUSAL = "REFUSAL"  # 拒赔通知书
    PARTIAL_REFUSAL = "PARTIAL_REFUSAL"  # 部分拒赔通知书
    RESULT = "RESULT"  # 核定结果通知书


REFUSING = frozenset({NoticeKind.REFUSAL, NoticeKind.PARTIAL_REFUSAL})
ON_DECISION = REFUSING | {NoticeKind.RESULT}


class DeliveryChannel(StrEnum):
    """How a notice reached its addressee."""

    MESSAGE = "MESSAGE"  # 小程序订阅消息
    LETTER = "LETTER"  # 挂号信
    CALL = "CALL"  # 电话
    IN_PERSON = "IN_PERSON"  # 当面
    APP_SEEN = "APP_SEEN"  # 本人在小程序中阅读


class NoticeRecipient(StrEnum):
    """Whom a notice is for."""

    INSURED = "INSURED"  # 被保险人
    BENEFICIARIES = "BENEFICIARIES"  # 受益人


class Delivered(BaseModel, frozen=True, defer_build=True):
    """The fact of delivery (送达). `at` is when a letter of refusal was posted (Insurance Law art. 24: 发出), and
    when anything else reached its addressee (Interpretation II art. 15: 到达); `recorded_at` when we were told.
    """

    channel: DeliveryChannel
    at: datetime
    by: str
    """`<kind>:<id>` of whoever recorded it."""
    recorded_at: datetime


class NoticeFact(BaseModel, frozen=True, defer_build=True):
    """What a round keeps of a notice. No text: that is sealed beside the claim.

    `told_by` is the version of the history line whose message tells of it; `assessment` the version that an
    automatic approval's notice is rendered from, which has no document of its own. `answered_at` is when all
    that it asked for had arrived.
    """

    number: str
    kind: NoticeKind
    made_at: datetime
    told_by: int | None = None
    assessment: int | None = None
    answered_at: datetime | None = None
    delivered: Delivered | None = None


class BenefitAmount(BaseModel, frozen=True, defer_build=True):
    """What one claimed benefit gets in this round, in fen, and what earlier ones decided; `reason` where it gets
    nothing, or less than was computed."""

    claim_type: ClaimType
    amount_fen: int
    paid_before_fen: int = 0
    reason: str | None = Field(default=None, repr=False)

    @property
    def gets_nothing(self) -> bool:
        return not self.amount_fen and not self.paid_before_fen


class AskedDocument(BaseModel, frozen=True, defer_build=True):
    doc_type: DocumentType
    name: str


class Notice(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """The document. `reason` and `text` may speak of health."""

    number: str
    kind: NoticeKind
    claim_no: str
    policy_no: str
    addressee: NoticeRecipient
    insured_name: str = Field(repr=False)
    accident_at: datetime
    made_at: datetime
    amounts: tuple[BenefitAmount, ...] = Field(default=(), repr=False)
    total_fen: int | None = None
    reason: str | None = Field(default=None, repr=False)
    documents: tuple[AskedDocument, ...] = ()
    legal_basis: str
    how_to_dispute: str
    contact: str
    text: str = Field(default="", repr=False)


def notice_number(claim_no: str, round_number: int, made: Collection[NoticeFact]) -> str:
    """Give the number of the next notice of a round: the same for whoever makes it."""
    return f"{claim_no}-{round_number}-{len(made) + 1}"


def delivery_due(fact: NoticeFact, decided_at: datetime | None) -> datetime:
    """Give by when a notice must be delivered: a refusal, whole or in part, within its 3 days (Insurance Law
    art. 24); any other within two working days, our own promise.
    """
    if fact.kind in REFUSING:
        return refusal_notice_due(decided_at or fact.made_at)
    return service_level_due(fact.made_at)


def replaced(facts: Collection[NoticeFact], changed: NoticeFact) -> tuple[NoticeFact, ...]:
    """Give the facts with this one in its number's place."""
    return tuple(changed if fact.number == changed.number else fact for fact in facts)


def open_request(facts: Collection[NoticeFact]) -> NoticeFact | None:
    """Give the request for papers that waits for them; a review makes one at most."""
    last = last_request(facts)
    return last if last is not None and last.answered_at is None else None


def last_request(facts: Collection[NoticeFact]) -> NoticeFact | None:
    asked = [fact for fact in facts if fact.kind is NoticeKind.PAPERS_REQUEST]
    return asked[-1] if asked else None


def answered(facts: Collection[NoticeFact], at: datetime) -> tuple[NoticeFact, ...]:
    """Give the facts once all papers have arrived: nobody needs to be asked any more."""
    request = open_request(facts)
    if request is None:
        return tuple(facts)
    return replaced(facts, request.model_copy(update={"answered_at": at}))


def pause_of(request: NoticeFact, *, waits: bool) -> PausedInterval | None:
    """Give the pause of the 30 days that a delivered request makes: from its delivery to the arrival of the papers.

    None before delivery, where the papers came first, and where nobody waits for them any more (`waits`).
    Interpretation II art. 15.
    """
    if request.kind is not NoticeKind.PAPERS_REQUEST or request.delivered is None:
        return None
    start, end = request.delivered.at, request.answered_at
    if end is None:
        return PausedInterval(start=start) if waits else None
    return PausedInterval(start=start, end=end) if start < end else None
