"""Run commands two at a time: `python -m tests.devstack.side_by_side "ruff check" "mypy --strict tests"`.

One line tells each that succeeded; of one that failed everything it said is shown, and the rest is not begun.
"""

import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

AT_ONCE = 2


class SideBySide:
    """What is still to be run, and what failed."""

    def __init__(self, commands: Sequence[str]) -> None:
        self.failed: list[str] = []
        self._waiting = list(commands)
        self._lock = threading.Lock()

    def run(self) -> None:
        runners = [threading.Thread(target=self._work) for _ in range(AT_ONCE)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()

    def _work(self) -> None:
        while (command := self._next()) is not None:
            started = time.monotonic()
            ran = subprocess.run(
                shlex.split(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            self._tell(command, time.monotonic() - started, ran)

    def _next(self) -> str | None:
        with self._lock:
            return self._waiting.pop(0) if self._waiting and not self.failed else None

    def _tell(self, command: str, seconds: float, ran: subprocess.CompletedProcess[bytes]) -> None:
        with self._lock:
            if ran.returncode:
                self.failed.append(command)
                sys.stdout.write(f"\n{ran.stdout.decode(errors='replace')}\n")
            sys.stdout.write(f"{'failed' if ran.returncode else 'ok':6} {seconds:5.1f} s  {command}\n")
            sys.stdout.flush()


def main(commands: Sequence[str]) -> int:
    """Run all; 1 when one failed."""
    work = SideBySide(commands)
    try:
        work.run()
    except KeyboardInterrupt:  # the commands got it as well; none may follow
        work.failed.append("interrupted")
        return 130
    return 1 if work.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
