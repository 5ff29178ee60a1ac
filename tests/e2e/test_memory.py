"""The local stack fits beside a browser and an editor, after everything has been called once."""

import os
import subprocess

import pytest

from tests.devstack.memory import BOUND_GB, held_by
from tests.devstack.report import Report

pytestmark = pytest.mark.stack


def guards_of_this_process() -> list[int]:
    """The guards of engine and simulators, which this test session started."""
    table = subprocess.run(
        ["ps", "-ax", "-o", "pid=", "-o", "ppid=", "-o", "command="],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(maxsplit=2) for line in table.stdout.splitlines()]
    return [
        int(pid)
        for pid, parent, *command in rows
        if int(parent) == os.getpid() and "tests.devstack.guard" in "".join(command)
    ]


def test_local_stack_keeps_its_memory_bound_when_everything_was_called(
    journey_report: Report, request: pytest.FixtureRequest
) -> None:
    """By `make run`'s own figure, or measured here: this process with its browser stands for the front door."""
    if request.config.getoption("--base-url", default=None) is not None:
        figure = journey_report.figures["memory_after_journey"]
        assert figure["gigabytes"] <= figure["bound"] == BOUND_GB
        return
    held = held_by(*guards_of_this_process())
    assert held.processes > 10
    assert held.gigabytes <= BOUND_GB
