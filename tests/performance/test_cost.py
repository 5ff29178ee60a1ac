"""The price list and what is made of counts with it."""

import pytest

from tests.performance.cost import SHARED, Counted, Prices, usd_of

PRICES = Prices.read()


@pytest.mark.parametrize(
    ("requests", "usd"),
    [
        (1e6, 3.50),
        (333e6, 3.50),
        (1e9, 0.333 * 3.50 + 0.667 * 2.80),
        (30e9, (333 * 3.50 + 667 * 2.80 + 19_000 * 2.38 + 10_000 * 1.51) / 30_000),
    ],
)
def test_requests_cost_less_when_a_month_has_more(requests: float, usd: float) -> None:
    assert PRICES.rest_of(requests) == pytest.approx(usd)
    assert PRICES.rest_of(1.0) == pytest.approx(PRICES.per_million["rest_requests"])


def test_batch_costs_each_policy_its_share_when_it_is_priced() -> None:
    alone = usd_of(Counted("record_cover", table_calls=2, write_units=2.0), 3.0, PRICES)
    batch = Counted(
        "record_cover", policies=SHARED, table_calls=2 * SHARED, write_units=2.0 * SHARED, notes=SHARED
    )
    shared = usd_of(batch, 3.0, PRICES)
    assert (
        shared["table writes"]
        == pytest.approx(alone["table writes"])
        == 2 * PRICES.per_million["write_units"]
    )
    assert shared["Lambda requests"] == pytest.approx(alone["Lambda requests"] / SHARED)
    assert shared["Lambda time"] == pytest.approx(alone["Lambda time"]), "each policy needs its own"
    assert alone["logs"] / SHARED < shared["logs"] < alone["logs"], "a note is shorter than a line"
