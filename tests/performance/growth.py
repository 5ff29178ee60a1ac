"""How a figure grows with a size, and what an act costs: function calls, calls to AWS, CPU."""

import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from math import log
from statistics import median
from types import FrameType
from typing import Any


def exponent(sizes: Iterable[int], figures: Iterable[float]) -> float:
    """Slope of the line through the points, both axes logarithmic (least squares)."""
    points = [(log(size), log(figure)) for size, figure in zip(sizes, figures, strict=True)]
    mean_x, mean_y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    slope: float = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum(
        (x - mean_x) ** 2 for x, _ in points
    )
    return slope


def function_calls(act: Callable[[], object]) -> int:
    """Calls of functions, those of the threads that it starts too."""
    made = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal made
        made += event in {"call", "c_call"}

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return made


def cpu_each(acts: Sequence[Callable[[int], object]], times: int) -> list[float]:
    """CPU of each act in seconds, the median of so many: one of each in turn, so that load falls on all alike."""
    taken: list[list[float]] = [[] for _ in acts]
    for at in range(times):
        for act, mine in zip(acts, taken, strict=True):
            before = time.process_time()
            act(at)
            mine.append(time.process_time() - before)
    return [median(mine) for mine in taken]
