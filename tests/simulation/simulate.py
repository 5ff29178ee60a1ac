"""`make simulate SEEDS=1000`: play histories, crash points and planted defects; write .local/simulation.json.

SEEDS is how many, or a range like 5000-5999; with MINUTES no history begins after so many, and the report says which
seeds were played. A history that breaks an invariant is shrunk and shown; its seed and this commit play it again.
With DOCS=1 the run is added to docs/simulation.json, which keeps every run, and docs/security.md shows their figures.
"""

import argparse
import json
import subprocess
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from math import inf
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
RUNS = ROOT / "docs" / "simulation.json"
"""Runs that were recorded, by commit: what a longer run would say is the sum of shorter ones of other seeds."""
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
    raised: list[str] = field(default_factory=list)
    """Seeds at which the simulator itself failed, and how."""

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
        self.raised += other.raised


def play_all(seeds: Iterable[int]) -> Totals:
    totals = Totals()
    for seed in seeds:
        try:
            totals.add(played(script(seed)))
        except Exception as error:  # a night's run goes on and says so
            totals.raised.append(f"seed {seed}: {error!r}")
    return totals


def killed_at(name: str) -> int | None:
    """Give the seed whose history a planted defect breaks: the one that is known, or the first; None if none of the
    bounded number does."""
    defect = next(one for one in PLANTED if one.name == name)
    seeds = (defect.seed, *range(defect.seeds))
    return next((seed for seed in seeds if defect.invariant in broken_by(defect, script(seed))), None)


def broken_by(defect: Planted, chosen: Script) -> set[str]:
    with planted(defect):
        return {violation.invariant for violation in played(chosen).violations}


def in_lots(seeds: Iterable[int], until: float = inf) -> Iterator[list[int]]:
    """No lot begins after `until`, in seconds of the monotonic clock."""
    left = iter(seeds)
    while time.monotonic() < until and (lot := list(islice(left, AT_ONCE))):
        yield lot


def played_in_order(pool: Executor, lots: Iterable[list[int]], ahead: int) -> Iterator[Totals]:
    """What came of the lots, in their order; no more than `ahead` are under way."""
    under_way = deque[Future[Totals]]()
    for lot in lots:
        under_way.append(pool.submit(play_all, lot))
        if len(under_way) >= ahead:
            yield under_way.popleft().result()
    for last in under_way:
        yield last.result()


def simulate(wanted: range, processes: int, minutes: float = inf) -> dict[str, Any]:
    """Play everything; gives what the report holds."""
    began = time.monotonic()
    totals = Totals()
    with ProcessPoolExecutor(processes) as pool:
        lots = in_lots(wanted, began + minutes * 60)
        for done, part in enumerate(played_in_order(pool, lots, 2 * processes), 1):
            totals.take(part)
            for said in (*part.raised, *(f"seed {seed}: an invariant is broken" for seed in part.failing)):
                print(said, flush=True)
            if done % 40 == 0:
                print(f"{totals.histories} histories, {len(totals.failing)} failing", flush=True)
        seeds = wanted[: totals.histories + len(totals.raised)]
        names = [defect.name for defect in PLANTED]
        killed = dict(zip(names, pool.map(killed_at, names), strict=True))
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
        "raised": totals.raised,
        "invariants": sentences(),
        "crash_points": {cover.journey: [cover.covered, cover.total] for cover in covers},
        "crash_problems": [problem for cover in covers for problem in cover.problems],
        "planted": {name: {"seed": seed} for name, seed in killed.items()},
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
    """The commit that is checked out; with a plus where something was changed since."""
    commit, changed = (
        subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        for words in (("rev-parse", "HEAD"), ("status", "--porcelain"))
    )
    return commit[:12] + ("+" if changed else "")


def points(report: dict[str, Any]) -> tuple[int, int]:
    """Crash points covered, and all there are."""
    pairs = report["crash_points"].values()
    return sum(covered for covered, _ in pairs), sum(total for _, total in pairs)


