"""Commands of `make check` side by side: one that fails is shown and ends the rest."""

import shlex
import sys
import time
from pathlib import Path

import pytest

from tests.devstack.side_by_side import main


def python(code: str) -> str:
    return shlex.join([sys.executable, "-S", "-c", code])


def test_each_command_is_one_line_when_all_succeed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([python("print('said')"), python("pass")]) == 0
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines()] == ["ok", "ok"]
    assert "said\n" not in told


def test_output_is_shown_and_nothing_else_begins_when_one_fails(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    late = tmp_path / "late"
    failing = python("import sys; print('what is wrong'); sys.exit(3)")
    slow = python("import time; time.sleep(0.5)")
    assert main([failing, slow, python(f"open({str(late)!r}, 'w')")]) == 1
    told = capsys.readouterr().out
    assert "\nwhat is wrong\n" in told
    assert "failed" in told
    assert not late.exists()


def test_two_run_at_once_when_there_are_two(tmp_path: Path) -> None:
    """Each waits for the other's file."""
    one, other = tmp_path / "one", tmp_path / "other"
    code = """
import pathlib, time
pathlib.Path({mine!r}).touch()
end = time.monotonic() + 20
while not pathlib.Path({theirs!r}).exists():
    assert time.monotonic() < end
    time.sleep(0.01)
"""
    begun = time.monotonic()
    pair = [(str(one), str(other)), (str(other), str(one))]
    assert main([python(code.format(mine=mine, theirs=theirs)) for mine, theirs in pair]) == 0
    assert time.monotonic() - begun < 20
