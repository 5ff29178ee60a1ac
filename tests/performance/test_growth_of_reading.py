"""How issuing one policy and reading grow with all that is stored: not at all, from a thousand policies on.

The product's own stores, on a DynamoDB and an S3 that hold a million. What is asserted is counted: function calls,
calls to AWS, units of DynamoDB. `make bench` goes on to 1,000,000 policies, takes the CPU too and prints the table.
"""

import os
from collections.abc import Callable, Sequence
from functools import partial
from statistics import mean, median

import pytest

from tests.performance.growth import cpu_each, exponent, function_calls
from tests.performance.stored import Stored, StoredPast, StoredToday

FIGURES = bool(os.environ.get("SHOW_FIGURES"))
SIZES = (1_000, 10_000, 100_000, 1_000_000) if FIGURES else (1_000, 10_000, 100_000)
MOST = 0.05
ASK, PROFILED, TIMED = 30, 5, 240
"""How many ask while AWS is counted, function calls, CPU; the last by turns at each size."""


@pytest.fixture(scope="module", params=[StoredPast, StoredToday], ids=["past", "today"])
def stores(request: pytest.FixtureRequest) -> Sequence[Stored]:
    return [request.param(size) for size in SIZES]


def counted(store: Stored, act: Callable[[int], object]) -> dict[str, float]:
    act(0)  # what is loaded once
    bills = [store.bill(partial(act, at)) for at in range(ASK)]
    return {
        "function calls": median(function_calls(partial(act, at)) for at in range(PROFILED)),
        "calls to AWS": mean(bill.calls for bill in bills),
        "units": mean(bill.units for bill in bills),
    }


def test_what_one_policy_takes_does_not_grow_with_all_that_is_stored(
    stores: Sequence[Stored], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in stores[0].acts:
        acts = [store.acts[name] for store in stores]
        each = [counted(store, act) for store, act in zip(stores, acts, strict=True)]
        if FIGURES:
            for figures, seconds in zip(each, cpu_each(acts, TIMED), strict=True):
                figures["µs CPU"] = seconds * 1e6
        grown = {kind: exponent(SIZES, [figures[kind] for figures in each]) for kind in each[0]}
        if FIGURES:
            with capsys.disabled():
                shown = ", ".join(
                    f"{kind} {each[0][kind]:,.1f} to {each[-1][kind]:,.1f} ({by:.3f})"
                    for kind, by in grown.items()
                )
                print(f"\n{name}, {SIZES[0]:,} to {SIZES[-1]:,} policies: {shown}", end="")
        assert max(grown.values()) <= MOST, (name, grown)
