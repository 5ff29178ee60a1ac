"""Waiting for what happens on its own (queues, streams, workflows, callbacks), always with an end."""

import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_PAUSE = 0.15


class NeverHappenedError(Exception):
    """What was waited for did not happen in time; the text says what was seen last."""


def eventually(
    look: Callable[[], _T], wanted: Callable[[_T], bool], what: str, *, seconds: float = 45.0
) -> _T:
    """Look again until it is as wanted. Raises NeverHappenedError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if wanted(seen):
            return seen
        if time.monotonic() > deadline:
            raise NeverHappenedError(f"{what}: not within {seconds:.0f} s, last seen {seen!r}")
        time.sleep(_PAUSE)
