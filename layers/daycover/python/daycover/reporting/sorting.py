"""Sorts more rows than memory should hold: sorted runs in one scratch file, sixteen merged into one as they come."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import IO, NamedTuple

ROWS_A_RUN = 1_000
MERGED = 16
"""Runs of one level: so many of them become one of the next, and no more of each are ever open."""
BYTES_AT_ONCE = 1_024
"""Of each run while it is merged."""
AT_ONCE = 100
"""Rows in one write."""
BETWEEN = "\x1f"


class Row(NamedTuple):
    """A subject and its fen. `of` tells rows of one subject apart. Both are ids: printable, on one line."""

    subject: str
    of: str
    fen: int


class Sorted:
    """Rows by subject, whatever order they come in; `count` of them. May be read again and again, once they are in."""

    def __init__(self, scratch: Callable[[], IO[bytes]]) -> None:
        self.count = 0
        self._scratch = scratch
        self._file: IO[bytes] | None = None
        self._end = 0
        self._levels: list[list[tuple[int, int]]] = []
        self._last: list[Row] = []

    def add(self, subject: str, fen: int, of: str = "") -> None:
        self.count += 1
        self._last.append(Row(subject, of, fen))
        if len(self._last) >= ROWS_A_RUN:
            self._last.sort()
            self._put_down(self._last, 0)
            self._last = []

    def __iter__(self) -> Iterator[Row]:
        self._last.sort()
        return heapq.merge(*(self._run(*run) for level in self._levels for run in level), self._last)

    def _put_down(self, rows: Iterable[Row], level: int) -> None:
        """Write a run at the file's end; the sixteenth of a level takes the others up into the next."""
        start = self._end
        gathered: list[str] = []
        for row in rows:
            gathered.append(f"{row.subject}{BETWEEN}{row.of}{BETWEEN}{row.fen}\n")
            if len(gathered) == AT_ONCE:
                self._write("".join(gathered).encode())
                gathered.clear()
        self._write("".join(gathered).encode())
        if level == len(self._levels):
            self._levels.append([])
        self._levels[level].append((start, self._end))
        if len(self._levels[level]) == MERGED:
            runs, self._levels[level] = self._levels[level], []
            self._put_down(heapq.merge(*(self._run(*run) for run in runs)), level + 1)

    def _write(self, lines: bytes) -> None:
        """Runs are read from the same file while others are written to it."""
        if self._file is None:
            self._file = self._scratch()
        self._file.seek(self._end)
        self._file.write(lines)
        self._end += len(lines)

    def _run(self, place: int, end: int) -> Iterator[Row]:
        assert self._file is not None
        rest = b""
        while place < end:
            self._file.seek(place)
            chunk = self._file.read(min(BYTES_AT_ONCE, end - place))
            place += len(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                subject, of, fen = line.decode().split(BETWEEN)
                yield Row(subject, of, int(fen))
