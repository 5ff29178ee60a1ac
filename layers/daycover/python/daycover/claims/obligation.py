"""The obligation (应付赔款): an amount owed on a round to somebody, and what has become of it.

The whole decided amount, one beneficiary's share of it, or an advance: whichever it is, it is reserved, paid,
bounced or failed in the same words, and it is what a payout pays.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from daycover.claims.attention import Attention
from daycover.errors import DaycoverError, ErrorKind

INSURED = "INSURED"
"""The payee of what is owed to the insured; a beneficiary is `B1` and on."""


class ObligationNotFoundError(DaycoverError):
    """The claim owes nothing under this number.

    What to do: Use a number of `obligations` in the claim file.
    含义:该赔案没有这个编号的应付赔款。
    处理:使用案卷 `obligations` 里的编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该笔应付赔款", "No such obligation"


class ObligationState(StrEnum):
    OWED = "OWED"  # 应付,尚未支付
    RESERVED = "RESERVED"  # 支付中
    PAID = "PAID"  # 已支付
    LAPSED = "LAPSED"  # 不再应付


SETTLED: Mapping[str, None] = {"attention": None, "fault": None}


class Obligation(BaseModel, frozen=True, defer_build=True):
    """`number` counts within the claim; `advance` names the advance that it pays, None for the decided amount.

    `amount_fen` falls when money of an advance that came back, or never left, is owed only in part by then.
    `payout_id` is its latest payout. `attention` says why finance must look at it, `fault` is the
    code that WeChat or the bank gave.
    """

    number: int
    payee: str = INSURED
    advance: int | None = None
    amount_fen: int
    state: ObligationState = ObligationState.OWED
    payout_id: str | None = None
    paid_at: datetime | None = None
    attention: Attention | None = None
    fault: str | None = None

    @property
    def is_under_way(self) -> bool:
        """A payout has it; no account changes meanwhile."""
        return self.state is ObligationState.RESERVED

    @property
    def is_taken(self) -> bool:
        """Money has left for it, or may have."""
        return self.state in {ObligationState.RESERVED, ObligationState.PAID}

    @property
    def stands(self) -> bool:
        return self.state is not ObligationState.LAPSED

    def reserved(self, payout_id: str) -> "Obligation":
        update = {"state": ObligationState.RESERVED, "payout_id": payout_id, **SETTLED}
        return self.model_copy(update=update)

    def paid(self, at: datetime) -> "Obligation":
        return self.model_copy(update={"state": ObligationState.PAID, "paid_at": at, **SETTLED})

    def owed_again(self, amount_fen: int, attention: Attention, fault: str | None) -> "Obligation":
        """Its money failed or bounced; what nothing is owed of any more lapses."""
        if not amount_fen:
            return self.lapsed()
        update = {"state": ObligationState.OWED, "amount_fen": amount_fen, "paid_at": None}
        return self.model_copy(update=update | {"attention": attention, "fault": fault})

    def lapsed(self) -> "Obligation":
        return self.model_copy(update={"state": ObligationState.LAPSED, "paid_at": None, **SETTLED})


def owed_to(
    amounts: Mapping[str, int], *, first_number: int, advance: int | None = None
) -> tuple[Obligation, ...]:
    """Give the obligations of amounts by payee, in fen, numbered on; a share too small for a fen is none."""
    owed = [(payee, fen) for payee, fen in amounts.items() if fen]
    return tuple(
        Obligation(number=number, payee=payee, advance=advance, amount_fen=fen)
        for number, (payee, fen) in enumerate(owed, start=first_number)
    )


def total_fen(obligations: Iterable[Obligation]) -> int:
    return sum(obligation.amount_fen for obligation in obligations)
