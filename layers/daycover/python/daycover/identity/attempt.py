"""One pre-order attempt (核身预下单) at the work card, for check-ins and payee checks alike.

An attempt is a number at WeChat, and WeChat grants an account 20 a day. It is stored before WeChat is asked, and
only what WeChat may have counted counts. A number whose token never came goes on: it is asked for again under the
same number with the same words, until a token comes or WeChat says that it knows the number and gives none. Nobody
can have shown a face for it, because the token never left us: it is handed out only once it is stored.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, Field

from daycover.china_time import china_day, seconds_left_of_day
from daycover.errors import DaycoverError
from daycover.identity.work_card import (
    FacesUsedUpError,
    PreOrder,
    WorkCard,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.identity.worker import PayeeChecks

PRE_ORDERS_PER_DAY = 20
"""Of one account and day (+08:00), check-ins and payee checks together; the 21st is refused by WeChat."""
TOO_MANY_FACES = "VERIFY_FACE_FAILED_TOO_MANY"
"""WeChat's reason once five faces failed: every further check of that day fails."""
STARTING = timedelta(seconds=20)
"""No function that asks lives longer (`Timeout` in the template): who is still asking after this was cut off."""
TOKEN_MARGIN = timedelta(seconds=30)
"""With less left, a token is not worth launching the card mini program with."""
ASKS_IN_VAIN = 3
"""Asked for so often and answered without a token, a number that WeChat knows is given up: else one whose repetition
is a fault to WeChat would be asked for all day. Silence says nothing of the number and never gives it up."""
SHORTEST_PAUSE, LONGEST_PAUSE = 3, 60
"""Seconds; what we say where WeChat says nothing."""
LOST_FREELY, FIRST_SPACE, LONGEST_SPACE = 2, 120, 600
"""Numbers that may be lost one after another, then seconds before the next: where WeChat counts, its answers are lost
and it takes no number twice, an outage must not eat the day (at most 9 numbers in its first hour)."""


class PreOrderState(StrEnum):
    """What became of the pre-order, as far as WeChat's count of the day depends on it."""

    ASKING = "ASKING"  # being asked, or cut off while it was: may have counted
    UNANSWERED = "UNANSWERED"  # no answer, or none of use: may have counted
    NOT_COUNTED = "NOT_COUNTED"  # it never reached WeChat, or WeChat said that it took nothing
    COUNTED = "COUNTED"  # its token came, or WeChat knows the number


