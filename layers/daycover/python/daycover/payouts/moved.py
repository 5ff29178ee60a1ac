"""What really left: each payout's amount as WeChat or the bank tells it, asked under its own number."""

from collections.abc import Callable, Iterable
from typing import Protocol

from daycover.payouts.payout import Payout
from daycover.payouts.transfer import Channel, Transfers, TransferState


class KnownPayouts(Protocol):
    def find(self, payout_id: str) -> Payout | None: ...


class AskForMoney:
    """Implements `premiums.reconciliation.MovedMoney`. Money that came back later had left all the same."""

    def __init__(self, payouts: KnownPayouts, transfers: Callable[[Channel], Transfers]) -> None:
        self._payouts = payouts
        self._transfers = transfers

    def moved(self, payout_ids: Iterable[str]) -> dict[str, int]:
        """Raises TransferUnknownError when WeChat or the bank cannot be asked."""
        left: dict[str, int] = {}
        for payout_id in payout_ids:
            payout = self._payouts.find(payout_id)
            channel = Channel.WALLET if payout is None else payout.channel
            transfer = self._transfers(channel).find(payout_id)
            if transfer is not None and transfer.state in {TransferState.SUCCESS, TransferState.RETURNED}:
                left[payout_id] = transfer.amount_fen or 0
        return left
