"""What operations loaded beside the packaged tables, as far as rules know of it: a place that wiring fills.

A rule asks its table (`cover.versions.DatedTable`) for an instant, the table asks here. Nothing that rules import knows
a store, and no call site passes tables on.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol


class Loaded(Protocol):
    """Packaged and loaded versions as one. `table` is a DatedTable, and what is given one of its versions."""

    def at(self, table: Any, instant: datetime) -> Any: ...

    def get(self, table: Any, version: str) -> Any: ...


def _nothing() -> None:
    return None


source: Callable[[], Loaded | None] = _nothing
"""Who knows what was loaded; None where only packaged files are known, as in a test of rules."""
