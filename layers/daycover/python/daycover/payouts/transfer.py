"""The transfer of a payout to the insured's WeChat wallet or bank account, as the payout rules need it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from daycover.errors import DaycoverError


class TransferRefusedError(DaycoverError):
    """WeChat, or the bank, refused the transfer for good (`code`); no bill exists and no money will move."""


class TransferPostponedError(DaycoverError):
    """WeChat took nothing of this request (`code`), and the same number may go again later.

    The balance is too low (NOT_ENOUGH) or too many calls came (FREQUENCY_LIMITED). It speaks of this request
    only: an earlier one under the same number may have made the bill.
    """


class TransferUnknownError(DaycoverError):
    """No usable answer came back: the bill may exist. Only asking under the same number resolves it.

    `code` is WeChat's, where an answer had one (SYSTEM_ERROR).
    """


class Channel(StrEnum):
    """Which way the money goes. An attempt never changes its channel."""

    WALLET = "WALLET"  # 微信零钱
    BANK = "BANK"  # 银行转账


def channel_for(amount_fen: int, wallet_limit_fen: int) -> Channel:
    """Choose the way of a sum; WeChat sets its ceiling per merchant, so ours is a parameter."""
    return Channel.WALLET if amount_fen <= wallet_limit_fen else Channel.BANK


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where a bank transfer goes. All of it is personal data; `__repr__` shows the bank alone."""

    holder: str = field(repr=False)
    account_no: str = field(repr=False)
    bank_name: str

    @property
    def masked(self) -> str:
        """The last four digits, for whoever may see the claim."""
        return "*" * (len(self.account_no) - 4) + self.account_no[-4:]


class TransferState(StrEnum):
    """WeChat's bill states; the bank's are mapped to them. Only the bank knows RETURNED."""

    ACCEPTED = "ACCEPTED"
    PROCESSING = "PROCESSING"
    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    TRANSFERING = "TRANSFERING"  # WeChat's spelling
    CANCELING = "CANCELING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"  # 退票: the bank had paid, and the money came back


FINAL_STATES = frozenset({TransferState.SUCCESS, TransferState.FAIL, TransferState.CANCELLED})
"""What WeChat may tell in a notice."""


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """One payment to the insured. `amount_fen` in fen; `out_bill_no`: letters and digits, at most 32.

    `name` (needed from 200,000 fen, checked against the WeChat real name) travels encrypted.
    `claim_no` fills the scene's third report item (保险操作单号), at most 32 characters.
    `account` is set for a bank transfer.
    """

    out_bill_no: str
    openid: str
    name: str
    amount_fen: int
    remark: str
    claim_no: str
    account: BankAccount | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """What WeChat or the bank says of a bill.

    `package_info` opens WeChat's confirmation page. It comes from `submit` alone, once the bill waits for the
    user (WAIT_USER_CONFIRM), another one each time; a query never repeats it.
    """

    out_bill_no: str
    state: TransferState
    amount_fen: int | None = None
    transfer_bill_no: str | None = None
    package_info: str | None = None
    fail_reason: str | None = None


class Transfers(Protocol):
    def submit(self, order: TransferOrder) -> Transfer:
        """Create the bill, or find the one that exists under the same number.

        Raises TransferRefusedError, TransferPostponedError, TransferUnknownError.
        """
        ...

    def find(self, out_bill_no: str) -> Transfer | None:
        """Ask for a bill (WeChat: 30 days); None when it is not known there. Raises TransferUnknownError."""
        ...

    def cancel(self, out_bill_no: str) -> Transfer | None:
        """Ask to take back a bill that has not left; gives what the other side says the bill is then.

        CANCELING is not the end, and a bill that can't be taken back any more comes as it is. None when it is
        not known there. Raises TransferUnknownError.
        """
        ...
