"""The advance payment (先予支付): the certain part of a claim, paid before the claim is decided.

Insurance Law art. 25: after 60 days without a final amount what is certain is paid, the difference later. The
undisputed part of a disputed amount is paid in the same way. One adjuster states it, another person
acknowledges it, and it never moves the claim out of its status. Where the insured has died it goes to the
confirmed beneficiaries, by share.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from daycover.errors import DaycoverError, ErrorKind


class AdvanceNotFoundError(DaycoverError):
    """The claim has no advance of this number.

    What to do: Use a number of the rounds' `advances` in the claim file.
    含义:该赔案没有这个编号的先予支付。
    处理:使用案卷各轮 `advances` 里的编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该笔先予支付", "No such advance"


class AdvanceNotDueError(DaycoverError):
    """60 days have not passed and no part is undisputed.

    Neither have 60 days passed without a decision, nor is a part of the amount undisputed; or the insured
    has died and the beneficiaries are not confirmed.

    What to do: State it from `clocks.advance_due_at` on; have beneficiaries confirmed first.
    含义:受理不满六十日,也没有无争议的金额;或身故赔案的受益人尚未确认。
    处理:到期后再提出,期限见 `clocks.advance_due_at`;身故赔案先确认受益人。
    """

    kind = ErrorKind.CONFLICT
    title = "还不能先予支付", "Nothing may be advanced yet"
    detail = (
        "受理满六十日仍未核定,或金额有无争议部分时,才能先予支付;身故赔案须先确认受益人,再按份额支付。",
        "An advance needs 60 days without a decision, or a part of the amount that nobody disputes; that of a "
        "death claim goes to its confirmed beneficiaries, by share.",
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
    """The statement's own states; PAYING and PAID are those of its money (`Round.state_of`)."""

    STATED = "STATED"  # 已提出,待复核
    SENT_BACK = "SENT_BACK"  # 复核未通过
    ACKNOWLEDGED = "ACKNOWLEDGED"  # 已复核,待支付
    PAYING = "PAYING"  # 支付中
    PAID = "PAID"  # 已支付
    LAPSED = "LAPSED"  # 已有核定,不再先予支付


COMMITTED = frozenset({AdvanceState.ACKNOWLEDGED, AdvanceState.PAYING, AdvanceState.PAID})
"""What two people let go counts as paid until it lapses, so that nobody pays it twice."""


class AdvanceGround(StrEnum):
    """Why something is paid before the decision."""

    SIXTY_DAYS = "SIXTY_DAYS"  # 受理满六十日
    UNDISPUTED = "UNDISPUTED"  # 无争议部分


class Advance(BaseModel, frozen=True, defer_build=True):
    """What one person stated as certain and another acknowledged; its money is the round's obligations of its
    number. `amount_fen` as stated, in fen.
    """

    number: int
    amount_fen: int
    ground: AdvanceGround
    state: AdvanceState = AdvanceState.STATED
    stated_by: str
    stated_at: datetime
    acknowledged_by: str | None = None
