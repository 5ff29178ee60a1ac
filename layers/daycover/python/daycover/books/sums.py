"""What a day that still runs comes to, without reading its entries: sums that the stream's consumer raises with the
running figure of credit, once for each company and batch.

They are what the running figure is: a crash between journal and sums can lose a batch, a lost reply can count one
twice, and either error ends when the day is closed and its entries are summed. A day of few lines is summed from
its entries while it runs as well. A policy that was posted late and ends on the day that carries it counts as two
lines until then: neither entry knows of the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from daycover.books.journal import Entry, Kind

Sums = Mapping[str, int]
"""By name: `lines`, `policies`, `premium_fen`, `corrections`, `corrections_fen`, `insured`, and of each class and plan
`n_<class>_<plan>` and `fen_<class>_<plan>`."""


def sums_of(entries: Iterable[Entry]) -> dict[str, int]:
    """Give what entries of policies add to the sums of the statement that carries them; others add nothing."""
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        if entry.cover is None:
            continue
        cover, fen = entry.cover, entry.receivable_fen
        is_issue = entry.kind is Kind.POLICY_ISSUED
        # an ending stands on the line of its own policy where the same statement carries that
        has_line = not is_issue and cover.day == entry.statement_day
        is_correction = entry.is_late if is_issue else not has_line
        people = _people(entry, has_line=has_line)
        for name, amount in (
            ("lines", int(not has_line)),
            ("policies", people),
            ("premium_fen", fen),
            ("corrections", int(is_correction)),
            ("corrections_fen", fen if is_correction else 0),
            ("insured", 0 if is_correction else people),
            (f"n_{cover.occupation_class}_{cover.plan_id}", people),
            (f"fen_{cover.occupation_class}_{cover.plan_id}", fen),
        ):
            sums[name] += amount
    return {name: amount for name, amount in sums.items() if amount}


def _people(entry: Entry, *, has_line: bool) -> int:
    """A policy counts when it is issued, and no more when its whole premium goes back on the same statement."""
    assert entry.cover is not None
    if entry.kind is Kind.POLICY_ISSUED:
        return int(entry.receivable_fen > 0)
    return -int(has_line and entry.cover.due_fen <= 0)
