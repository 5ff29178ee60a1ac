"""The advance payment (先予支付): the certain part of a claim, paid before the claim is decided.

Insurance Law art. 25: after 60 days without a final amount what is certain is paid, the difference later. The
undisputed part of a disputed amount is paid in the same way. One adjuster states it, another person
acknowledges it, and it never moves the claim out of its status.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from daycover.errors import DaycoverError, ErrorKind


class AdvanceNotFoundError(DaycoverError):
    """The claim has no advance of this number.

    What to do: Use a number of `advance_files` in the claim file.
    含义:该赔案没有这个编号的先予支付。
    处理:使用案卷 `advance_files` 里的编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该笔先予支付", "No such advance"


class AdvanceNotDueError(DaycoverError):
    """60 days have not passed and no part is undisputed.

    Neither have 60 days passed without a decision, nor is a part of the amount undisputed; or the insured
    has died, so that beneficiaries must be known first.

    What to do: State it from `clocks.advance_due_at` on.
    含义:受理不满六十日,也没有无争议的金额。
    处理:到期后再提出;期限见 `clocks.advance_due_at`。
    """

    kind = ErrorKind.CONFLICT
    title = "还不能先予支付", "Nothing may be advanced yet"
    detail = (
        "受理满六十日仍未核定,或金额有无争议部分时,才能先予支付;身故赔案须先确认受益人,不作先予支付。",
        "An advance needs 60 days without a decision, or a part of the amount that nobody disputes; a death "
        "claim waits for its beneficiaries instead.",
    )


class AdvanceOpenError(DaycoverError):
    """The last advance is not acknowledged or not paid.

    What to do: Settle the one named in `advance` first.
    含义:上一笔先予支付尚未复核或尚未到账。
    处理:先办完 `advance` 那一笔。
    """

    kind = ErrorKind.CONFLICT
    title = "已有一笔先予支付在办理", "Another advance is not at its end"
    detail = "请先处理第 {advance} 笔先予支付。", "Settle advance {advance} first."


class AdvanceAmountError(DaycoverError):
    """More than the accepted documents, the limits or the rest allow.

    What to do: At most `maximum_fen`, or accept documents first.
    含义:金额超过已采纳材料能证明的部分、保单限额或余下部分。
    处理:不超过 `maximum_fen`,或先采纳材料。
    """

    kind = ErrorKind.INVALID
    title = "超过可以确定的金额", "The amount is more than what is certain"
    detail = (
        "先予支付须大于 0 且不超过 {maximum_fen} 分。",
        "An advance is above 0 and at most {maximum_fen} fen.",
    )


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


class Advance(BaseModel, frozen=True, defer_build=True):
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
