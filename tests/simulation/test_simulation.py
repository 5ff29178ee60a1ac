"""A short run of the simulator: histories that hold, planted defects that don't, and whatever was ever found.

`make simulate SEEDS=…` plays as many as wanted (docs/security.md has the figures of the longest run).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulation import acts
from tests.simulation.history import Outcome, from_json, played, script
from tests.simulation.planted import PLANTED, Planted, uncovered
from tests.simulation.simulate import (
    BEGIN,
    DOCUMENT,
    END,
    RUNS,
    as_run,
    broken_by,
    in_lots,
    table,
    write_into_document,
)
from tests.simulation.watch import sentences

FOUND = sorted((Path(__file__).parent / "found").glob("*.json"))
"""Histories that broke an invariant once, shrunk; each file says what was wrong and how it was mended."""
LOT = 5


def held(outcome: Outcome) -> None:
    assert not outcome.violations, (outcome.script.seed, outcome.violations[0])


@pytest.mark.parametrize("first", range(0, 30, LOT))
def test_histories_hold(first: int) -> None:
    for seed in range(first, first + LOT):
        held(played(script(seed)))


@pytest.mark.parametrize("defect", PLANTED, ids=lambda one: one.name)
def test_planted_defect_is_found(defect: Planted) -> None:
    """At a seed that is known to find it; `make simulate` looks for it from any."""
    assert defect.invariant in broken_by(defect, script(defect.seed))


def test_every_invariant_has_a_planted_defect() -> None:
    assert uncovered() == set()
    assert all(sentence.endswith(".") for sentence in sentences().values())


@pytest.mark.parametrize("file", FOUND, ids=lambda one: one.stem)
def test_what_was_found_is_mended(file: Path) -> None:
    found = json.loads(file.read_text(encoding="utf-8"))
    assert {"found", "cause", "mended", "script"} <= found.keys()
    held(played(from_json(found["script"])))


def test_everybody_s_acts_are_known() -> None:
    assert len(acts.ACTS) >= 20
    assert all(doing.__doc__ for _, doing in acts.ACTS.values())


def test_figures_are_written_between_the_marks() -> None:
    report: dict[str, Any] = {
        "commit": "abc",
        "at": "2026-12-01T00:00:00+00:00",
        "seeds": [0, 9],
        "histories": 10,
        "steps": 12_345,
        "virtual_days": 70,
        "faults": {"LOST": 3},
        "failing": 0,
        "invariants": {"one": "Sentence."},
        "crash_points": {"issue": [5, 5]},
        "planted": {"a": {"seed": 3}},
        "seconds": 1.5,
    }
    runs = [as_run(report), as_run(report | {"seeds": [10, 39], "histories": 30, "failing": 2})]
    written = write_into_document(f"before\n{BEGIN}\nold\n{END}\nafter\n", runs)
    assert written == f"before\n{BEGIN}\n{table(runs)}\n{END}\nafter\n"
    assert "| `abc`, 2026-12-01 | 10 to 39 | 30 | 12,345 | 70 | 3 | 2 | 1.5 |" in written
    assert "| **all** |  | 40 | 24,690 | 140 | 6 | 2 | 3 |" in written
    assert BEGIN in DOCUMENT.read_text(encoding="utf-8")


def test_run_that_has_its_time_begins_no_other_lot() -> None:
    assert list(in_lots(range(30))) == [list(range(25)), list(range(25, 30))]
    assert list(in_lots(range(30), until=0)) == []


def test_figures_shown_are_those_of_the_runs_on_record() -> None:
    runs = json.loads(RUNS.read_text(encoding="utf-8"))
    text = DOCUMENT.read_text(encoding="utf-8")
    assert write_into_document(text, runs) == text
    assert not any(run["failing"] or run["commit"].endswith("+") for run in runs)
