"""Run one command and let nothing of it outlive us: `python -m tests.devstack.guard GRACE COMMAND…`.

Standard input is a pipe that the starter holds: it closes when the starter stops us and also when the starter
is killed, which nothing else tells us on both Debian and macOS. Then the command gets SIGTERM, and after
GRACE seconds its whole process group gets SIGKILL. Children that it left behind go the same way.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from types import FrameType


def main(grace: float, command: list[str]) -> int:
    """Run the command until it ends or we are told to stop; return its exit code."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)

    def wait_for_starter() -> None:
        # the descriptor itself: a buffered reader blocked here would hold its lock at interpreter exit
        while os.read(0, 1024):
            pass
        stop.set()

    def wait_for_child() -> None:
        child.wait()
        stop.set()

    for work in (wait_for_starter, wait_for_child):
        threading.Thread(target=work, daemon=True).start()
    stop.wait()
    if child.poll() is None:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(grace)
    with suppress(OSError):  # nobody left in the group, the usual case
        os.killpg(child.pid, signal.SIGKILL)
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
