"""What a function costs, as deployed, in CPU over boto3: `python -m tests.performance.bench [FUNCTION …]`.

First the real `sam build` and one recording of every function's calls (`recording.py`); then, for every function,
pairs of fresh processes: one is boto3 and one client, one is the function (`container.py`). Ratios are made within a
pair, the figure is the median of the pairs. Prints the table, writes it to docs/architecture.md and the figures to
.local/bench.json; exits with 1 when a bound fails.
"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.devstack.layout import LOCAL, LOGS, ROOT, TEMPLATE
from tests.devstack.sam import BUILD, build, source_fingerprint
from tests.performance import cost
from tests.performance.cost import Cpu
from tests.support.functions import HANDLERS, capability_of, logical_id

CONTAINER = ROOT / "tests" / "performance" / "container.py"
RECORDINGS = LOCAL / "bench" / "recordings.pickle"
FIGURES = LOCAL / "bench.json"
DOCUMENT = ROOT / "docs" / "architecture.md"
SCALE = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- bench: written by `make bench` -->", "<!-- bench: end -->"
HOT = ("check_in", "issue_policy", "preview_cover", "verify_policy")
BOUNDS = dict.fromkeys(HOT, 1.35) | {"authorize_request": 0.6}
FIRST, WARM = 2.2, 0.8
"""Of every function that BOUNDS does not name, and of the hot ones once they are warm."""
PAIRS, HOT_PAIRS = 3, 9
PROCESSES = 2
LAYERS = ("DependenciesLayer", "DaycoverLayer")
AWS = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # as the template sets it
}


@dataclass(frozen=True)
class Figures:
    """One function's ratios; `warm` is None where it makes no call that boto3 could make. `cpu` is its own, `least`
    that of the smallest handler with the same calls, both in milliseconds."""

    function: str
    load: float
    first: float
    warm: float | None
    calls: int
    cpu: Cpu
    least: Cpu

    @property
    def bound(self) -> float:
        return BOUNDS.get(self.function, FIRST)

    @property
    def is_within(self) -> bool:
        is_warm = self.function not in HOT or (self.warm is not None and self.warm <= WARM)
        return self.first <= self.bound and is_warm


def main(names: list[str]) -> int:
    chosen = names or list(HANDLERS)
    LOGS.mkdir(parents=True, exist_ok=True)
    build(TEMPLATE, source_fingerprint(TEMPLATE), LOGS / "bench-build.log")
    recordings = record(chosen)
    missing = sorted(set(chosen) - set(recordings))
    if missing:
        print(f"no successful invocation was recorded of {', '.join(missing)}", file=sys.stderr)
        return 1
    with ThreadPoolExecutor(PROCESSES) as pool:
        figures = list(pool.map(lambda name: measure(name, recordings[name]), chosen))
    table = written(figures)
    print(table)
    if names:
        return 0 if all(one.is_within for one in figures) else 1
    found = cost.priced(
        cost.counted_life(),
        {one.function: one.cpu for one in figures},
        next(one.least for one in figures if one.function == cost.FLOOR),
        prices := cost.Prices.read(),
    )
    print(f"\n{cost.table(found, prices)}")
    write(DOCUMENT, table)
    write(SCALE, cost.table(found, prices))
    FIGURES.write_text(json.dumps({"metrics": list(metrics(figures))}, indent=1) + "\n", encoding="utf-8")
    return 0 if all(one.is_within for one in figures) and found.total.total() <= cost.MOST_USD else 1


def write(document: Path, table: str) -> None:
    """Put a table in the place of the last run's."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    document.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def record(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Run the functional tests that invoke handlers, until each function has succeeded once."""
    RECORDINGS.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.performance.recording", "tests/functional"]
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/daycover/python'}",
        "RECORD": str(RECORDINGS),
    }
    environment["RECORD_FUNCTIONS"] = " ".join(names)
    with (LOGS / "bench-recording.log").open("w") as log:
        subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False)
    with RECORDINGS.open("rb") as file:
        found: dict[str, dict[str, Any]] = pickle.load(file)
    return found


def deployed(function: str) -> list[str]:
    """The import path of a function in Lambda: its folder, then the layers; the runtime's boto3 comes after."""
    return [str(BUILD / logical_id(function)), *(str(BUILD / layer / "python") for layer in LAYERS)]


