"""Tables that change by version: each holds for a stretch of time, no two at once, and none is ever edited.

A packaged version is a file, `tables/<name>.<version>.json`; operations load others without a release
(`cover/load_tables.py`). Where the next one begins, the one before it ends. All stay for ever, because what was issued
under one is read by it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Generic, TypeVar, cast

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from daycover import loaded

TABLES = Path(__file__).parent / "tables"
Instant = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
"""No table holds near the ends of what a datetime can say, where its +08:00 day is out of range."""


class OverlappingVersionsError(ValueError):
    """Two versions of a table hold at one instant, or bear one name. Nothing starts with such tables."""


class Version(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One version of a table: it holds in [valid_from, valid_to), until the next one where there is no `valid_to`."""

    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$")]
    valid_from: Instant
    valid_to: Instant | None = None

    @model_validator(mode="after")
    def _lasts(self) -> "Version":
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError("valid_to 应晚于 valid_from", "valid_to must be after valid_from")
        return self

    def holds(self, instant: datetime) -> bool:
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)

    def fills_what(self, _held: "Version | None", /) -> bool:
        """Whether it may be loaded though it has begun: nothing that held until then says anything else."""
        return False


V = TypeVar("V", bound=Version)


class Versions(Generic[V]):
    """Every version of one table. Raises OverlappingVersionsError."""

    def __init__(self, *versions: V) -> None:
        ordered = sorted(versions, key=lambda version: version.valid_from)
        for at, (earlier, later) in enumerate(pairwise(ordered)):
            if earlier.valid_from == later.valid_from or (
                earlier.valid_to is not None and earlier.valid_to > later.valid_from
            ):
                raise OverlappingVersionsError(f"{earlier.version} and {later.version}")
            if earlier.valid_to is None:
                ordered[at] = earlier.model_copy(update={"valid_to": later.valid_from})
        self._ordered = ordered
        self._by_name = {version.version: version for version in ordered}
        if len(self._by_name) < len(versions):
            raise OverlappingVersionsError(f"two versions of one name: {[v.version for v in versions]}")

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


class DatedTable(Generic[V]):
    """One table: its packaged versions, and those that operations loaded where wiring knows of any."""

    def __init__(self, name: str, model: type[V], directory: Path = TABLES) -> None:
        self.name = name
        self.model = model
        self._directory = directory

    @cached_property
    def packaged(self) -> Versions[V]:
        """Read when first asked for: much imports a table and asks it nothing."""
        return read_versions(self.name, self.model, self._directory)

    def __iter__(self) -> Iterator[V]:
        """The packaged ones."""
        return iter(self.packaged)

    def at(self, instant: datetime) -> V | None:
        """The version that holds at an instant; None in a gap."""
        known = loaded.source()
        return self.packaged.at(instant) if known is None else cast("V | None", known.at(self, instant))

    def get(self, name: str) -> V | None:
        """The version of that name, whether or not it still holds. Raises TableUnreadableError."""
        known = loaded.source()
        return self.packaged.get(name) if known is None else cast("V | None", known.get(self, name))
