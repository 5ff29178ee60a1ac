"""The payout (赔款支付): one attempt to pay one obligation of a claim.

States: CREATED → SUBMITTED → SUCCEEDED | FAILED | UNKNOWN; UNKNOWN is resolved by asking, under the same
number for ever. SUCCEEDED → BOUNCED when a bank sends settled money back. A new number exists only after a
bill that came to its end without paying, or whose money came back.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.claims.claim import Claim, ClaimChange
from daycover.claims.obligation import INSURED
from daycover.errors import DaycoverError, ErrorKind
from daycover.payouts.outcome import Outcome
from daycover.payouts.transfer import BankAccount, Channel


class PayoutNotFoundError(DaycoverError):
    """There is no such payout.

    What to do: Check its number.
    含义:没有这笔赔款支付。
    处理:核对编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该笔支付", "No such payout"


class PayoutStepClosedError(DaycoverError):
    """The payout's status has no such step now.

    What to do: Read the payout's status.
    含义:支付目前的状态没有这一步。
    处理:读取支付状态。
    """

    kind = ErrorKind.CONFLICT
    title = "支付当前状态不允许此操作", "The payout's state does not allow this"


class ClaimNotPayableError(DaycoverError):
    """The claim cannot be paid now.

    The claim has no agreed amount to pay, or was paid already.

    What to do: Read the claim's status.
    含义:赔案还不能付款。
    处理:读取赔案状态。
    """

    kind = ErrorKind.CONFLICT
    title = "赔案当前没有可支付的金额", "The claim has nothing to pay now"
    detail = "赔案状态为 {claim_status}。", "The claim is {claim_status}."


class PayeeUnknownError(DaycoverError):
    """The insured has no wallet or no proved name that money could go to."""


class PayoutState(StrEnum):
    CREATED = "CREATED"  # 已登记,尚未提交
    SUBMITTED = "SUBMITTED"  # 已提交微信支付或银行
    UNKNOWN = "UNKNOWN"  # 结果未知,须查询
    SUCCEEDED = "SUCCEEDED"  # 已到账
    FAILED = "FAILED"  # 已确定失败
    BOUNCED = "BOUNCED"  # 已退票


_S = PayoutState
MOVES: Mapping[PayoutState, frozenset[PayoutState]] = MappingProxyType(
    {
        _S.CREATED: frozenset({_S.SUBMITTED, _S.UNKNOWN, _S.SUCCEEDED, _S.FAILED}),
        _S.SUBMITTED: frozenset({_S.SUBMITTED, _S.UNKNOWN, _S.SUCCEEDED, _S.FAILED}),
        _S.UNKNOWN: frozenset({_S.UNKNOWN, _S.SUBMITTED, _S.SUCCEEDED, _S.FAILED}),
        _S.FAILED: frozenset({_S.CREATED}),
        _S.SUCCEEDED: frozenset({_S.BOUNCED}),
        _S.BOUNCED: frozenset(),
    }
)
"""FAILED → CREATED: a transfer that was refused before any bill existed goes out again under its number."""


OUTCOMES: Mapping[PayoutState, Outcome] = MappingProxyType(
    {
        _S.CREATED: Outcome.PENDING,
        _S.SUBMITTED: Outcome.PENDING,
        _S.UNKNOWN: Outcome.UNKNOWN,
        _S.SUCCEEDED: Outcome.SUCCEEDED,
        _S.FAILED: Outcome.FAILED,
        _S.BOUNCED: Outcome.BOUNCED,
    }
)


