"""Money that fits no payout of ours becomes a break item, so that it has an age, an owner and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from daycover.payouts.reconcile import Fault
from daycover.reporting.breaks import BreakKind, Difference, KeepBreaks


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepMoneyFaults:
    """Implements `payouts.reconcile.KeepFaults`."""

    keep: KeepBreaks

    def __call__(self, day: date, faults: Sequence[Fault]) -> int:
        found = [
            Difference(
                kind=BreakKind(fault.kind.value),
                day=day,
                subject=fault.reference,
                expected_fen=fault.expected_fen,
                found_fen=fault.found_fen,
                detail=fault.detail,
            )
            for fault in faults
        ]
        return self.keep(found)[1]
