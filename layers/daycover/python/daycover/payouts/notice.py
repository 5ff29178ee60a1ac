"""The door for WeChat's notices: only what is proven to come from WeChat goes on to the payout it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from daycover.payouts.pay import ReceiveNotice
from daycover.payouts.transfer import TransferState


class EndNotice(Protocol):
    """What a notice says: which bill came to which end."""

    @property
    def event_id(self) -> str: ...

    @property
    def out_bill_no(self) -> str: ...

    @property
    def state(self) -> TransferState: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTransferNotice:
    """POST /v1/wechat/transfer-notices. `read` checks, decrypts and reads a notice."""

    read: Callable[[Mapping[str, str], bytes], EndNotice]
    receive: ReceiveNotice

    def __call__(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        """Raises as `read`, and PayoutNotFoundError."""
        notice = self.read(headers, raw_body)
        self.receive(notice.out_bill_no, notice.event_id, notice.state.value)
