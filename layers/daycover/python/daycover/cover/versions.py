"""Tables that change by version: each holds for a stretch of time, no two at once, and none is ever edited.

A table is a file, `tables/<name>.<version>.json`. A new version is a new file; the one before it gets its
`valid_to`, and stays for ever, because what was issued under it is read by it.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, model_validator

TABLES = Path(__file__).parent / "tables"


class OverlappingVersionsError(ValueError):
    """Two versions of a table hold at one instant, or bear one name. Nothing starts with such tables."""


class Version(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One version of a table: it holds in [valid_from, valid_to), for ever where there is no `valid_to`."""

    version: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None

    @model_validator(mode="after")
    def _lasts(self) -> "Version":
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("valid_to must be after valid_from")
        return self

    def holds(self, instant: datetime) -> bool:
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)


V = TypeVar("V", bound=Version)


class Versions(Generic[V]):
    """Every version of one table. Raises OverlappingVersionsError."""

    def __init__(self, *versions: V) -> None:
        self._ordered = sorted(versions, key=lambda version: version.valid_from)
        self._by_name = {version.version: version for version in versions}
        if len(self._by_name) < len(versions):
            raise OverlappingVersionsError(f"two versions of one name: {[v.version for v in versions]}")
        for earlier, later in pairwise(self._ordered):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                raise OverlappingVersionsError(f"{earlier.version} and {later.version}")

    def __iter__(self) -> Iterator[V]:
        return iter(self._ordered)

    def at(self, instant: datetime) -> V | None:
        """The version that holds at an instant; None in a gap."""
        return next((version for version in self._ordered if version.holds(instant)), None)

    def get(self, name: str) -> V | None:
        """The version of that name, whether or not it still holds."""
        return self._by_name.get(name)


def read_versions(name: str, model: type[V], directory: Path = TABLES) -> Versions[V]:
    """Read every version of a table. Raises pydantic's ValidationError, OverlappingVersionsError."""
    return Versions(
        *(
            model.model_validate_json(path.read_text(encoding="utf-8"))
            for path in sorted(directory.glob(f"{name}.*.json"))
        )
    )
