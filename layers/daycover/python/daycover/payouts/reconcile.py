"""Compare what WeChat's and the bank's files say of a day with our payouts, both ways; learn what came back.

One way is here: each movement of a file against its payout. The other way is the reconciliation of the day's
books, which looks up every payout that the journal posts among the movements noted here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol

from daycover.errors import DaycoverError
from daycover.payouts.outcome import Outcome
from daycover.payouts.pay import PayObligation
from daycover.payouts.payout import Payout, Payouts
from daycover.payouts.transfer import Channel


class BankStatementUnavailableError(DaycoverError):
    """The bank gave no statement of the day; ask again later."""


class BankStatementDamagedError(DaycoverError):
    """The statement's count, sum or hash does not fit its lines: nothing of it is believed."""


class FundFlowUnavailableError(DaycoverError):
    """WeChat gave no fund-flow bill of the day (yet: it makes them from 9:00 of the next); ask again later."""


class FundFlowDamagedError(DaycoverError):
    """The bill's hash, count or sums do not fit its lines: nothing of it is believed."""


class LineKind(StrEnum):
    OUT = "OUT"  # 已划出
    RETURN = "RETURN"  # 退票
    UNREADABLE = "UNREADABLE"  # 读不出的一行


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement on our account. `amount_fen` in fen, never negative; `serial` is the other side's number.

    Of a line that cannot be read `reference` says which of the file's lines it is, and its amount is 0.
    """

    kind: LineKind
    reference: str
    serial: str
    amount_fen: int

    @property
    def left_fen(self) -> int:
        return -self.amount_fen if self.kind is LineKind.RETURN else self.amount_fen


class MoneyFiles(Protocol):
    def of_day(self, day: date) -> Sequence[Movement]:
        """Give the movements of one +08:00 day, proven whole.

        Raises BankStatementUnavailableError, BankStatementDamagedError; of the wallet FundFlowUnavailableError,
        FundFlowDamagedError.
        """
        ...


class FaultKind(StrEnum):
    """How a movement fails to fit (对账差异)."""

    TRANSFER_ORPHAN = "TRANSFER_ORPHAN"  # 有流水无付款
    TRANSFER_AMOUNT = "TRANSFER_AMOUNT"  # 金额不符
    TRANSFER_UNPOSTED = "TRANSFER_UNPOSTED"  # 有流水未入账
    TRANSFER_UNREADABLE = "TRANSFER_UNREADABLE"  # 有流水读不出


class Fault(NamedTuple):
    """A movement that fits no payout of ours: a person must look at it. `detail` is a code."""

    kind: FaultKind
    reference: str
    expected_fen: int | None
    found_fen: int
    detail: str


KeepFaults = Callable[[date, Sequence[Fault]], int]
"""Makes break items of a day's faults and gives how many are new; the same fault again is the same item."""


class NotedMoney(Protocol):
    """What the files told, for the reconciliation of the day's books."""

    def note(self, channel: Channel, day: date, movements: Sequence[Movement]) -> None:
        """Keep the money that left, by payout number; again changes nothing."""
        ...

    def finish(self, channel: Channel, day: date, count: int, left_fen: int) -> None:
        """Keep that a channel's day has been read whole."""
        ...


class ReconciledMoney(NamedTuple):
    lines: int
    left_fen: int
    bounced: tuple[str, ...]
    breaks: tuple[Fault, ...]
    new_breaks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileMoney:
    """One channel's file against our payouts. Repeatable: what fits already is left alone."""

    channel: Channel
    files: Callable[[], MoneyFiles]
    payouts: Payouts
    pay: PayObligation
    noted: NotedMoney
    keep_faults: KeepFaults

    def __call__(self, day: date) -> ReconciledMoney:
        """Reconcile one +08:00 day. Raises as `MoneyFiles.of_day`, and TransferUnknownError."""
        lines = self.files().of_day(day)
        found = [(line, self._fault_of(line)) for line in lines]
        faults = tuple(fault for _, fault in found if fault is not None)
        new = self.keep_faults(day, faults)
        orphans = {fault.reference for fault in faults if fault.kind is FaultKind.TRANSFER_ORPHAN}
        left = [line for line in lines if line.kind is LineKind.OUT and line.reference not in orphans]
        self.noted.note(self.channel, day, left)
        left_fen = sum(line.left_fen for line in lines)
        self.noted.finish(self.channel, day, len(lines), left_fen)
        bounced = tuple(
            line.reference for line, fault in found if fault is None and line.kind is LineKind.RETURN
        )
        return ReconciledMoney(len(lines), left_fen, bounced, faults, new)

    def _fault_of(self, line: Movement) -> Fault | None:
        if line.kind is LineKind.UNREADABLE:
            return self._fault(FaultKind.TRANSFER_UNREADABLE, line, None)
        payout = self.payouts.find(line.reference)
        if payout is None or payout.channel is not self.channel:
            return self._fault(FaultKind.TRANSFER_ORPHAN, line, None)
        if payout.amount_fen != line.amount_fen:
            return self._fault(FaultKind.TRANSFER_AMOUNT, line, payout.amount_fen)
        expected = {Outcome.BOUNCED}
        if line.kind is LineKind.RETURN:
            state = self.pay.bounce(line.reference)
        else:
            expected |= {Outcome.SUCCEEDED}
            state = self._settled(payout)
        if state in expected:
            return None
        return self._fault(FaultKind.TRANSFER_UNPOSTED, line, payout.amount_fen, f"PAYOUT_{state}")

    def _settled(self, payout: Payout) -> Outcome:
        """Bring a payout to its end that the workflow gave up asking for, or that died before its record."""
        outcome = payout.outcome if payout.is_final else self.pay.confirm(payout.payout_id)
        return self.pay.post(payout.payout_id) if outcome is Outcome.SUCCEEDED else outcome

    def _fault(
        self, kind: FaultKind, line: Movement, expected_fen: int | None, detail: str | None = None
    ) -> Fault:
        code = f"{self.channel}_{line.kind}" + (f"_{detail}" if detail else "")
        return Fault(kind, line.reference, expected_fen, line.amount_fen, code)


class MovedMoneyUnknownError(DaycoverError):
    """A payout's file of WeChat or the bank has not been read yet."""


class MovedMoney(Protocol):
    """What the files told of our payouts."""

    def moved(self, payout_ids: Iterable[str], day: date) -> Mapping[str, int]:
        """What the files of WeChat and the bank say that left under each number, in fen; what they lack is
        left out. Raises MovedMoneyUnknownError where a file of the day is missing: not knowing is no
        difference."""
        ...
