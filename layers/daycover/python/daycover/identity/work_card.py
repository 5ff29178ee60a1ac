"""The WeChat work card (微工卡) as this product needs it: the only proof of a check-in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from daycover.errors import DaycoverError, ErrorKind

PRE_ORDER_SECONDS = 300
"""How long a pre-order token lives (WeChat payroll card, pre-order page)."""
PRE_ORDERS_PER_DAY = 20
"""Pre-orders per person and day (+08:00); the 21st is refused by WeChat."""
STARTING = timedelta(seconds=15)
"""A STARTED attempt older than this was cut off before the work card answered; the next scan starts anew."""
TOKEN_MARGIN = timedelta(seconds=30)
"""With less left, a token is not worth launching the card mini program with."""
ANSWER_MARGIN = timedelta(seconds=60)
"""A face shown in the token's last second may be reported a little later."""


class WorkCardLimitError(DaycoverError):
    """The day's attempts are used up (20 a person and day).

    What to do: Ask the site's foreman.
    含义:当天的打卡次数已用完(每人每天 20 次)。
    处理:找现场负责人办理。
    """

    kind = ErrorKind.TOO_MANY
    title = "今日打卡次数已达上限", "The day's check-in attempts are used up"
    detail = (
        "每人每天最多 20 次。目前没有保障,请申请人工核验,由现场负责人和保险公司确认。",
        "At most 20 a day and person. There is no cover now: ask for a referral to foreman and insurer.",
    )
    retry_after = 3600


class WorkCardRefusedError(DaycoverError):
    """The work card refused for good; `code` is WeChat's.

    What to do: There is no cover: ask the labour company.
    含义:微工卡拒绝受理,`code` 是微信的代码;重发无效。
    处理:目前没有保障,联系劳务公司。
    """

    kind = ErrorKind.CONFLICT
    title = "微工卡未受理", "The work card did not accept this"
    detail = (
        "微工卡返回 {code}。目前没有保障,请联系劳务公司。",
        "The work card answered {code}. There is no cover now; ask the labour company.",
    )


class WorkCardUnavailableError(DaycoverError):
    """The work card gave no usable answer.

    What to do: There is no cover now: repeat shortly.
    含义:微工卡暂时没有可用的回答。
    处理:目前没有保障,稍后重试。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "微工卡暂时不可用", "The work card is temporarily unavailable"
    detail = "目前没有保障,请稍后重试。", "There is no cover now. Try again shortly."
    retry_after = 3


class AuthenticationState(StrEnum):
    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


class Purpose(StrEnum):
    """What a face is shown for."""

    CHECK_IN = "CHECK_IN"  # 上工打卡
    PAYOUT = "PAYOUT"  # 领取赔款


@dataclass(frozen=True, slots=True)
class PreOrder:
    """What the work card must know before the worker shows their face.

    `authenticate_number`: digits and letters, at most 64, one per attempt.
    `name` and `id_number` travel encrypted (RSA-OAEP) to WeChat and nowhere else.
    """

    authenticate_number: str
    openid: str
    sub_mchid: str
    project_name: str
    employer_name: str
    name: str
    id_number: str
    purpose: Purpose = Purpose.CHECK_IN


@dataclass(frozen=True, slots=True)
class PreOrderToken:
    """The launch token for the card mini program. `seconds` is its life from now."""

    authenticate_number: str
    token: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Authentication:
    """What the work card says of one attempt, asked by the server. `at` is set on SUCCESS."""

    authenticate_number: str
    state: AuthenticationState
    openid: str
    at: datetime | None = None
    failed_reason: str | None = None


def still_open(at: datetime, token_ends_at: datetime, now: datetime, *, is_answered: bool) -> bool:
    """Whether to go on with an attempt of `at` instead of using up another of the day's."""
    if not is_answered:
        return now - at < STARTING
    return now < token_ends_at - TOKEN_MARGIN


class WorkCard(Protocol):
    def pre_order(self, order: PreOrder) -> PreOrderToken:
        """Open card, authorisation and face check in one flow (pre-order-with-auth).

        Raises WorkCardLimitError, WorkCardRefusedError, WorkCardUnavailableError.
        """
        ...

    def authentication(self, authenticate_number: str, sub_mchid: str) -> Authentication:
        """Ask for the result of one attempt. Raises WorkCardRefusedError, WorkCardUnavailableError."""
        ...