def summary(report: dict[str, Any]) -> str:
    covered, total = points(report)
    killed = sum(1 for one in report["planted"].values() if one["seed"] is not None)
    first, last = report["seeds"]
    return (
        f"seeds {first} to {last}: {report['histories']:,} histories, {report['steps']:,} steps, "
        f"{report['virtual_days']:,} virtual days, {sum(report['faults'].values()):,} faults; "
        f"{report['failing']} violations; crash points {covered} of {total}; "
        f"planted defects {killed} of {len(report['planted'])} killed; {report['seconds']:,} s"
    )


A_NIGHT = 100_000
"""Histories that are wanted of one commit before money goes through it."""
COLUMNS = "histories", "steps", "virtual_days", "faults", "failing", "seconds"


def as_run(report: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a run."""
    covered, total = points(report)
    killed = [one["seed"] for one in report["planted"].values() if one["seed"] is not None]
    kept = {name: report[name] for name in ("commit", "at", "seeds", *COLUMNS)}
    return kept | {
        "faults": sum(report["faults"].values()),
        "invariants": len(report["invariants"]),
        "crash_points": [covered, total],
        "planted": [len(killed), len(report["planted"])],
        "highest_seed": max(killed, default=0),
    }


def table(runs: list[dict[str, Any]]) -> str:
    """The figures as docs/security.md shows them: each run, their sum, and what the last one says beside."""
    head = "Commit, day", "Seeds", "Histories", "Steps", "Virtual days", "Faults", "Violations", "Seconds"
    rows = [
        (
            f"`{run['commit']}`, {run['at'][:10]}",
            "{} to {}".format(*run["seeds"]),
            *(f"{run[name]:,}" for name in COLUMNS),
        )
        for run in runs
    ]
    sums = [round(sum(run[name] for run in runs)) for name in COLUMNS]
    rows.append(("**all**", "", *(f"{one:,}" for one in sums)))
    last, per_history = runs[-1], sum(run["seconds"] for run in runs) / sum(run["histories"] for run in runs)
    return "\n".join(
        (
            _line(head),
            _line(("---", "---", *("---:" for _ in COLUMNS))),
            *(_line(row) for row in rows),
            "",
            "The last of them judged {} invariants, covered {} of {} crash points, and killed {} of {} planted "
            "defects at seeds up to {}. As fast as they were, {:,} histories take {:.0f} hours.".format(
                last["invariants"],
                *last["crash_points"],
                *last["planted"],
                last["highest_seed"],
                A_NIGHT,
                per_history * A_NIGHT / 3600,
            ),
        )
    )


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write_into_document(text: str, runs: list[dict[str, Any]]) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(runs)}\n{END}{after}"


def record(report: dict[str, Any]) -> None:
    """Add a run to those that are kept, and show them."""
    runs = json.loads(RUNS.read_text(encoding="utf-8")) if RUNS.exists() else []
    runs.append(as_run(report))
    RUNS.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(write_into_document(text, runs), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="?", default="200")
    parser.add_argument("--minutes", type=float, default=inf)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--docs", action="store_true")
    said = parser.parse_args()
    first, dash, last = said.seeds.partition("-")
    seeds = range(int(first), int(last) + 1) if dash else range(int(first))
    report = simulate(seeds, said.processes, said.minutes)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(summary(report))
    for violation in report["violations"]:
        print(f"seed {violation['seed']}: {violation['invariant']}: {violation['about']}")
    for problem in report["crash_problems"]:
        print(problem)
    for name, one in report["planted"].items():
        if one["seed"] is None:
            print(f"planted {name}: not killed")
    if said.docs:
        record(report)
    covered, total = points(report)
    is_whole = covered == total and all(one["seed"] is not None for one in report["planted"].values())
    return int(bool(report["failing"] or report["raised"]) or not is_whole)


if __name__ == "__main__":
    raise SystemExit(main())
