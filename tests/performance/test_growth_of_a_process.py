"""What the day's machines take as whole processes, on their own stores: interpreter, libraries and botocore included.

Time is counted in function calls. `make bench` goes on to 100,000 policies and prints the table.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.devstack.layout import ROOT
from tests.performance.growth import exponent
from tests.performance.large_day import MACHINES, Took, prepare

FIGURES = bool(os.environ.get("SHOW_FIGURES"))
SIZES = (1_000, 10_000, 100_000) if FIGURES else (1_000, 10_000)
MOST_TIME, MOST_MEMORY = 1.1, 0.05
MOST_BYTES = 256 * 1024 * 1024
AWS = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}


def run(folder: Path, machine: str) -> Took:
    done = subprocess.run(
        [sys.executable, "-m", "tests.performance.large_day", str(folder), machine],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | AWS | {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/daycover/python'}"},
    )
    assert not done.returncode, done.stderr
    return Took(*json.loads(done.stdout))


def test_process_of_a_machine_is_as_small_for_a_large_day_as_for_a_small_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    took: dict[str, list[Took]] = {machine: [] for machine in MACHINES}
    for size in SIZES:
        folder = tmp_path / str(size)
        folder.mkdir()
        prepare(folder, size)
        for machine, each in took.items():  # the statement and the file of one are read by the next
            each.append(run(folder, machine))
    for machine, each in took.items():
        assert tuple(one.policies for one in each) == SIZES
        memory = exponent(SIZES, [one.peak for one in each])
        time = exponent(SIZES, [one.calls for one in each])
        if FIGURES:
            with capsys.disabled():
                shown = ", ".join(
                    f"{one.policies:,}: {one.calls / one.policies:.0f} calls a policy, {one.peak / 1e6:.0f} MB"
                    for one in each
                )
                print(f"\n{machine}, whole process: time {time:.3f}, memory {memory:.3f} ({shown})", end="")
        assert time <= MOST_TIME, machine
        assert memory <= MOST_MEMORY, machine
        assert max(one.peak for one in each) <= MOST_BYTES, machine
