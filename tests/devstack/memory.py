"""How much memory a process and all it started hold."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

BOUND_GB = 1.5
"""After the journey: what a laptop can spare beside a browser and an editor."""
_GB = 1024**3


@dataclass(frozen=True)
class Memory:
    """Bytes held by some processes; a page that n of them share counts 1/n in each where `is_shared_out`."""

    held: int
    processes: int
    is_shared_out: bool

    @property
    def gigabytes(self) -> float:
        return round(self.held / _GB, 2)

    def __str__(self) -> str:
        if self.is_shared_out:
            return f"{self.gigabytes:.1f} GB (bound {BOUND_GB})"
        return f"{self.gigabytes:.1f} GB resident, shared pages counted anew in each process (bound not measured)"


def held_by(*roots: int) -> Memory:
    """Measure these processes and their descendants: proportional shares on Linux, resident sets elsewhere."""
    if sys.platform == "linux":
        parents = dict(_linux_parents())
        members = _family(roots, parents)
        shares = [share for process in members if (share := _proportional_share(process)) is not None]
        return Memory(sum(shares), len(shares), is_shared_out=True)
    table = subprocess.run(
        ["ps", "-ax", "-o", "pid=", "-o", "ppid=", "-o", "rss="], capture_output=True, text=True, check=True
    )
    rows = [tuple(map(int, line.split())) for line in table.stdout.splitlines()]
    members = _family(roots, {pid: parent for pid, parent, _ in rows})
    sizes = [kilobytes * 1024 for pid, _, kilobytes in rows if pid in members]
    return Memory(sum(sizes), len(sizes), is_shared_out=False)


def _family(roots: Iterable[int], parents: Mapping[int, int]) -> set[int]:
    family = set(roots)
    while True:
        born = {process for process, parent in parents.items() if parent in family} - family
        if not born:
            return family
        family |= born


def _linux_parents() -> Iterable[tuple[int, int]]:
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            # the name in parentheses may hold anything, spaces and parentheses included
            fields = (directory / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # ended while we looked
        yield int(directory.name), int(fields[1])


def private(process: int) -> int | None:
    """Return the bytes that no other process shares with this one; None where the system does not tell."""
    held = _rollup(process)
    return None if held is None else held["Private_Clean"] + held["Private_Dirty"]


def _proportional_share(process: int) -> int | None:
    held = _rollup(process)
    return None if held is None else held["Pss"]


def _rollup(process: int) -> dict[str, int] | None:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:  # ended while we looked, or no Linux
        return None
    fields = (line.split() for line in lines)
    return {name.removesuffix(":"): int(kilobytes) * 1024 for name, kilobytes, _ in fields}
