"""What must hold, whatever happens: one function for each sentence, judged after every step or at the end.

They read the items and the lines of the other side's account themselves, or through the stores; none of them asks
the product whether it is right.
"""

from tests.simulation import (
    books_invariants,
    cover_invariants,
    family_invariants,
    money_invariants,
    operations_invariants,
)
from tests.simulation.watch import END, STEP, Violation, Watch, sentences

__all__ = [
    "END",
    "STEP",
    "Violation",
    "Watch",
    "books_invariants",
    "cover_invariants",
    "family_invariants",
    "money_invariants",
    "operations_invariants",
    "sentences",
]
