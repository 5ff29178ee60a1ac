"""Counters that TTL takes in time: each the one write that adds to it, within a bound."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from daycover.store.dynamodb import Update
from daycover.store.keys import Key

SCHEMA_VERSION = 1
NOBODY_REACHES = 1_000_000
"""A condition for counters that need none: no write goes without."""


def add_to(
    key: Key,
    name: str,
    ttl: int,
    *,
    amount: int = 1,
    at_most: int = NOBODY_REACHES,
    beside: Mapping[str, Any] | None = None,
) -> Update:
    """Add an amount to the number of this name, and set what stands `beside` it. `ttl` in epoch seconds.

    Condition: it comes to `at_most` at the most; a larger amount never fits, also where nothing is counted yet.
    Neither name may be a reserved word of DynamoDB.
    """
    room, beside = at_most - amount, beside or {}
    setting = "".join(f", {other} = :{other}" for other in beside)
    values = {":amount": amount, ":room": room, ":ttl": ttl, ":version": SCHEMA_VERSION}
    return Update(
        key,
        f"ADD {name} :amount SET #ttl = :ttl, schema_version = :version{setting}",
        values | {f":{other}": value for other, value in beside.items()},
        condition=f"attribute_not_exists(pk) OR {name} <= :room" if room >= 0 else f"{name} <= :room",
        names={"#ttl": "ttl"},
    )


def ttl_after(day: date, kept: timedelta) -> int:
    """Give the epoch second at which what was counted on a day has been kept for so long since it began."""
    return int((datetime(day.year, day.month, day.day, tzinfo=UTC) + kept).timestamp())
