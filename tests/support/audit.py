"""Compare every pin with published advisories: `make audit ADVISORIES=directory`.

The directory holds advisories in the form of OSV (https://ossf.github.io/osv-schema/), one a file: what osv.dev
exports for PyPI, unpacked, or a clone of PyPA's advisory database. Nothing is fetched, and without data nothing is
called clean.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.devstack.layout import ROOT
from tests.support.sbom import DEPLOYED, Pin, pins_of

FILES = (DEPLOYED, *sorted((ROOT / "tests" / "requirements").glob("*.txt")))
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Leaves everything text: 1.10 is a version and no number."""
Advisory = Mapping[str, Any]


class Found(NamedTuple):
    """A pin that an advisory speaks of."""

    file: str
    pin: Pin
    advisory: str
    summary: str


class Advisories:
    """Those of a directory, by package."""

    def __init__(self, advisories: Iterable[Advisory]) -> None:
        self.count, self.newest = 0, ""
        self._of: dict[str, list[tuple[Advisory, Mapping[str, Any]]]] = defaultdict(list)
        for advisory in advisories:
            self.count += 1
            self.newest = max(self.newest, str(advisory.get("modified") or "")[:10])
            for affected in advisory.get("affected") or () if not advisory.get("withdrawn") else ():
                package = affected.get("package") or {}
                if package.get("ecosystem") == "PyPI":
                    self._of[canonicalize_name(package["name"])].append((advisory, affected))

    @property
    def packages(self) -> int:
        return len(self._of)

    def knows(self, pin: Pin) -> bool:
        """Whether any advisory speaks of the package, in whatever version."""
        return pin.name in self._of

    def of(self, pin: Pin) -> Iterator[Advisory]:
        """Give those that speak of this very version."""
        seen = set()
        for advisory, affected in self._of.get(pin.name, ()):
            if advisory["id"] not in seen and is_affected(Version(pin.version), affected):
                seen.add(advisory["id"])
                yield advisory


def is_affected(version: Version, affected: Mapping[str, Any]) -> bool:
    """Evaluate as OSV's schema says: a version is listed, or stands in a range of the ecosystem's order."""
    if any(_same(version, listed) for listed in affected.get("versions") or ()):
        return True
    ranges = (one for one in affected.get("ranges") or () if one.get("type") == "ECOSYSTEM")
    return any(_in_range(version, one.get("events") or ()) for one in ranges)


def _in_range(version: Version, events: Iterable[Mapping[str, str]]) -> bool:
    def at(event: Mapping[str, str]) -> tuple[Version, int]:
        ((kind, said),) = event.items()
        return (Version("0.dev0") if said == "0" else Version(said)), kind == "last_affected"

    inside = False
    for event in sorted((event for event in events if "limit" not in event), key=at):
        (kind,) = event
        edge, _ = at(event)
        if kind == "introduced" and version >= edge:
            inside = True
        elif (kind == "fixed" and version >= edge) or (kind == "last_affected" and version > edge):
            inside = False
    return inside


def _same(version: Version, listed: str) -> bool:
    try:
        return Version(listed) == version
    except InvalidVersion:
        return False


def read(directory: Path) -> Iterator[Advisory]:
    """Read each advisory of a directory and those beneath it."""
    for path in sorted(directory.rglob("*")):
        if path.suffix == ".json":
            advisory = json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix in {".yaml", ".yml"}:
            advisory = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
        else:
            continue
        if isinstance(advisory, dict) and "id" in advisory and "affected" in advisory:
            yield advisory


def audit(advisories: Advisories, files: Mapping[str, Iterable[Pin]]) -> Iterator[Found]:
    """Give every pin of the files that an advisory speaks of."""
    for file, pins in files.items():
        for pin in pins:
            for advisory in advisories.of(pin):
                yield Found(file, pin, advisory["id"], str(advisory.get("summary") or "")[:100])


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(arguments: list[str]) -> int:
    """Print what was compared and what was found; 1 when anything was, 2 when there was nothing to compare with."""
    advisories = Advisories(read(Path(arguments[0])) if arguments and Path(arguments[0]).is_dir() else ())
    if not advisories.count:
        tell("error: no advisories: unpack the PyPI export of osv.dev and name it: make audit ADVISORIES=…")
        return 2
    files = {str(file.relative_to(ROOT)): pins_of(file) for file in FILES}
    pins = {(pin.name, pin.version) for of_file in files.values() for pin in of_file}
    known = {pin.name for of_file in files.values() for pin in of_file if advisories.knows(pin)}
    tell(
        f"{advisories.count} advisories of {advisories.packages} packages, the newest of {advisories.newest}; "
        f"{len(pins)} pins of {len(files)} files, {len(known)} packages of them have advisories"
    )
    found = list(audit(advisories, files))
    for one in found:
        tell(f"{one.file}: {one.pin.name} {one.pin.version}: {one.advisory} {one.summary}")
    tell(f"{len(found)} pins are spoken of" if found else "no pin is spoken of")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
