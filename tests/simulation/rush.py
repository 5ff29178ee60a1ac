"""The peak second of a day of 200 million people, key by key, against what one partition key takes.

Keys are those of `store/keys.py`. What each step reads and writes is a list of uses below, and `test_rush.py` holds it
against the calls that the real wiring makes. Companies follow Zipf's law, projects are lognormal up to 20,000
people, and one project of 20,000 has its change of shift in the same second. Seeded: the same seconds each time.
"""

import random
from base64 import b32encode
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from math import log, log2
from typing import NamedTuple

from daycover.cover.roster import COUNTED_FROM
from daycover.projects.contract import MOST_PARTITIONS
from daycover.store import keys

PEOPLE = 200_000_000
"""Insured on one day (product.md, S12)."""
PEAK = 38_889
"""Check-ins a second: 70 % of them within three hours, three times the mean of those hours."""
WRITES, READS = 1_000, 3_000
"""Units a second of one partition key."""
BOUND = 0.30
SECONDS = 2
COMPANIES = 100_000
LARGEST_PROJECT, LARGEST = 20_000, "the project of 20,000"
SHIFT_PEAK = 67
"""Check-ins a second of 20,000 people who come within a quarter of an hour, three times its mean."""
PEOPLE_A_PARTITION = 500_000
TABLE_PARTITIONS = 40
"""Of a table that takes 40,000 write units a second; its stream has as many shards."""
PARALLEL, WINDOW_SECONDS = 10, 2
"""Batches at once of one shard, and how long a batch is gathered (`record_cover` in template.yaml)."""
STARTS = 100
"""Containers a second that Lambda may start for one function."""
DESKS, DESK_SECONDS = 50, 5
"""That look at the roster of the largest project, and how often."""
DAY = "2026-11-24"
SHARES = list(accumulate(1 / rank for rank in range(1, COMPANIES + 1)))
"""Of companies by rank, summed up: Zipf's law."""


class Use(NamedTuple):
    """One call's part on one partition key."""

    pk: str
    reads: float = 0.0
    writes: float = 0.0


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Who comes where. `partitions` is what the company's contract says; `counted`: the project is a large one."""

    worker_id: str
    person_id: str
    company_id: str
    project_id: str
    partitions: int
    counted: bool = False

    @property
    def policy_no(self) -> str:
        return f"DC{self.person_id}0001EQ0001N"


def crowd(seed: int = 20261124) -> Iterator[CheckIn]:
    """The check-ins of `SECONDS` seconds."""
    luck = random.Random(seed)
    for _ in range(PEAK * SECONDS):
        company = bisect(SHARES, luck.random() * SHARES[-1])
        people = PEOPLE / (company + 1) / SHARES[-1]
        # the size of the project that a person finds themselves in: lognormal, weighted by its people
        size = min(luck.lognormvariate(log(25) + 1.2**2, 1.2), LARGEST_PROJECT, people)
        group = int(log2(max(1.0, size)))
        place = luck.randrange(max(1, int(people / 2**group)))
        yield _somebody(luck, company, f"{company:06}-{group:02}-{place:010}", counted=size >= COUNTED_FROM)
    for _ in range(SHIFT_PEAK * SECONDS):
        yield _somebody(luck, 0, LARGEST, counted=True)


def people_of(company: int) -> int:
    """How many people a company insures a day; 0 is the largest."""
    return int(PEOPLE / (company + 1) / SHARES[-1])


