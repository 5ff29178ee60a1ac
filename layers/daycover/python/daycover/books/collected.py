"""What a day's entries are to the insurer: its part of the premium that was sold, and of what was paid."""

from collections import Counter
from collections.abc import Iterable, Iterator

from daycover.books.journal import Account, Entry, Kind


class Collected:
    """Passes entries on and sums them; grows with accounts, never with entries."""

    def __init__(self) -> None:
        self._cover: Counter[Account] = Counter()
        self._payments: Counter[Account] = Counter()

    def watch(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            sums = self._payments if entry.kind is Kind.STATEMENT_PAID else self._cover
            for account, fen in entry.lines:
                sums[account] += fen
            yield entry

    def facts(self) -> dict[str, int]:
        return {
            "payable_fen": -self._cover[Account.PREMIUM_PAYABLE],
            "collected_fen": -self._payments[Account.COMPANY_RECEIVABLE],
            "remittable_fen": -self._payments[Account.REMITTANCE_DUE],
        }
