"""When clients of an open loop come, and what their waiting says: no I/O, no clock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import median


def poisson(rate: float, count: int, seed: int) -> list[float]:
    """Give the seconds from the start at which `count` clients come who know nothing of each other, `rate` a second.

    The same seed gives the same crowd, at any rate in the same proportions.
    """
    if rate <= 0:
        raise ValueError("nobody comes at that rate")
    draw, at = Random(seed), 0.0
    moments = []
    for _ in range(count):
        at += draw.expovariate(1.0) / rate
        moments.append(at)
    return moments


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest of the values that at least `share` of all do not exceed (nearest rank)."""
    if not values or not 0 < share <= 1:
        raise ValueError("no values, or no share of them")
    return sorted(values)[math.ceil(share * len(values)) - 1]


@dataclass(frozen=True, slots=True)
class Served:
    """One client of an open loop, in seconds from the start of the run."""

    planned: float
    began: float
    ended: float

    @property
    def latency(self) -> float:
        """From the planned arrival: a client that we could not even send out in time has waited as well."""
        return self.ended - self.planned


@dataclass(frozen=True, slots=True)
class Pair:
    """Requests a second of one route and of the yardstick, taken around it with as many clients."""

    route: float
    yardstick: float


def ratio(pairs: Sequence[Pair]) -> float:
    """Give the median of the pairs' ratios; a machine that slows down slows both of a pair."""
    return median(pair.route / pair.yardstick for pair in pairs)
