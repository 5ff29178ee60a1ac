"""What a million policies cost at AWS, by component: counts of `life.py`, CPU of `bench.py`, prices of `prices.toml`.

A container's start is billed once for all requests that it serves; between its first request and a warm one lie the
keys that it opens and the secrets that it reads. A function's time is its CPU, at the share of a processor that its
memory brings, and its waiting for what it asks.
"""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.devstack.layout import LOCAL
from tests.support.functions import logical_id
from tests.support.template import plain_template

LIFE = LOCAL / "bench" / "life.json"
PRICES = Path(__file__).with_name("prices.toml")
MOST_USD = 26.0
"""A million policies; 73 before the keys were shared, the archive batched and the queue patient."""
FLOOR = "preview_cover"
"""Whose memory and smallest handler stand for the floor."""
POLLS = 2
"""How often the app asks while the worker still shows their face."""
TOGETHER = 10
"""Check-ins in one batch of their queue, which gathers for five seconds; a million a day are twelve a second."""
SHARED = 25
"""Policies in one batch of the stream, and of the insurer's queue; on a quiet day fewer, in the rush more."""


@dataclass(frozen=True)
class Counted:
    """What one invocation asked for, and for how many policies it did. `partners` are calls to WeChat or the insurer,
    `received` requests that took messages from a queue, ten at most, and deleted them, `notes` what its line of log
    says of single policies."""

    function: str
    times: int = 1
    policies: int = 1
    requests: int = 0
    table_calls: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    kms_calls: int = 0
    s3_puts: int = 0
    s3_gets: int = 0
    sends: int = 0
    received: int = 0
    secret_calls: int = 0
    partners: int = 0
    notes: int = 0


class Step(NamedTuple):
    """`name` may occur with another function's; `requests` of the API, `received` of a queue."""

    name: str
    function: str
    times: int = 1
    policies: int = 1
    requests: int = 0
    received: int = 0
    partners: int = 0
    notes: int = 0


STEPS = (
    Step("scan", "preview_cover", requests=1),
    Step("check-in", "check_in", requests=1, partners=1),
    Step("pending poll", "issue_policy", times=POLLS, requests=1, partners=1),
    Step("policy", "issue_policy", requests=1, partners=1),
    Step("queue", "complete_check_in", policies=TOGETHER, received=2, notes=TOGETHER),
    Step("record", "record_cover", policies=SHARED, notes=SHARED),
    Step("archive", "archive_policy", policies=SHARED),
    Step("report", "report_to_insurer", policies=SHARED, received=6, partners=1),
)
"""A pending poll and the policy are the same function's, and its container's."""


BATCHES = frozenset(step.name for step in STEPS if step.policies > 1)


class Cpu(NamedTuple):
    """Milliseconds of one processor: importing and the first request, and a warm request."""

    first: float
    warm: float


@dataclass(frozen=True)
class Prices:
    as_of: str
    region: str
    rest_tiers: Sequence[tuple[float, float]]
    """Millions of requests in a month, and what a million of them costs."""
    per_million: Mapping[str, float]
    per_unit: Mapping[str, float]
    assumed: Mapping[str, float]

    @classmethod
    def read(cls) -> "Prices":
        found = tomllib.loads(PRICES.read_text(encoding="utf-8"))
        return cls(**found | {"as_of": str(found["as_of"])})

    def rest_of(self, requests: float) -> float:
        """What a million requests of a REST API cost on average where there are so many in a month."""
        left, usd = requests / 1e6, 0.0
        for size, price in self.rest_tiers:
            taken = min(left, size)
            usd += taken * price
            left -= taken
        return usd / (requests / 1e6)


Usd = Counter[str]
"""USD per million policies, by component."""


def usd_of(counted: Counted, cpu_ms: float, prices: Prices) -> Usd:
    """What one kind of invocation adds. `cpu_ms` is measured with one policy: a batch is taken to need it for each."""
    price, assumed, memory_mb = prices.per_million, prices.assumed, memory_of(counted.function)
    share = counted.times / counted.policies
    others = counted.kms_calls + counted.s3_puts + counted.s3_gets + counted.sends + counted.secret_calls
    log_bytes = assumed["log_bytes"] + counted.notes * assumed["note_bytes"]
    milliseconds = (
        cpu_ms * counted.policies * max(1.0, assumed["vcpu_mb"] / memory_mb)
        + counted.table_calls * assumed["table_call_ms"]
        + others * assumed["other_call_ms"]
        + counted.partners * assumed["partner_call_ms"]
    )
    return Usd(
        {
            "API requests": counted.requests * price["rest_requests"] * share,
            "Lambda requests": price["lambda_requests"] * share,
            "Lambda time": milliseconds
            / 1000
            * memory_mb
            / 1024
            * prices.per_unit["gb_second"]
            * 1e6
            * share,
            "table writes": counted.write_units * price["write_units"] * share,
            "table reads": counted.read_units * price["read_units"] * share,
            "KMS": counted.kms_calls * price["kms_calls"] * share,
            "S3": (counted.s3_puts * price["s3_puts"] + counted.s3_gets * price["s3_gets"]) * share,
            "queues": (counted.sends + counted.received) * price["queue_requests"] * share,
            "secrets": counted.secret_calls * price["secret_calls"] * share,
            "logs": log_bytes / 1e9 * prices.per_unit["log_gb"] * 1e6 * share,
        }
    )


