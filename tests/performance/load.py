"""Load on the local stack, closed and open loop: `make load`, with DOCS=1 written into docs/scale.md.

Closed: N clients, each of whom waits for its answer; requests a second over those of the smallest function behind a
gateway of its own on the same engine, before and after. Open: people come by a seeded Poisson process at
half and at twice what the closed loop showed, and at a gateway that takes less than they want; they are timed from
when they were to come. In the end everything that was answered must stand once in each book.

All of it shares this machine's processors, the clients too: ratios and counts say something, seconds do not, and
nothing here is a latency of AWS.
"""

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any, TypeVar

from tests.devstack import seed
from tests.devstack import stack as stacks
from tests.devstack.layout import LOCAL, ROOT
from tests.devstack.progress import Progress
from tests.devstack.running import running_stack
from tests.devstack.stack import Stack
from tests.performance import yardstick
from tests.performance.arrivals import Pair, Served, percentile, poisson, ratio
from tests.performance.crowd import Crowd, Person, gateway_limit, is_whole
from tests.support.world import World

_T = TypeVar("_T")
REPORT, DOCUMENT = LOCAL / "load.json", ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- load -->", "<!-- /load -->"
CLIENTS, ROUNDS = (1, 2, 4, 8), 3
YARDSTICK = 4
"""Requests to the smallest function, before and again after, for one of ours: it is so much faster."""
WARMING = 8
ARRIVALS = 40
SEED = 14
BELOW, ABOVE = 0.5, 2.0
"""Of the people a second that the closed loop showed."""
BURST = 4


