"""A step that reads, decides and writes may lose a race against another writer; then it begins again."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from daycover.errors import ConcurrentChangeError

TRIES = 5
"""In every round somebody succeeds, and few ever write the same claim."""

P = ParamSpec("P")
R = TypeVar("R")


def repeated_on_conflict(step: Callable[P, R]) -> Callable[P, R]:
    """Make `step`, which must be repeatable as a whole, begin again when its write was overtaken.

    For machines, and where beginning again weighs anew what was asked for: a person whose decision was overtaken must
    see what changed.
    """

    @wraps(step)
    def repeated(*arguments: P.args, **named: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            try:
                return step(*arguments, **named)
            except ConcurrentChangeError:
                continue
        return step(*arguments, **named)

    return repeated
