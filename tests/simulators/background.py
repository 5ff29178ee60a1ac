"""Work that goes on after the answer was sent, and that must end when the simulator stops."""

import threading
from collections.abc import Callable


class Background:
    """Threads that wait only through `pause`, so that `stop` ends them at once."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()

    def run(self, work: Callable[[], None]) -> None:
        """Start `work` on a thread of its own; do nothing when already stopping."""

        def run_and_forget() -> None:
            try:
                work()
            finally:
                with self._lock:
                    self._threads.discard(threading.current_thread())

        with self._lock:
            if self._stopping.is_set():
                return
            thread = threading.Thread(target=run_and_forget, daemon=True)
            self._threads.add(thread)
            # Started under the lock: `stop` must never find a thread that it cannot join yet.
            thread.start()

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        """Run `work` once `seconds` of real time have passed, unless the simulator stops before."""

        def wait_and_work() -> None:
            if self.pause(seconds):
                work()

        self.run(wait_and_work)

    def pause(self, seconds: float) -> bool:
        """Wait; return False when the simulator is stopping and the caller should give up."""
        return not self._stopping.wait(seconds)

    def stop(self, join_seconds: float = 6.0) -> None:
        """Wake every pause and wait for the threads; the limit is just above one callback time-out."""
        with self._lock:
            self._stopping.set()
            threads = list(self._threads)
        for thread in threads:
            thread.join(join_seconds)
