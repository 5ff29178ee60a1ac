"""The payout (赔款支付): one attempt to pay one agreed claim, or an advance on it, to its insured.

States: CREATED → SUBMITTED → SUCCEEDED | FAILED | UNKNOWN; UNKNOWN is resolved by asking, under the same
number for ever. SUCCEEDED → BOUNCED when a bank sends settled money back. A new number exists only after a
bill that came to its end without paying, or whose money came back.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.claims.claim import Claim, ClaimChange
from daycover.errors import DaycoverError, ErrorKind
from daycover.payouts.transfer import BankAccount, Channel

INSURED = "INSURED"


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


class Payout(BaseModel, frozen=True, defer_build=True):
    """One attempt; its id is the transfer's `out_bill_no`. Amounts in fen.

    `transfer_bill_no` is set once WeChat or the bank is known to hold a bill. `fault` names why the result
    is unknown.
    """

    payout_id: str
    version: int = 1
    claim_no: str
    attempt: int
    advance: int | None = None
    """The claim's advance that this pays; None for the decided amount."""
    round: int = 0
    """The claim's reopenings when it was reserved: each round pays an amount of its own."""
    worker_id: str
    payee: str = INSURED
    """`INSURED`, or the beneficiary of a death claim (B1 and on) whose share this is."""
    amount_fen: int
    created_at: datetime
    channel: Channel = Channel.WALLET
    state: PayoutState = PayoutState.CREATED
    transfer_bill_no: str | None = None
    package_info: str | None = None
    fail_reason: str | None = None
    fault: str | None = None
    asked_at: datetime | None = None
    """When WeChat last said that the bill is not at its end."""
    finished_at: datetime | None = None

    def moved(self, state: PayoutState, **changes: object) -> "Payout":
        """Give the payout in `state`. Raises PayoutStepClosedError."""
        if state not in MOVES[self.state]:
            raise PayoutStepClosedError(payout_state=self.state.value)
        return self.model_copy(update=changes | {"state": state, "version": self.version + 1})

    @property
    def is_final(self) -> bool:
        return self.state in {PayoutState.SUCCEEDED, PayoutState.FAILED, PayoutState.BOUNCED}


def payout_number(claim_no: str, attempt: int) -> str:
    """Give the payout's id: letters and digits, at most 32 characters (WeChat's `out_bill_no`)."""
    return f"{claim_no}P{attempt}"


class Posting(BaseModel, frozen=True, defer_build=True):
    """The money record (过账) of a payment or its return: what claims cost equals what left us. In fen."""

    payout_id: str
    claim_no: str
    policy_no: str
    posted_at: datetime
    entries: tuple[tuple[str, int], ...]
    """(account, amount): debits positive, credits negative; the sum is 0."""


SOURCES = MappingProxyType({Channel.WALLET: "wechat_wallet", Channel.BANK: "bank_account"})
"""The account that a channel's money leaves."""


def posting_of(payout: Payout, claim: Claim, at: datetime) -> Posting:
    """Give the record of money that arrived."""
    return Posting(
        payout_id=payout.payout_id,
        claim_no=payout.claim_no,
        policy_no=claim.policy.policy_no,
        posted_at=at,
        entries=(("claims_paid", payout.amount_fen), (SOURCES[payout.channel], -payout.amount_fen)),
    )


def reversal_of(payout: Payout, claim: Claim, at: datetime) -> Posting:
    """Give the record of money that came back: the payment's entries turned round."""
    paid = posting_of(payout, claim, at)
    return paid.model_copy(update={"entries": tuple((account, -fen) for account, fen in paid.entries)})


class Payouts(Protocol):
    """The payouts. A change of a claim that belongs to one is written in the same transaction."""

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

    def post(self, payout: Payout, change: ClaimChange, posting: Posting) -> None:
        """Write the posting and the paid claim together. Raises ConcurrentChangeError."""
        ...

    def bounce(self, payout: Payout, before: Payout, change: ClaimChange, reversal: Posting) -> None:
        """Write the bounced payout, the reversal of its posting and the claim together.

        Raises ConcurrentChangeError unless `before` and the claim still stand.
        """
        ...

    def note(self, payout_id: str, event_id: str, state: str, at: datetime) -> None:
        """Keep that WeChat sent this notice; the same one again changes nothing."""
        ...

    def noted_since(self, payout_id: str, at: datetime | None) -> bool:
        """Whether a notice arrived at or after `at` (ever, if None). Read strongly consistent."""
        ...


Book = Callable[[Payout, Claim], None]
"""Posts what has become of a payout in the journal; safe to repeat."""


class Reserved(NamedTuple):
    """`outcome`: RESERVED (go on with the payout), SUCCEEDED (only post it), ALREADY_PAID, NOT_PAYABLE,
    PAYEE_MISSING (too much for the wallet, and no bank account stated), IDENTITY_REQUIRED (go on once the payee
    has proved who they are), APART (each beneficiary has an execution of their own), BENEFICIARY_MISSING,
    LAPSED (an advance that the decision overtook), ADVANCE_PENDING (an advance under way may cover all that
    was decided).
    """

    outcome: str
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
