"""What the journal's entries come to, account by account: the oracle of the tests that follow money."""

from collections import Counter
from collections.abc import Iterable

from daycover.books.journal import Account, Entry


def balances(entries: Iterable[Entry]) -> Counter[Account]:
    """Fold entries into the balance of each account, in one pass. They sum to zero at every point."""
    totals: Counter[Account] = Counter()
    for entry in entries:
        for account, fen in entry.lines:
            totals[account] += fen
    return totals