@dataclass(slots=True)
class Level:
    """One route with so many clients: pairs of its rate and the yardstick's before and after."""

    route: str
    clients: int
    pairs: list[Pair] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return median(pair.route for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class Open:
    """What became of the people of one open loop."""

    name: str
    rate: float
    served: list[Served]
    kinds: dict[str, int]

    @property
    def figures(self) -> dict[str, Any]:
        latencies = [one.latency for one in self.served]
        return {
            "arrivals_a_second": round(self.rate, 2),
            "arrivals": len(self.served),
            "latency_p50_s": round(percentile(latencies, 0.5), 3),
            "latency_p95_s": round(percentile(latencies, 0.95), 3),
            "seconds": round(max(one.ended for one in self.served), 1),
            "answers": self.kinds,
        }


def closed(clients: int, act: Callable[[_T], object], of: Sequence[_T]) -> float:
    """Let so many clients act, each on the next one when the last is answered; gives how many a second."""
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        done = len(list(threads.map(act, of)))
    return done / (time.perf_counter() - began)


def opened(name: str, crowd: Crowd, people: Sequence[Person], rate: float) -> Open:
    """Let people walk from check-in to policy when they come, whoever of the others has been served."""
    moments = poisson(rate, len(people), SEED)
    before = crowd.heard.kinds.copy()
    began = time.perf_counter()

    def walk(planned: float, person: Person) -> Served:
        at = time.perf_counter() - began
        crowd.walk(person)
        return Served(planned, at, time.perf_counter() - began)

    with ThreadPoolExecutor(len(people)) as threads:
        waiting = []
        for planned, person in zip(moments, people, strict=True):
            time.sleep(max(0.0, planned - (time.perf_counter() - began)))
            waiting.append(threads.submit(walk, planned, person))
        served = [one.result() for one in waiting]
    return Open(name, rate, served, dict(sorted((crowd.heard.kinds - before).items())))


def all_levels(crowd: Crowd, minimal: Callable[[Person], object], progress: Progress) -> list[Level]:
    """Every route with every number of clients, `ROUNDS` times by turns."""
    routes: list[tuple[str, Callable[[Person], object]]] = [
        ("scan", crowd.scan),
        ("check-in", crowd.check_in),
        ("policy", crowd.fetch),
        ("read policies", crowd.read),
    ]
    levels = {(route, clients): Level(route, clients) for route, _ in routes for clients in CLIENTS}
    for number in range(ROUNDS):
        for clients in CLIENTS:
            people = crowd.gather(max(8, 3 * clients))
            for route, act in routes:
                if route == "policy":
                    for person in people:
                        crowd.show_face(person)
                before = closed(clients, minimal, YARDSTICK * people)
                rate = closed(clients, act, people)
                after = closed(clients, minimal, YARDSTICK * people)
                levels[route, clients].pairs.append(Pair(rate, (before + after) / 2))
        progress.say(f"closed loop, round {number + 1} of {ROUNDS}")
    return list(levels.values())


def measured(stack: Stack, progress: Progress) -> dict[str, Any]:
    """Load the stack; gives what the report holds."""
    # at the engine's own address: our front door is a thread of this process, which AWS has not
    direct = dataclasses.replace(
        stack, base_url=stacks.api_address(stack.name, stack.engine_url, stack.region)
    )
    crowd = Crowd.of(World.opened(direct), headcount=900)
    least = yardstick.deploy(stack, "CheckInFunction")

    def minimal(_person: Person) -> object:
        return least.get("/").expect(200)

    warm = crowd.gather(2 * WARMING)
    for act in (minimal, crowd.scan, crowd.walk, crowd.read):
        closed(WARMING, act, warm)
    progress.say("warm")
    levels = all_levels(crowd, minimal, progress)
    walks = [closed(CLIENTS[-1], crowd.walk, crowd.gather(2 * CLIENTS[-1])) for _ in range(ROUNDS)]
    people_a_second = median(walks)
    progress.say(f"closed loop, from check-in to policy: {people_a_second:.1f} people a second")
    runs = []
    for name, share in (("below", BELOW), ("above", ABOVE)):
        runs.append(opened(name, crowd, crowd.gather(ARRIVALS), share * people_a_second))
        progress.say(f"open loop, {name}")
    limited = crowd.gather(ARRIVALS)
    with gateway_limit(direct, BELOW * people_a_second, BURST):
        runs.append(opened("above the gateway's limit", crowd, limited, ABOVE * people_a_second))
    progress.say("open loop, above the gateway's limit")
    counts = crowd.lost_and_twice()
    return {
        "commit": _commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": SEED,
        "processors": os.cpu_count(),
        "closed": [
            {
                "route": level.route,
                "clients": level.clients,
                "requests_a_second": round(level.rate, 1),
                "ratio": round(ratio(level.pairs), 3),
                "pairs": [asdict(pair) for pair in level.pairs],
            }
            for level in levels
        ],
        "people_a_second": round(people_a_second, 2),
        "open": {run.name: run.figures for run in runs},
        "unclean": crowd.heard.unclean,
        "counts": counts,
        "whole": is_whole(counts),
    }


def _commit() -> str:
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip()[:12]


def table(report: dict[str, Any]) -> str:
    """The figures as docs/scale.md shows them."""
    routes = list(dict.fromkeys(one["route"] for one in report["closed"]))
    clients = sorted({one["clients"] for one in report["closed"]})
    ratios = {(one["route"], one["clients"]): one["ratio"] for one in report["closed"]}
    lines = [
        "Closed loop: requests a second over the smallest function's, with so many clients (1 is as many).",
        "",
        f"| Route | {' | '.join(map(str, clients))} |",
        f"|---|{'---|' * len(clients)}",
        *(
            f"| {route} | {' | '.join(f'{ratios[route, count]:.2f}' for count in clients)} |"
            for route in routes
        ),
        "",
        "Open loop: people who check in and fetch their policy; latency from the planned arrival, over the median below"
        " the limit.",
        "",
        "| Arrivals | of what the closed loop showed | people | p50 | p95 | answers |",
        "|---|---|---|---|---|---|",
    ]
    unit = report["open"]["below"]["latency_p50_s"]
    for name, run in report["open"].items():
        share = run["arrivals_a_second"] / report["people_a_second"]
        told = ", ".join(f"{count} {kind}" for kind, count in run["answers"].items())
        lines.append(
            f"| {name} | {share:.1f} | {run['arrivals']} | {run['latency_p50_s'] / unit:.1f} |"
            f" {run['latency_p95_s'] / unit:.1f} | {told} |"
        )
    counts = report["counts"]
    lines += [
        "",
        f"Answers that no client can act on: {len(report['unclean'])}. Of {counts['people']} people who were answered:"
        f" {counts['check_ins']} check-ins, {counts['policies_answered']} policies told and"
        f" {counts['policies_stored']} stored, {counts['roster_lines']} lines on the roster,"
        f" {counts['journal_entries']} entries in the journal, {counts['insurer_rows']} rows that the insurer took.",
    ]
    return "\n".join(lines)


def in_document(text: str, report: dict[str, Any]) -> str:
    """Put the table between the document's markers. Raises ValueError where there are none."""
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError("the document has no place for the load")
    return f"{before}{BEGIN}\n{table(report)}\n{END}{after}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.performance.load", description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/scale.md")
    chosen = parser.parse_args(arguments)
    progress = Progress()
    with running_stack(progress=progress) as stack:
        seed.prepare(stack)
        report = measured(stack, progress)
    LOCAL.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(report))
    for one in report["unclean"][:5]:
        print(one, file=sys.stderr)
    if chosen.docs:
        DOCUMENT.write_text(in_document(DOCUMENT.read_text(encoding="utf-8"), report), encoding="utf-8")
    return 0 if report["whole"] and not report["unclean"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