class Attempt(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """The part of a check-in or payee check that is between us and WeChat. `at`: when it was last asked for."""

    authenticate_number: str
    order_digest: str = ""
    """Of what WeChat was told beside the person: the same number never goes with other words."""
    at: datetime
    pre_order: PreOrderState = PreOrderState.ASKING
    asks: int = 1
    may_be_known: bool = False
    """An earlier time of asking may have reached WeChat."""
    token: str | None = Field(default=None, repr=False)
    """Launches the card mini program; None until the pre-order is answered."""
    token_ends_at: datetime
    failed_reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing has come of it yet."""
        raise NotImplementedError

    @property
    def may_have_counted(self) -> bool:
        return self.pre_order is not PreOrderState.NOT_COUNTED

    @property
    def is_lost(self) -> bool:
        """One of the day's 20 that may be gone without a face ever shown."""
        return self.is_open and self.token is None and self.may_have_counted

    def serves(self, now: datetime) -> bool:
        """Whether to go on with it as it stands: its token lives, or somebody is just asking for it."""
        if self.token is not None:
            return now < self.token_ends_at - TOKEN_MARGIN
        return self.pre_order is PreOrderState.ASKING and now - self.at < STARTING

    def asked_again(self) -> dict[str, Any]:
        """Give what a further time of asking takes over."""
        reached = {PreOrderState.ASKING, PreOrderState.UNANSWERED}
        return {
            "authenticate_number": self.authenticate_number,
            "asks": self.asks + 1,
            "may_be_known": self.may_be_known or self.pre_order in reached,
        }


A = TypeVar("A", bound=Attempt)


@dataclass(frozen=True, slots=True)
class Way(Generic[A]):
    """How a scan goes on: with an attempt as it stands, under the number of one, or (None) under a new number."""

    attempt: A | None = None
    ask: bool = True


def way_on(open_ones: Sequence[A], order_digest: str, now: datetime) -> Way[A]:
    """Choose among the day's open attempts of the same person and cause, oldest first."""
    for attempt in reversed(open_ones):
        if attempt.serves(now):
            return Way(attempt, ask=False)
    for attempt in reversed(open_ones):
        is_over = attempt.pre_order is PreOrderState.COUNTED
        if not is_over and attempt.order_digest == order_digest:
            return Way(attempt)
    return Way()


class DayUse(NamedTuple):
    """What an account has used of a day at WeChat."""

    counted: int
    faces_failed: bool

    @classmethod
    def of(
        cls,
        check_ins: Iterable[Attempt],
        payee: PayeeChecks | None,
        now: datetime,
        *,
        beside: str | None = None,
    ) -> "DayUse":
        """Count check-ins of the +08:00 day of `now` and the payee checks of the same day, but one number."""
        known, checks = list(check_ins), payee_checks_on(payee, now)
        counted = [a.authenticate_number for a in known if a.may_have_counted] + list(checks)
        failed = {a.failed_reason for a in known} | set(checks.values())
        return cls(sum(number != beside for number in counted), TOO_MANY_FACES in failed)

    def check(self, now: datetime) -> None:
        """Raises FacesUsedUpError, WorkCardLimitError: WeChat would refuse, so it is not asked."""
        if self.faces_failed:
            raise FacesUsedUpError(retry_after=seconds_left_of_day(now))
        if self.counted >= PRE_ORDERS_PER_DAY:
            raise WorkCardLimitError(retry_after=seconds_left_of_day(now))


def payee_checks_on(payee: PayeeChecks | None, now: datetime) -> dict[str, str]:
    """Give the payee checks of the +08:00 day of `now`, by number."""
    return dict(payee.checks) if payee is not None and payee.day == day_key(now) else {}


def day_key(now: datetime) -> str:
    """The +08:00 day as WeChat counts by it, yyyymmdd."""
    return f"{china_day(now):%Y%m%d}"


def check_spacing(today: Sequence[Attempt], now: datetime) -> None:
    """Raises WorkCardUnavailableError while the last numbers were lost one after another, too short a time ago."""
    lost = 0
    for attempt in reversed(today):
        if not attempt.is_lost:
            break
        lost += 1
    if lost < LOST_FREELY:
        return
    space = min(FIRST_SPACE << (lost - LOST_FREELY), LONGEST_SPACE)
    left = (today[-1].at + timedelta(seconds=space) - now).total_seconds()
    if left > 0:
        raise WorkCardUnavailableError(may_have_counted=False, retry_after=ceil(left))


def digest_of(*words: str) -> str:
    """Give the digest of what WeChat is told beside the person: company, project, employer."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]


class AttemptChange(NamedTuple):
    """What asking changed of the attempt. Without a token and an error its number is used up: take the next."""

    changes: dict[str, Any]
    error: DaycoverError | None = None


def ask(work_card: WorkCard, order: PreOrder, attempt: Attempt, now: datetime) -> AttemptChange:
    """Ask WeChat for the token of a stored attempt; nothing is raised that must not be stored before."""
    try:
        token = work_card.pre_order(order)
    except WorkCardLimitError as error:
        after = error.retry_after if error.told else seconds_left_of_day(now)
        return _without_token(attempt, WorkCardLimitError(retry_after=after))
    except WorkCardRefusedError as error:
        if attempt.may_be_known:
            return _known_or_not(work_card, order, attempt, error)
        return _without_token(attempt, error)
    except WorkCardUnavailableError as error:
        honest = _honest(error, attempt)
        if attempt.may_be_known and error.answered and attempt.asks >= ASKS_IN_VAIN:
            return _known_or_not(work_card, order, attempt, honest)
        return _without_token(attempt, honest, reached=error.may_have_counted)
    ends = now + timedelta(seconds=token.seconds)
    return AttemptChange({"pre_order": PreOrderState.COUNTED, "token": token.token, "token_ends_at": ends})


def pause_after(asks: int) -> int:
    """Seconds to wait after asking so often in vain: 3, 6, 12 … 60."""
    return min(SHORTEST_PAUSE << min(asks - 1, 10), LONGEST_PAUSE)


def _without_token(attempt: Attempt, error: DaycoverError, *, reached: bool = False) -> AttemptChange:
    may_have = reached or attempt.may_be_known
    return AttemptChange(
        {"pre_order": PreOrderState.UNANSWERED if may_have else PreOrderState.NOT_COUNTED}, error
    )


def _honest(error: WorkCardUnavailableError, attempt: Attempt) -> WorkCardUnavailableError:
    after = error.retry_after if error.told else pause_after(attempt.asks)
    return WorkCardUnavailableError(
        may_have_counted=error.may_have_counted, answered=error.answered, retry_after=after
    )


def _known_or_not(
    work_card: WorkCard, order: PreOrder, attempt: Attempt, error: DaycoverError
) -> AttemptChange:
    """Find out whether WeChat refused the order or only the repeated number; how it names that is not documented."""
    try:
        work_card.authentication(order.authenticate_number, order.sub_mchid)
    except WorkCardRefusedError as refusal:
        if refusal.facts.get("code") == "RESOURCE_NOT_EXISTS":
            may_have = isinstance(error, WorkCardUnavailableError)  # this time it may be on its way
            state = PreOrderState.UNANSWERED if may_have else PreOrderState.NOT_COUNTED
            return AttemptChange({"pre_order": state, "may_be_known": may_have}, error)
    except WorkCardUnavailableError as silence:
        return AttemptChange({"pre_order": PreOrderState.UNANSWERED}, _honest(silence, attempt))
    else:
        return AttemptChange({"pre_order": PreOrderState.COUNTED})
    return AttemptChange({"pre_order": PreOrderState.UNANSWERED}, error)