def offset(now: float | None) -> dict[str, str]:
    """Let the function believe that it is the recorded hour."""
    return {} if now is None else {"CLOCK_OFFSET_SECONDS": str(round(now - time.time()))}


def runtime() -> list[str]:
    return [path for path in sys.path if path.endswith("site-packages")]


def measure(function: str, recording: Mapping[str, Any]) -> Figures:
    pairs = HOT_PAIRS if function in BOUNDS else PAIRS
    case: dict[str, Any] = {**recording, "run": "function", "path": deployed(function), "runtime": runtime()}
    is_alone = (BUILD / logical_id(function) / "app.py").exists()
    case["handler"] = "app" if is_alone else f"{function}.app"
    case["environment"] = AWS | recording["environment"] | offset(recording["now"])
    floor = {"run": "floor", "environment": AWS, "runtime": runtime()}
    loads, firsts, warms = [], [], []
    mine_ms: list[Cpu] = []
    least_ms: list[Cpu] = []
    calls: list[Any] = []
    for _ in range(pairs):
        least, mine = (
            contained(floor),
            contained(case),
        )
        answer = mine["answer"]
        if answer["failed"] or (answer["status"] or 200) >= 300:
            raise SystemExit(f"{function} was recorded to succeed and answered {answer['told']}")
        calls = mine["warm_calls"]
        loads.append(mine["import"] / least["first"])
        firsts.append((mine["import"] + mine["first"]) / least["first"])
        mine_ms.append(Cpu((mine["import"] + mine["first"]) * 1000, mine["warm"] * 1000))
        plain_warm = 0.0
        if calls:
            plain_warm = contained({**case, "run": "plain", "calls": calls})["warm"]
            warms.append(mine["warm"] / plain_warm)
        least_ms.append(Cpu(least["first"] * 1000, plain_warm * 1000))
    warm = median(warms) if warms else None
    return Figures(
        function, median(loads), median(firsts), warm, len(calls), middle(mine_ms), middle(least_ms)
    )


def middle(pairs: Sequence[Cpu]) -> Cpu:
    return Cpu(median(cpu.first for cpu in pairs), median(cpu.warm for cpu in pairs))


def contained(case: Mapping[str, Any]) -> dict[str, Any]:
    """Run one case in a process of its own."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        pickle.dump(dict(case), file)
        file.flush()
        command = [sys.executable, "-I", "-S", "-B", str(CONTAINER), file.name]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=file.name.rpartition("/")[0]
        )
    if done.returncode:
        raise SystemExit(
            f"{case['run']} of {case.get('handler')} {case.get('path', [''])[0]} failed: {done.stderr[-2000:]}"
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def written(figures: Iterable[Figures]) -> str:
    lines = [
        "| Function | import | first request, import included | bound | warm | bound | calls |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in sorted(
        figures, key=lambda one: (one.function not in BOUNDS, capability_of(one.function), one.function)
    ):
        warm = "" if one.warm is None else f"{one.warm:.2f}"
        mark = "" if one.is_within else " **above**"
        bound = WARM if one.function in HOT else ""
        lines.append(
            f"| {capability_of(one.function)}/{one.function}{mark} | {one.load:.2f} | {one.first:.2f} |"
            f" {one.bound} | {warm} | {bound} | {one.calls} |"
        )
    return "\n".join(lines)


def metrics(figures: Iterable[Figures]) -> Iterable[dict[str, Any]]:
    unit = "CPU over boto3 plus one client"
    for one in figures:
        name = one.function
        yield _metric(f"first.{name}", f"{name}: import and first request", one.first, unit, one.bound)
        yield _metric(f"import.{name}", f"{name}: import", one.load, unit, None)
        if one.warm is not None:
            bound = WARM if name in HOT else None
            yield _metric(
                f"warm.{name}", f"{name}: warm request", one.warm, "CPU over boto3 with the same calls", bound
            )


def _metric(id_: str, name: str, value: float, unit: str, bound: float | None) -> dict[str, Any]:
    ok = bound is None or value <= bound
    return {"id": id_, "name": name, "value": round(value, 3), "unit": unit, "bound": bound, "ok": ok}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
