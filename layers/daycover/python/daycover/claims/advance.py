"""The advance payment (先予支付): the certain part of a claim, paid before the claim is decided.

Insurance Law art. 25: after 60 days without a final amount what is certain is paid, the difference later. The
undisputed part of a disputed amount is paid in the same way. One adjuster states it, another person
acknowledges it, and it never moves the claim out of its status.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from daycover.errors import DaycoverError


class AdvanceNotFoundError(DaycoverError):
    """The claim has no such advance."""


class AdvanceNotDueError(DaycoverError):
    """Neither have 60 days passed without a decision, nor is a part of the amount undisputed; or the insured
    has died, so that beneficiaries must be known first.
    """


class AdvanceOpenError(DaycoverError):
    """Another advance of the claim is not at its end."""


class AdvanceAmountError(DaycoverError):
    """The amount is nothing, or more than what is certain."""


class AdvanceState(StrEnum):
    STATED = "STATED"  # 已提出,待复核
    SENT_BACK = "SENT_BACK"  # 复核未通过
    ACKNOWLEDGED = "ACKNOWLEDGED"  # 已复核,待支付
    PAYING = "PAYING"  # 支付中
    PAID = "PAID"  # 已支付
    LAPSED = "LAPSED"  # 已有核定,不再先予支付


OPEN = frozenset({AdvanceState.STATED, AdvanceState.ACKNOWLEDGED, AdvanceState.PAYING})
COMMITTED = frozenset({AdvanceState.ACKNOWLEDGED, AdvanceState.PAYING, AdvanceState.PAID})
"""What two people let go counts as paid until it lapses, so that nobody pays it twice."""


class AdvanceGround(StrEnum):
    """Why something is paid before the decision."""

    SIXTY_DAYS = "SIXTY_DAYS"  # 受理满六十日
    UNDISPUTED = "UNDISPUTED"  # 无争议部分


class Advance(BaseModel, frozen=True):
    """One advance. `round` is the claim's reopenings when it was stated; amounts in fen.

    `amount_fen` falls when money that came back, or never left, is owed only in part by then. `attention`
    says why finance must look at it.
    """

    number: int
    round: int
    amount_fen: int
    ground: AdvanceGround
    state: AdvanceState = AdvanceState.STATED
    stated_by: str
    stated_at: datetime
    acknowledged_by: str | None = None
    attempt: int = 0
    paid_at: datetime | None = None
    attention: str | None = None


def advance_number(claim_no: str, number: int, attempt: int = 1) -> str:
    """Give the number that an advance is paid under: `<claim_no>A<n>`, later attempts with `R<attempt>`.

    Letters and digits; 32 characters hold 99 advances of 99 attempts.
    """
    again = f"R{attempt}" if attempt > 1 else ""
    return f"{claim_no}A{number}{again}"


def advanced_fen(advances: Iterable[Advance], of_round: int) -> int:
    """Add up what was advanced in one round of the claim, in fen, under way or paid."""
    return sum(a.amount_fen for a in advances if a.round == of_round and a.state in COMMITTED)


def paid_in_advance_fen(advances: Iterable[Advance], of_round: int) -> int:
    """The same, of money that has arrived."""
    return sum(a.amount_fen for a in advances if a.round == of_round and a.state is AdvanceState.PAID)


def open_advance(advances: Iterable[Advance]) -> Advance | None:
    """Give the advance that is not at its end; a claim has at most one new one."""
    return next((a for a in advances if a.state in OPEN), None)


def lapsed(advances: Iterable[Advance], of_round: int) -> tuple[Advance, ...]:
    """Give the advances after a decision: what has not been sent goes out with the decided amount."""
    unsent = {AdvanceState.STATED, AdvanceState.ACKNOWLEDGED}
    return tuple(
        a.model_copy(update={"state": AdvanceState.LAPSED, "attention": None})
        if a.round == of_round and a.state in unsent
        else a
        for a in advances
    )
