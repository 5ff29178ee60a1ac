"""The figures of `make mutate`: `.local/mutation.json`, and the table of docs/mutation.md."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from tests.devstack.layout import LOCAL, ROOT

FIGURES = LOCAL / "mutation.json"
PAGE = ROOT / "docs" / "mutation.md"
SURVIVORS = Path(__file__).parent / "survivors.toml"
NOTICED = frozenset({"killed", "timeout", "segfault"})
_PAGE = """\
# Mutation testing of the rules

Written by `make mutate`. [mutmut](https://mutmut.readthedocs.io) changes one place of a rule at a time, an operator,
a number, an argument, a text, and runs the tests that reach it: a mutant that no test notices is a rule that nobody
states. Modules and their tests stand in [`tests/mutation/modules.toml`](../tests/mutation/modules.toml). Function
bodies are changed; the tables and constants of a module are not: unit tests compare those with their source.

{table}

At least {least} must be noticed over all. Every mutant that was not is explained in
[`tests/mutation/survivors.toml`](../tests/mutation/survivors.toml), and a new one fails the command:

{classes}
"""


class Mutant(NamedTuple):
    """One changed place: mutmut's name of it, what came of it, and the changed lines unless a test noticed."""

    name: str
    status: str
    change: str

    @property
    def function(self) -> str:
        """`next_period`, or `Period.covers`."""
        mangled = self.name.rsplit(".", 1)[-1].rsplit("__mutmut_", 1)[0]
        if mangled.startswith("xǁ"):
            return mangled.removeprefix("xǁ").replace("ǁ", ".")
        return mangled.removeprefix("x_")

    @property
    def key(self) -> str:
        """What tells it in survivors.toml: the function and its lines as changed, or as they were if one is gone."""
        lines = self.change.splitlines()
        new = [line[2:] for line in lines if line[:1] == "+"]
        return f"{self.function}: {' ⏎ '.join(new or lines)}"


class Figures(TypedDict):
    """What came of one module."""

    mutants: int
    killed: int
    survived: int
    timeouts: int
    score: float
    seconds: float
    not_noticed: list[str]


class Survivors(NamedTuple):
    """One class of mutants that no test can or need notice."""

    name: str
    why: str
    keys: Mapping[str, Sequence[str]]
    """By module."""


def classes() -> list[Survivors]:
    """The classes of survivors.toml."""
    read: list[dict[str, Any]] = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["class"]
    return [Survivors(one["name"], one["why"], one["survivors"]) for one in read]


def figures_of(mutants: Sequence[Mutant], seconds: float) -> Figures:
    """Count one module's mutants; a time-out counts as noticed, as the run would not have ended."""
    states = Counter(mutant.status for mutant in mutants)
    noticed = sum(states[status] for status in NOTICED)
    return {
        "mutants": len(mutants),
        "killed": noticed - states["timeout"],
        "survived": len(mutants) - noticed,
        "timeouts": states["timeout"],
        "score": round(noticed / len(mutants), 4) if mutants else 1.0,
        "seconds": round(seconds, 1),
        "not_noticed": sorted(mutant.key for mutant in mutants if mutant.status not in NOTICED),
    }


def total_of(modules: Mapping[str, Figures]) -> Figures:
    """All modules together."""
    count = sum(found["mutants"] for found in modules.values())
    survived = sum(found["survived"] for found in modules.values())
    return {
        "mutants": count,
        "killed": sum(found["killed"] for found in modules.values()),
        "survived": survived,
        "timeouts": sum(found["timeouts"] for found in modules.values()),
        "score": round((count - survived) / count, 4) if count else 1.0,
        "seconds": round(sum(found["seconds"] for found in modules.values()), 1),
        "not_noticed": [],
    }


def unexplained(modules: Mapping[str, Figures]) -> list[str]:
    """The survivors that survivors.toml does not name, a second one of the same text included."""
    wanting = []
    for module, found in modules.items():
        known = Counter(key for one in classes() for key in one.keys.get(module, ()))
        for key, times in Counter(found["not_noticed"]).items():
            wanting += [f"{module} {key}"] * max(0, times - known[key])
    return wanting


def page(modules: Mapping[str, Figures], missing: Sequence[str], least: float) -> str:
    """The text of docs/mutation.md. `missing` are configured modules that were not run yet."""
    rows = ["| module | mutants | noticed | not | score |", "|---|---:|---:|---:|---:|"]
    for name, found in [*modules.items(), ("**all**", total_of(modules))]:
        noticed = found["killed"] + found["timeouts"]
        shown = name if name.startswith("*") else f"`{name}`"
        rows.append(
            f"| {shown} | {found['mutants']} | {noticed} | {found['survived']} | {found['score']:.1%} |"
        )
    rows += [f"| `{name}` | not run yet | | | |" for name in missing]
    left = Counter((module, key) for module, found in modules.items() for key in found["not_noticed"])
    lines = []
    for one in classes():
        count = sum(
            min(times, Counter(one.keys.get(module, ()))[key]) for (module, key), times in left.items()
        )
        lines.append(f"- **{one.name}** ({count}): {one.why}")
    return _PAGE.format(table="\n".join(rows), least=f"{least:.0%}", classes="\n".join(lines))