class Payout(BaseModel, frozen=True, defer_build=True):
    """One attempt to pay one obligation; its id is the transfer's `out_bill_no`. Amounts in fen.

    It names all that paying and posting it needs. `transfer_bill_no` is set once WeChat or the bank is known to
    hold a bill. `fault` names why the result is unknown: WeChat's own code where it gave one.
    """

    payout_id: str
    version: int = 1
    claim_no: str
    obligation: int
    round: int
    advance: int | None = None
    """The claim's advance that this pays; None for the decided amount."""
    company_id: str
    project_id: str
    plan_id: str | None = None
    occupation_class: int | None = None
    """What was insured, for the figures of its money."""
    worker_id: str
    payee: str = INSURED
    """`INSURED`, or the beneficiary of a death claim (B1 and on) whose share this is."""
    amount_fen: int
    created_at: datetime
    taken_up_at: datetime | None = None
    """When it was last reserved again, after it had failed before any bill existed."""
    channel: Channel = Channel.WALLET
    state: PayoutState = PayoutState.CREATED
    transfer_bill_no: str | None = None
    package_info: str | None = None
    fail_reason: str | None = None
    fault: str | None = None
    sent_at: datetime | None = None
    """When it was last about to be sent, while no bill was known."""
    asked_at: datetime | None = None
    """When WeChat last said that the bill is not at its end."""
    finished_at: datetime | None = None

    def moved(self, state: PayoutState, **changes: object) -> "Payout":
        """Give the payout in `state`. Raises PayoutStepClosedError."""
        if state not in MOVES[self.state]:
            raise PayoutStepClosedError(payout_state=self.state.value)
        return self.model_copy(update=changes | {"state": state, "version": self.version + 1})

    @property
    def outcome(self) -> Outcome:
        """What its state says to whoever asks what came of it."""
        return OUTCOMES[self.state]

    @property
    def is_final(self) -> bool:
        return self.state in {PayoutState.SUCCEEDED, PayoutState.FAILED, PayoutState.BOUNCED}

    @property
    def is_over(self) -> bool:
        """Whether only a payout of a new number can pay what is owed: this one's bill came to its end."""
        ended = self.state is PayoutState.FAILED and self.transfer_bill_no is not None
        return ended or self.state is PayoutState.BOUNCED


def payout_number(claim_no: str, place: int) -> str:
    """Give the id of a claim's n-th payout, whatever it pays: letters and digits, at most 32 characters (WeChat's
    `out_bill_no`), which hold 99,999 of them."""
    return f"{claim_no}P{place}"


class Payouts(Protocol):
    """The payouts. What belongs to a move of one is written in the same transaction: the change of its claim, and
    the entries of the journal, so that no money moves without its record."""

    def get(self, payout_id: str) -> Payout:
        """Read strongly consistent. Raises PayoutNotFoundError."""
        ...

    def find(self, payout_id: str) -> Payout | None: ...

    def reserve(self, payout: Payout, change: ClaimChange) -> None:
        """Store a new payout together with the claim that pays it. Raises ConcurrentChangeError."""
        ...

    def save(self, payout: Payout, before: Payout) -> None:
        """Raises ConcurrentChangeError unless `before` still stands."""
        ...

    def bounce(self, payout: Payout, before: Payout, change: ClaimChange) -> None:
        """Write the bounced payout and the claim together.

        Raises ConcurrentChangeError unless `before` and the claim still stand.
        """
        ...

    def note(self, payout_id: str, event_id: str, state: str, at: datetime) -> None:
        """Keep that WeChat sent this notice; the same one again changes nothing."""
        ...

    def noted_since(self, payout_id: str, at: datetime | None) -> bool:
        """Whether a notice arrived at or after `at` (ever, if None). Read strongly consistent."""
        ...


class Reserved(NamedTuple):
    """What ReservePayout comes to, and the payout to go on with."""

    outcome: Outcome
    payout_id: str | None


class PayeeAccounts(Protocol):
    """The accounts that payouts may go to, sealed."""

    def find(self, claim_no: str) -> BankAccount | None:
        """Read strongly consistent."""
        ...

    def state(self, claim: Claim, account: BankAccount, account_id: str) -> None:
        """Keep the account of a claim; a later statement replaces it.

        Raises PayeeAccountTakenError, ClaimStepClosedError unless the claim's status is one of STATED_IN.
        """
        ...
