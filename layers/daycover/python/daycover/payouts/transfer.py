"""The transfer of a payout to the insured's WeChat wallet, as the payout rules need it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from daycover.errors import DaycoverError


class TransferRefusedError(DaycoverError):
    """WeChat refused the transfer for good (`code`); no bill exists and no money will move."""


class TransferUnknownError(DaycoverError):
    """No usable answer came back: the bill may exist. Only asking under the same number resolves it."""


class TransferState(StrEnum):
    """WeChat's bill states; the last three are final."""

    ACCEPTED = "ACCEPTED"
    PROCESSING = "PROCESSING"
    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    TRANSFERING = "TRANSFERING"  # WeChat's spelling
    CANCELING = "CANCELING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELLED = "CANCELLED"


FINAL_STATES = frozenset({TransferState.SUCCESS, TransferState.FAIL, TransferState.CANCELLED})


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """One payment to the insured. `amount_fen` in fen; `out_bill_no`: letters and digits, at most 32.

    `name` (needed from 200,000 fen, checked against the WeChat real name) travels encrypted.
    `claim_no` fills the scene's third report item (保险操作单号), at most 32 characters.
    """

    out_bill_no: str
    openid: str
    name: str
    amount_fen: int
    remark: str
    claim_no: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """What WeChat says of one bill. `package_info` is for the mini program, in WAIT_USER_CONFIRM only."""

    out_bill_no: str
    state: TransferState
    amount_fen: int | None = None
    transfer_bill_no: str | None = None
    package_info: str | None = None
    fail_reason: str | None = None


class Transfers(Protocol):
    def submit(self, order: TransferOrder) -> Transfer:
        """Create the bill, or find the one that exists under the same number.

        Raises TransferRefusedError, TransferUnknownError.
        """
        ...

    def find(self, out_bill_no: str) -> Transfer | None:
        """Ask for one bill (kept 30 days); None when WeChat does not know it. Raises TransferUnknownError."""
        ...