class Priced(NamedTuple):
    steps: Mapping[str, Usd]
    floor: Usd

    @property
    def total(self) -> Usd:
        return _sum(self.steps.values())


def priced(
    life: Mapping[str, Mapping[str, Counted]], cpu: Mapping[str, Cpu], floor: Cpu, prices: Prices
) -> Priced:
    """Price a life: warm, and its part of the container's first request. The floor is three bare requests and one
    put of a kilobyte by handlers that do nothing else."""
    steps = {
        step.name: _blended(life["cold"][step.name], life["warm"][step.name], cpu[step.function], prices)
        for step in STEPS
    }
    authorizer = Counted("authorize_request")
    steps["authorizer"] = _blended(authorizer, authorizer, cpu[authorizer.function], prices)
    bare = Counted(FLOOR, times=2, requests=1)
    put = Counted(FLOOR, requests=1, table_calls=1, write_units=1.0)
    return Priced(steps, _sum(_blended(one, one, floor, prices) for one in (bare, put)))


def _blended(cold: Counted, warm: Counted, cpu: Cpu, prices: Prices) -> Usd:
    started = 1 / prices.assumed["requests_a_container"]
    first, other = usd_of(cold, cpu.first, prices), usd_of(warm, cpu.warm, prices)
    return Usd({part: usd * (1 - started) + first[part] * started for part, usd in other.items()})


def memory_of(function: str) -> int:
    """The megabytes that the template gives a function."""
    template = plain_template()
    usual = template["Globals"]["Function"]["MemorySize"]
    return int(template["Resources"][logical_id(function)]["Properties"].get("MemorySize", usual))


def levers(found: Priced, prices: Prices) -> dict[str, float]:
    """What else would change how much, in USD per million policies; negative is cheaper."""
    price = prices.per_million
    requests = found.total["API requests"] / price["rest_requests"]
    polls = found.steps["pending poll"].total()
    own_lines = prices.assumed["lambda_log_bytes"] / prices.assumed["log_bytes"]
    month = prices.assumed["cell_policies"] * 30 * requests
    return {
        "an HTTP API instead of REST (loses the WAF)": requests
        * (price["http_requests"] - price["rest_requests"]),
        "one pending poll instead of two (the app waits longer)": -polls / POLLS,
        "no pending poll (the app is called back)": -polls,
        "the tiers of REST at a cell's 20 million policies a day": requests
        * (prices.rest_of(month) - price["rest_requests"]),
        "Lambda's own three lines a request off": -own_lines
        * sum(step["logs"] for name, step in found.steps.items() if name not in BATCHES),
        "containers that serve 1,000 requests instead of 100": -0.9
        * (found.total["KMS"] + found.total["secrets"]),
        "provisioned tables at 70 % use": 0.35 * -(found.total["table writes"] + found.total["table reads"]),
    }


def table(found: Priced, prices: Prices) -> str:
    """The whole in Markdown."""
    parts = [part for part, _ in found.total.most_common()]
    lines = [
        f"USD per million policies, on demand in {prices.region}, prices of {prices.as_of}:",
        "",
        "| Step | " + " | ".join(parts) + " | sum |",
        "|---|" + "---|" * (len(parts) + 1),
    ]
    rows = {**found.steps, "**sum**": found.total, "floor: three bare requests, one put": found.floor}
    lines += [
        f"| {name} | " + " | ".join(f"{usd[part]:.2f}" for part in parts) + f" | {usd.total():.2f} |"
        for name, usd in rows.items()
    ]
    if found.total.total() > MOST_USD:
        lines += ["", f"**Above** the {MOST_USD:.0f} USD that we want."]
    lines += ["", "| What else would change it | USD per million |", "|---|---|"]
    lines += [f"| {name} | {usd:+.2f} |" for name, usd in levers(found, prices).items()]
    return "\n".join(lines)


def counted_life() -> dict[str, dict[str, Counted]]:
    """What `test_life` counted last. Raises FileNotFoundError before its first run."""
    found: dict[str, Any] = json.loads(LIFE.read_text(encoding="utf-8"))
    return {how: {name: Counted(**one) for name, one in ways.items()} for how, ways in found.items()}


def _sum(each: Iterable[Usd]) -> Usd:
    total: Usd = Counter()
    for usd in each:
        total.update(usd)
    return total
