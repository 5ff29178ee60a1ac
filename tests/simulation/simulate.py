"""`make simulate SEEDS=1000`: play histories, crash points and planted defects; write .local/simulation.json.

SEEDS is how many, or a range like 5000-5999. A history that breaks an invariant is shrunk and shown; its seed and
this commit play it again. With DOCS=1 the figures are written into docs/security.md.
"""

import argparse
import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from tests.simulation import acts as _acts  # noqa: F401 - what everybody does registers itself
from tests.simulation.crash import cover_all
from tests.simulation.history import Outcome, Script, as_json, played, script
from tests.simulation.invariants import sentences
from tests.simulation.planted import PLANTED, Planted, planted
from tests.simulation.shrink import shrunk

ROOT = Path(__file__).parents[2]
REPORT = ROOT / ".local" / "simulation.json"
DOCUMENT = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- simulate -->", "<!-- /simulate -->"
AT_ONCE = 25
"""Histories in one task of a process."""


@dataclass(slots=True)
class Totals:
    histories: int = 0
    steps: int = 0
    virtual_days: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    failing: list[str] = field(default_factory=list)
    """Seeds whose history broke an invariant."""

    def add(self, outcome: Outcome) -> None:
        self.histories += 1
        self.steps += outcome.steps
        self.virtual_days += outcome.virtual_days
        self.faults.update(outcome.faults)
        if outcome.violations:
            self.failing.append(outcome.script.seed)

    def take(self, other: "Totals") -> None:
        self.histories += other.histories
        self.steps += other.steps
        self.virtual_days += other.virtual_days
        self.faults.update(other.faults)
        self.failing += other.failing


def play_all(seeds: Iterable[int]) -> Totals:
    totals = Totals()
    for seed in seeds:
        totals.add(played(script(seed)))
    return totals


def killed_at(name: str, first: int, most: int | None = None) -> int | None:
    """Give after how many histories from seed `first` on a planted defect broke its invariant; None if it did not."""
    defect = next(one for one in PLANTED if one.name == name)
    for number in range(most or defect.seeds):
        if defect.invariant in broken_by(defect, script(first + number)):
            return number + 1
    return None


def broken_by(defect: Planted, chosen: Script) -> set[str]:
    with planted(defect):
        return {violation.invariant for violation in played(chosen).violations}


def in_lots(seeds: Iterable[int]) -> Iterator[list[int]]:
    left = iter(seeds)
    while lot := list(islice(left, AT_ONCE)):
        yield lot


def simulate(seeds: range, processes: int) -> dict[str, Any]:
    """Play everything; gives what the report holds."""
    began = time.monotonic()
    totals = Totals()
    with ProcessPoolExecutor(processes) as pool:
        for done, part in enumerate(pool.map(play_all, in_lots(seeds)), 1):
            totals.take(part)
            if done % 40 == 0:
                print(f"{totals.histories} histories, {len(totals.failing)} failing", flush=True)
        names = [defect.name for defect in PLANTED]
        killed = dict(zip(names, pool.map(killed_at, names, [seeds.start] * len(names)), strict=True))
    covers = cover_all(processes)
    return {
        "commit": _commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seeds": [seeds.start, seeds.stop - 1],
        "histories": totals.histories,
        "steps": totals.steps,
        "virtual_days": round(totals.virtual_days),
        "faults": dict(sorted(totals.faults.items())),
        "violations": [_violation(seed) for seed in totals.failing[:5]],
        "failing": len(totals.failing),
        "invariants": sentences(),
        "crash_points": {cover.journey: [cover.covered, cover.total] for cover in covers},
        "crash_problems": [problem for cover in covers for problem in cover.problems],
        "planted": {name: {"histories": after} for name, after in killed.items()},
        "seconds": round(time.monotonic() - began, 1),
    }


def _violation(seed: str) -> dict[str, Any]:
    small, outcome = shrunk(script(seed))
    first = outcome.violations[0]
    return {
        "seed": seed,
        "invariant": first.invariant,
        "about": first.about,
        "at": first.at.isoformat(),
        "script": as_json(small),
    }


def _commit() -> str:
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip()[:12]


def points(report: dict[str, Any]) -> tuple[int, int]:
    """Crash points covered, and all there are."""
    pairs = report["crash_points"].values()
    return sum(covered for covered, _ in pairs), sum(total for _, total in pairs)


def summary(report: dict[str, Any]) -> str:
    covered, total = points(report)
    killed = sum(1 for one in report["planted"].values() if one["histories"] is not None)
    first, last = report["seeds"]
    return (
        f"seeds {first} to {last}: {report['histories']:,} histories, {report['steps']:,} steps, "
        f"{report['virtual_days']:,} virtual days, {sum(report['faults'].values()):,} faults; "
        f"{report['failing']} violations; crash points {covered} of {total}; "
        f"planted defects {killed} of {len(report['planted'])} killed; {report['seconds']:,} s"
    )


def table(report: dict[str, Any]) -> str:
    """The figures as docs/security.md shows them."""
    covered, total = points(report)
    killed = [one["histories"] for one in report["planted"].values() if one["histories"] is not None]
    rows = [
        ("Commit, day", f"`{report['commit']}`, {report['at'][:10]}"),
        ("Seeds", "{} to {}".format(*report["seeds"])),
        ("Histories", f"{report['histories']:,}"),
        ("Steps", f"{report['steps']:,}"),
        ("Virtual days", f"{report['virtual_days']:,}"),
        ("Faults", f"{sum(report['faults'].values()):,}"),
        ("Invariants, violations", f"{len(report['invariants'])}, {report['failing']}"),
        ("Crash points covered, total", f"{covered}, {total}"),
        ("Planted defects killed, total", f"{len(killed)}, {len(report['planted'])}"),
        ("Histories until the last of them was killed", f"{max(killed, default=0)}"),
        ("Seconds", f"{report['seconds']:,}"),
    ]
    return "\n".join(("| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)))


def write_into_document(text: str, report: dict[str, Any]) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(report)}\n{END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="?", default="200")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--docs", action="store_true")
    said = parser.parse_args()
    first, dash, last = said.seeds.partition("-")
    seeds = range(int(first), int(last) + 1) if dash else range(int(first))
    report = simulate(seeds, said.processes)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(summary(report))
    for violation in report["violations"]:
        print(f"seed {violation['seed']}: {violation['invariant']}: {violation['about']}")
    for problem in report["crash_problems"]:
        print(problem)
    for name, one in report["planted"].items():
        if one["histories"] is None:
            print(f"planted {name}: not killed")
    if said.docs:
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(write_into_document(text, report), encoding="utf-8")
    covered, total = points(report)
    is_whole = covered == total and all(one["histories"] for one in report["planted"].values())
    return int(bool(report["failing"]) or not is_whole)


if __name__ == "__main__":
    raise SystemExit(main())
