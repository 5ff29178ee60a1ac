"""Compare what the bank says left our account with our payouts, every day and both ways.

A line that fits no payout, and a payout that no line proves, are breaks; money that came back is learned here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from daycover.china_time import china_day
from daycover.errors import DaycoverError
from daycover.payouts.pay import PayClaim
from daycover.payouts.payout import Payout, Payouts, PayoutState
from daycover.payouts.transfer import Channel


class BankStatementUnavailableError(DaycoverError):
    """The bank gave no statement of the day; ask again later."""


class BankStatementDamagedError(DaycoverError):
    """The statement's count, sum or hash does not fit its lines: nothing of it is believed."""


class LineKind(StrEnum):
    OUT = "OUT"  # 已划出
    RETURN = "RETURN"  # 退票


@dataclass(frozen=True, slots=True)
class BankLine:
    """One movement on our account. `amount_fen` in fen, always positive."""

    kind: LineKind
    reference: str
    bank_serial: str
    amount_fen: int

    @property
    def left_fen(self) -> int:
        return self.amount_fen if self.kind is LineKind.OUT else -self.amount_fen


class BankStatements(Protocol):
    def of_day(self, day: date) -> Sequence[BankLine]:
        """Give the movements of one +08:00 day, proven whole.

        Raises BankStatementUnavailableError, BankStatementDamagedError.
        """
        ...


NOT_IN_STATEMENT = "NOT_IN_STATEMENT"
"""We believe that it left, and no statement since it was made says so."""


class Break(NamedTuple):
    """A movement that fits no payout of ours, or the other way round (对账差异): a person must look at it."""

    reference: str
    fault: str


class Reconciled(NamedTuple):
    lines: int
    left_fen: int
    bounced: tuple[str, ...]
    breaks: tuple[Break, ...]


class ReconcileBank:
    """Repeatable: what fits already is left alone."""

    def __init__(self, statements: BankStatements, payouts: Payouts, pay: PayClaim) -> None:
        self._statements = statements
        self._payouts = payouts
        self._pay = pay

    def __call__(self, day: date) -> Reconciled:
        """Reconcile one +08:00 day. Raises as `BankStatements.of_day`."""
        lines = self._statements.of_day(day)
        bounced: list[str] = []
        breaks: list[Break] = []
        for line in lines:
            fault = self._fault_of(line)
            if fault is not None:
                breaks.append(Break(line.reference, fault))
            elif line.kind is LineKind.RETURN:
                bounced.append(line.reference)
        breaks += [Break(payout_id, NOT_IN_STATEMENT) for payout_id in self._unproven(day, lines)]
        left_fen = sum(line.left_fen for line in lines)
        return Reconciled(len(lines), left_fen, tuple(bounced), tuple(breaks))

    def _unproven(self, day: date, lines: Sequence[BankLine]) -> list[str]:
        """Give the payouts we learned on the day to have succeeded, and that no statement has.

        The bank books before it tells us, and after a lost reply we learn late: so where the day's own statement
        lacks one, those before it are read, back to the day on which it was made.
        """
        settled = {payout.payout_id: payout for payout in self._payouts.settled_by_bank(day)}
        missing = set(settled) - _left(lines)
        oldest = min((china_day(settled[number].created_at) for number in missing), default=day)
        earlier = day - timedelta(days=1)
        while missing and earlier >= oldest:
            missing -= _left(self._statements.of_day(earlier))
            earlier -= timedelta(days=1)
        return sorted(missing)

    def _fault_of(self, line: BankLine) -> str | None:
        payout = self._payouts.find(line.reference)
        if payout is None or payout.channel is not Channel.BANK:
            return "NO_SUCH_PAYOUT"
        if payout.amount_fen != line.amount_fen:
            return "AMOUNT_DIFFERS"
        expected = {PayoutState.BOUNCED}
        if line.kind is LineKind.RETURN:
            state = self._pay.bounce(line.reference)
        else:
            expected |= {PayoutState.SUCCEEDED}
            state = self._settled(payout)
        return None if state in expected else f"PAYOUT_{state}"

    def _settled(self, payout: Payout) -> str:
        """Bring a payout to its end that the workflow gave up asking for, or that died before its record."""
        state = payout.state.value if payout.is_final else self._pay.confirm(payout.payout_id)
        return self._pay.post(payout.payout_id) if state == PayoutState.SUCCEEDED else state


def _left(lines: Sequence[BankLine]) -> set[str]:
    return {line.reference for line in lines if line.kind is LineKind.OUT}
