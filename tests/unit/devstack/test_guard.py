"""Nothing that the local stack starts outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.devstack.layout import ROOT
from tests.devstack.processes import Child, base_environment

# a stubborn command with a child of its own; both write their process ids
COMMAND = [
    sys.executable,
    "-c",
    "import os, signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(os.getpid(), child.pid, flush=True)\n"
    "time.sleep(60)\n",
]


def process_ids(log: Path) -> list[int]:
    deadline = time.monotonic() + 20
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(word) for word in log.read_text().split()]


def assert_gone(process_id: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        # a killed grandchild stays a zombie where process 1 reaps nobody, as in a container
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True, check=False
        ).stdout.strip()
        if not state or state.startswith("Z"):
            return
        time.sleep(0.05)
    pytest.fail(f"process {process_id} is still there")


def test_stop_ends_the_command_and_its_children(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child(COMMAND, log=log, environment=base_environment(), grace=0.2)
    ids = process_ids(log)
    child.stop()
    child.stop()
    assert not child.running
    for process_id in ids:
        assert_gone(process_id)


def test_death_of_the_starter_ends_the_command_and_its_children(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = (
        "import os, time\nfrom pathlib import Path\nfrom tests.devstack.processes import Child\n"
        f"child = Child({COMMAND!r}, log=Path({str(log)!r}), environment=dict(os.environ), grace=0.2)\n"
        "time.sleep(60)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    ids = process_ids(log)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    for process_id in ids:
        assert_gone(process_id)


def test_exit_code_and_output_are_those_of_the_command(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child(
        [sys.executable, "-c", "print('said'); raise SystemExit(3)"], log=log, environment=base_environment()
    )
    assert child.wait() == 3
    assert log.read_text() == "said\n"


def test_developers_aws_settings_do_not_reach_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert not {"AWS_PROFILE", "PYTHONPATH"} & base_environment().keys()
