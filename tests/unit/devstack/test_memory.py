"""Memory is counted of a process and its descendants, shared pages once."""

import subprocess
import sys

import pytest

from tests.devstack.memory import Memory, held_by, private

MEGABYTE = 1024**2
linux = pytest.mark.skipif(sys.platform != "linux", reason="proportional shares are told on Linux only")

# a process with a child; both touch the 64 megabytes that they share, and the child 32 of its own
PROGRAM = """
import os, sys
shared = bytearray(os.urandom(1024)) * 65536
child = os.fork()
if not child:
    own = bytearray(os.urandom(1024)) * 32768
    print(os.getppid(), os.getpid(), flush=True)
sys.stdin.readline()
"""
STARTER = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"


@linux
def test_pages_that_processes_share_count_once_and_descendants_count() -> None:
    # never of this process: the stack of the end-to-end tests, whose workers come and go, may be its own
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdin is not None
        assert starter.stdout is not None
        parent, child = map(int, starter.stdout.readline().split())
        held, all_held = held_by(parent), held_by(starter.pid)
        assert held.processes == 2
        assert 96 * MEGABYTE < held.held < 140 * MEGABYTE
        assert all_held.processes == 3
        assert held.held < all_held.held < held.held + 40 * MEGABYTE
        assert 32 * MEGABYTE < (private(child) or 0) < 64 * MEGABYTE
        starter.stdin.close()


def test_memory_is_one_line_with_its_bound_or_says_what_was_not_measured() -> None:
    assert str(Memory(966_367_641, 70, is_shared_out=True)) == "0.9 GB (bound 1.5)"
    assert str(Memory(2_147_483_648, 70, is_shared_out=False)).startswith("2.0 GB resident")


def test_resident_sets_are_counted_where_shares_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdout.readline()
        held = held_by(parent.pid)
        parent.stdin.close()
    assert (held.processes, held.is_shared_out) == (2, False)
    assert held.held > 160 * MEGABYTE  # the 64 that both hold count twice
