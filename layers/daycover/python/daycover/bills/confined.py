"""A reader in a process of its own, which ends with its bounds: for formats whose libraries give none.

A PDF may loop, a picture may crash the code that unpacks it; what they say comes back as JSON and is checked anew.
The process is a fork: Lambda has no shared memory for pools, and a fresh interpreter would load everything again.
"""

import os
import resource
import select
import signal
import time
from collections.abc import Callable

from pydantic import BaseModel, ValidationError

from daycover.claims.bill import BillElements, BillFault, ReadFile

SECONDS = 10.0
"""Of wall clock and of CPU; a bill of any form takes less than one."""
MOST_MEMORY = 384 * 1024 * 1024
"""Bytes beyond what the parent has: the largest picture unpacked, and its grey copies."""
_MOST_ANSWER = 1024 * 1024
_READ_BYTES = 65_536


Reader = Callable[[bytes], ReadFile]


class _Confined(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    bills: tuple[BillElements, ...]
    faults: tuple[BillFault, ...]


def confined(read: Reader, content: bytes, seconds: float = SECONDS) -> ReadFile:
    """Read in a process of its own. HOSTILE when it took more than its bounds, UNREADABLE when the reader raised."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        _read_and_leave(read, content, send, seconds)
    os.close(send)
    try:
        answer = _received(receive, time.monotonic() + seconds)
    finally:
        os.close(receive)
        # it has nothing to lose, and whoever still runs is beyond its time
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if answer is None:
        return ReadFile(faults=(BillFault.HOSTILE,))
    try:
        found = _Confined.model_validate_json(answer)
    except ValidationError:
        return ReadFile(faults=(BillFault.HOSTILE,))  # it was killed while it wrote, or by its bounds
    return ReadFile(found.bills, found.faults)


def _read_and_leave(read: Reader, content: bytes, send: int, seconds: float) -> None:
    """The child's whole life; it leaves without anything that the parent would do at its end."""
    try:
        _limit(seconds)
        try:
            found = read(content)
        except MemoryError:
            found = ReadFile(faults=(BillFault.HOSTILE,))
        except Exception:  # whatever a library makes of a damaged file
            found = ReadFile(faults=(BillFault.UNREADABLE,))
        answer = _Confined(bills=found.bills, faults=found.faults).model_dump_json().encode()
        while answer:
            answer = answer[os.write(send, answer) :]
    finally:
        os._exit(0)


def _limit(seconds: float) -> None:
    whole = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            held = int(pages.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MOST_MEMORY, held + MOST_MEMORY))
    except (OSError, ValueError):
        pass  # macOS has neither the file nor the limit; time still ends it


def _received(receive: int, until: float) -> bytes | None:
    """Give all that the child writes until it closes; None when that takes too long or is too much."""
    answer = b""
    while len(answer) <= _MOST_ANSWER:
        ready, _, _ = select.select([receive], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        piece = os.read(receive, _READ_BYTES)
        if not piece:
            return answer
        answer += piece
    return None
