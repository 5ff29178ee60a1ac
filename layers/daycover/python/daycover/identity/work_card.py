"""The WeChat work card (微工卡) as this product needs it: the only proof of a check-in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from daycover.errors import DaycoverError

PRE_ORDER_SECONDS = 300
"""How long a pre-order token lives (WeChat payroll card, pre-order page)."""
PRE_ORDERS_PER_DAY = 20
"""Pre-orders per person and day (+08:00); the 21st is refused by WeChat."""


class WorkCardLimitError(DaycoverError):
    """The person has used up the pre-orders of the day (20)."""


class WorkCardRefusedError(DaycoverError):
    """The work card refused for good; `code` is WeChat's. Sending again changes nothing."""


class WorkCardUnavailableError(DaycoverError):
    """The work card gave no usable answer; the same call may be repeated."""


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

        Raises WorkCardLimitError, WorkCardRefusedError, WorkCardUnavailableError.
        """
        ...

    def authentication(self, authenticate_number: str, sub_mchid: str) -> Authentication:
        """Ask for the result of one attempt. Raises WorkCardRefusedError, WorkCardUnavailableError."""
        ...
