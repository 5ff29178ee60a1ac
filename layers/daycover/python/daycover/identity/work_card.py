"""The WeChat work card (微工卡) as this product needs it: the only proof of a check-in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from daycover.errors import DaycoverError, ErrorKind

PRE_ORDER_SECONDS = 300
"""How long a pre-order token lives (WeChat payroll card, pre-order page)."""
ANSWER_MARGIN = timedelta(seconds=60)
"""A face shown in the token's last second may be reported a little later."""


class WorkCardLimitError(DaycoverError):
    """The day's attempts are used up (20 an account and day, payee checks included).

    What to do: Ask the site's foreman; `Retry-After` ends with WeChat's day.
    含义:当天的打卡次数已用完(每人每天 20 次,含领款核身)。
    处理:找现场负责人办理;`Retry-After` 到微信的次日零点为止。
    """

    kind = ErrorKind.TOO_MANY
    title = "今日打卡次数已达上限", "The day's check-in attempts are used up"
    detail = (
        "每人每天最多 20 次。目前没有保障,请申请人工核验,由现场负责人和保险公司确认。",
        "At most 20 a day and person. There is no cover now: ask for a referral to foreman and insurer.",
    )
    retry_after = 86_400


class FacesUsedUpError(DaycoverError):
    """Five faces failed today: WeChat fails every further check of the day, so it is not asked.

    What to do: Ask for a referral; `Retry-After` ends with WeChat's day.
    含义:当天刷脸已失败五次,微信当天不再受理。
    处理:申请人工核验;`Retry-After` 到微信的次日零点为止。
    """

    kind = ErrorKind.TOO_MANY
    title = "今日刷脸失败次数已达上限", "Too many failed faces today"
    detail = (
        "微信规定一天刷脸失败五次后当天不能再刷。目前没有保障,请申请人工核验,由现场负责人和保险公司确认。",
        "After five failed faces WeChat takes none for the rest of the day. There is no cover now: ask for a "
        "referral to foreman and insurer.",
    )
    retry_after = 86_400


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

    What to do: There is no cover now: wait `Retry-After` seconds, then repeat; no further attempt is used up.
    含义:微工卡暂时没有可用的回答。
    处理:目前没有保障;等待 `Retry-After` 秒后重试,不会多占用打卡次数。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "微工卡暂时不可用", "The work card is temporarily unavailable"
    detail = (
        "目前没有保障,请稍后重试。已填的内容都在,再扫一次会接着这一次,不会多占用次数。",
        "There is no cover now; try again shortly. Nothing is lost: the next scan goes on with this one and uses "
        "up no further attempt.",
    )
    retry_after = 3

    def __init__(
        self, *, may_have_counted: bool = True, answered: bool = False, retry_after: int | None = None
    ) -> None:
        """`may_have_counted`: the request may have had its effect there. `answered`: it spoke at all."""
        super().__init__(retry_after=retry_after)
        self.may_have_counted = may_have_counted
        self.answered = answered


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


class WorkCard(Protocol):
    def pre_order(self, order: PreOrder) -> PreOrderToken:
        """Open card, authorisation and face check in one flow (pre-order-with-auth).

        WeChat documents nothing about a number that comes twice: it may give a token or refuse it
        (`identity/attempt.py`). Raises WorkCardLimitError, WorkCardRefusedError, WorkCardUnavailableError.
        """
        ...

    def authentication(self, authenticate_number: str, sub_mchid: str) -> Authentication:
        """Ask for the result of one attempt. Raises WorkCardRefusedError, WorkCardUnavailableError."""
        ...