def _somebody(luck: random.Random, company: int, project: str, *, counted: bool) -> CheckIn:
    """Ids of workers and people are digests, as ours are."""
    worker, person = (b32encode(luck.randbytes(10)).decode() for _ in range(2))
    partitions = min(MOST_PARTITIONS, -(-people_of(company) // PEOPLE_A_PARTITION))
    return CheckIn(worker, person, f"C{company:06}", project, partitions, counted)


# ---- what each step uses -----------------------------------------------------------------------------


def scan(one: CheckIn) -> list[Use]:
    worker = keys.worker(one.worker_id).pk
    return [
        Use(keys.project(one.project_id).pk, reads=0.5),
        Use(worker, reads=2),
        Use(keys.policies(one.person_id).pk, reads=1),  # of whoever was insured before
        Use(keys.visit(one.project_id, DAY, one.worker_id).pk, writes=1),
    ]


def check_in(one: CheckIn) -> list[Use]:
    worker = keys.worker(one.worker_id).pk
    return [
        Use(keys.project(one.project_id).pk, reads=0.5),
        Use(worker, reads=3, writes=2),
        Use(keys.policies(one.person_id).pk, reads=1),
    ]


def policy(one: CheckIn) -> list[Use]:
    return [
        Use(keys.worker(one.worker_id).pk, reads=1, writes=1),
        Use(keys.policies(one.person_id).pk, reads=1, writes=1),
    ]


def record_cover(one: CheckIn) -> list[Use]:
    entry = keys.journal_entry(
        one.company_id, DAY, one.project_id, one.policy_no, "POLICY_ISSUED", partitions=one.partitions
    )
    line = keys.cover_line(one.company_id, DAY, one.project_id, one.policy_no, one.partitions)
    project = Use(
        keys.project(one.project_id).pk, reads=0.5
    )  # once a container; in a rush nearly each is new
    if not one.counted:
        return [Use(entry.pk, writes=1), Use(line.pk, writes=1), project]
    count = keys.count_of_policy(one.company_id, DAY, one.project_id, one.policy_no)
    visit = keys.visit(one.project_id, DAY, one.worker_id)
    return [
        Use(entry.pk, writes=1),
        Use(line.pk, writes=2),
        Use(count.pk, writes=2),
        Use(visit.pk, writes=1),
        project,
    ]


def look(company_id: str, project_id: str) -> list[Use]:
    """The figures of a large project's roster on a desk; its visits are few while its workers are insured."""
    days = (DAY, "2026-11-23")
    counts = [
        keys.cover_count(company_id, day, project_id, n) for day in days for n in range(keys.COUNT_SHARDS)
    ]
    return [
        Use(keys.project(project_id).pk, reads=1),
        Use(keys.company(company_id).pk, reads=1),
        *(Use(count.pk, reads=0.5) for count in counts),
        *(Use(keys.visits(project_id, day).pk, reads=16) for day in days),
    ]


def batch(company_id: str) -> list[Use]:
    """What a batch of the stream does once for each of its companies: raise the running figure, look at the limit."""
    company = keys.company(company_id).pk
    return [Use(company, reads=1, writes=1)]


def report(one: CheckIn) -> list[Use]:
    """The insurer answers late: every row is announced and waits."""
    row_id = f"{one.policy_no}-ISSUED"
    return [
        Use(keys.report(one.company_id, DAY, row_id, one.partitions).pk, writes=2),
        Use(keys.waiting_row(row_id).pk, writes=2),
    ]


def answer(one: CheckIn) -> list[Use]:
    row_id = f"{one.policy_no}-ISSUED"
    return [
        Use(keys.waiting_row(row_id).pk, reads=1, writes=2),
        Use(keys.report(one.company_id, DAY, row_id, one.partitions).pk, writes=2),
    ]


COLD = {"scan": (1, 0), "check-in": (2, 1), "policy": (2, 0), "queue": (2, 0), "report": (1, 0)}
"""Data keys and keys of the day that a container reads when it starts."""


def cold(function: str) -> list[Use]:
    data, day = COLD[function]
    return [
        Use(keys.data_key("2026").pk, reads=data),
        Use(keys.day_key(DAY).pk, reads=day),
        Use(keys.tables_index().pk, reads=0.5),
    ]


STEPS = {
    "scan": scan,
    "check-in": check_in,
    "policy": policy,
    "record_cover": record_cover,
    "report": report,
    "late answer": answer,
}


@dataclass(slots=True)
class Load:
    """Units by key, and those written by step, over all seconds."""

    writes: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    reads: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_step: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def take(self, step: str, uses: Iterable[Use]) -> None:
        for pk, reads, writes in uses:
            if writes:
                self.writes[pk] += writes
                self.by_step[step] += writes
            if reads:
                self.reads[pk] += reads


class Hot(NamedTuple):
    """The hottest key of a kind: its share of what a key takes, in the mean of the seconds."""

    kind: str
    share: float
    unit: str
    per_second: float
    keys: int
    pk: str


def rush() -> Load:
    load = Load()
    batches = set()
    windows = TABLE_PARTITIONS * PARALLEL * SECONDS // WINDOW_SECONDS
    luck = random.Random(7)
    for one in crowd():
        for name, step in STEPS.items():
            load.take(name, step(one))
        batches.add((luck.randrange(windows), one.company_id))
    for _, company_id in sorted(batches):
        load.take("batch", batch(company_id))
    for _ in range(DESKS * SECONDS // DESK_SECONDS + 1):
        load.take("look", look("C000000", LARGEST))
    for function in COLD:
        for _ in range(STARTS * SECONDS):
            load.take("cold start", cold(function))
    return load


def kind_of(pk: str) -> str:
    """Its first word, and what of a company's day it is."""
    parts = [mark for mark in ("#DAY", "#COUNT") if f"{mark}#" in pk]
    return pk.partition("#")[0] + "".join(parts)


def hottest(load: Load) -> list[Hot]:
    """The hottest key of each kind (its first word), the hottest kind first."""
    found: dict[str, Hot] = {}
    counted: dict[str, int] = defaultdict(int)
    for unit, limit, used in (("write", WRITES, load.writes), ("read", READS, load.reads)):
        for pk, units in used.items():
            second = units / SECONDS
            kind = f"{kind_of(pk)} {unit}"
            counted[kind] += 1
            if kind not in found or found[kind].share < second / limit:
                found[kind] = Hot(kind, second / limit, unit, second, 0, pk)
    return sorted(
        (hot._replace(keys=counted[kind]) for kind, hot in found.items()), key=lambda hot: -hot.share
    )


def table(hots: Iterable[Hot]) -> str:
    rows = [
        f"| `{hot.pk}` | {hot.unit} | {hot.per_second:,.0f} | {hot.share:.1%} | {hot.keys:,} |"
        for hot in hots
    ]
    return "\n".join(
        [
            "| Hottest key of its kind | units | a second | of its limit | keys used |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )
