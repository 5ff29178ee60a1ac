"""Change the rules one place at a time and see whether a test notices: `make mutate [MODULES="cover/period.py …"]`.

mutmut (3.8) makes the mutants of one module after another in a workspace of its own and forks a process for each, which
runs the tests that reach the changed function and stops at the first that fails. It changes function bodies; tables
and constants of a module, which unit tests compare with the reference, stay as they are.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.devstack import environments
from tests.devstack.layout import DEVELOP, LOCAL, MUTATE, ROOT, DevstackError, last_line
from tests.mutation.report import FIGURES, PAGE, Figures, Mutant, figures_of, page, total_of, unexplained

CONFIG = Path(__file__).parent / "modules.toml"
WORKSPACE = LOCAL / "mutation"
LINKED = ("layers", "functions", "events", "docs", "template.yaml", "samconfig.toml", "Makefile", "README.md")
"""What tests read beside the product and themselves."""
LEAST = 0.95
"""The share of mutants that some test must notice, over all modules."""
LONG = ("in_every_way", "hundred_thousand", "ten_thousand", "memory_of", "at_random")
"""Tests of seconds each: every interleaving, and what shows only at size. They speak of order and of cost."""
OPTIONS = ["--hypothesis-profile=check", "--hypothesis-seed=1", "-k", f"not ({' or '.join(LONG)})"]
"""The same examples for every mutant, so that the score says something of the tests and nothing of luck."""
_START = "import sys; sys.path.append({site!r}); from {module} import {entry}; sys.exit({entry}({arguments}))"
"""The develop environment's packages come first, mutmut's behind them."""

_SETTINGS = """
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "--import-mode=importlib --strict-markers -p no:cacheprovider"
markers = ["stack: needs the local stack (started once per run)"]

[tool.mutmut]
source_paths = ["daycover"]
only_mutate = ["daycover/{module}"]
pytest_add_cli_args = {options}
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
"""


def configured() -> dict[str, list[str]]:
    """The tests of each module, by its path below the package."""
    modules: dict[str, list[str]] = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["modules"]
    return modules


def _prepare(module: str, tests: Sequence[str]) -> None:
    """Lay the workspace out anew: what mutmut remembers of earlier runs knows nothing of changed tests."""
    shutil.rmtree(WORKSPACE, ignore_errors=True)
    mutants = WORKSPACE / "mutants"
    mutants.mkdir(parents=True)
    (WORKSPACE / "daycover").symlink_to(ROOT / "layers" / "daycover" / "python" / "daycover")
    (WORKSPACE / "tests").symlink_to(ROOT / "tests")
    for name in LINKED:
        (mutants / name).symlink_to(ROOT / name)
    settings = _SETTINGS.format(
        module=module,
        options=json.dumps(OPTIONS),
        tests=json.dumps([f"tests/unit/{test}" for test in tests]),
    )
    (WORKSPACE / "pyproject.toml").write_text(settings, encoding="utf-8")


def _call(module: str, entry: str, arguments: Sequence[str], log: Path) -> str:
    """Run a function of a module that needs mutmut, in the workspace, and give what it prints."""
    (site,) = (MUTATE.directory / "lib").glob("python3*/site-packages")
    start = _START.format(site=str(site), module=module, entry=entry, arguments=list(arguments))
    with log.open("w", encoding="utf-8") as errors:
        ran = subprocess.run(
            ["nice", "-n", "1", str(DEVELOP.python), "-c", start],
            cwd=WORKSPACE,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            check=False,
        )
    if ran.returncode:
        log.write_text(ran.stdout.replace("\r", "\n") + log.read_text(encoding="utf-8"), encoding="utf-8")
        raise DevstackError(f"{module} failed: {last_line(log)} (log: {log})")
    return ran.stdout


def mutate(module: str, tests: Sequence[str]) -> list[Mutant]:
    """Make every mutant of a module and run its tests on each, one at a time."""
    _prepare(module, tests)
    log = LOCAL / "logs" / "mutation.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    _call("mutmut.__main__", "cli", ["run", "--max-children", "1"], log)
    return [
        Mutant(*one)
        for one in json.loads(_call("tests.mutation.mutants", "main", [f"daycover/{module}"], log))
    ]


def _earlier() -> dict[str, Figures]:
    if not FIGURES.exists():
        return {}
    known: dict[str, Figures] = json.loads(FIGURES.read_text(encoding="utf-8"))["modules"]
    return known


def _write(figures: dict[str, Figures]) -> None:
    found = {"modules": figures, "total": total_of(figures)}
    FIGURES.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _line(name: str, found: Figures) -> str:
    return (
        f"{name:30} {found['mutants']:5} mutants, {found['survived']:3} not noticed, "
        f"{found['score']:7.2%}, {found['seconds']:6.1f} s"
    )


def main(arguments: Sequence[str]) -> int:
    """Run the named modules, all by default; 1 where a survivor has no explanation or the score is too low."""
    modules = configured()
    if unknown := [name for name in arguments if name not in modules]:
        print(f"error: not in {CONFIG.relative_to(ROOT)}: {', '.join(unknown)}", file=sys.stderr)
        return 1
    found = {name: one for name, one in _earlier().items() if name in modules and arguments}
    try:
        environments.ensure([MUTATE])
        for name in arguments or modules:
            started = time.monotonic()
            found[name] = figures_of(mutate(name, modules[name]), time.monotonic() - started)
            print(_line(name, found[name]), flush=True)
            _write({known: found[known] for known in modules if known in found})
    except DevstackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    ordered = {name: found[name] for name in modules if name in found}
    print(_line("all", total_of(ordered)))
    for survivor in (wanting := unexplained(ordered)):
        print(f"not noticed and not explained: {survivor}", file=sys.stderr)
    missing = [name for name in modules if name not in ordered]
    PAGE.write_text(page(ordered, missing, LEAST), encoding="utf-8")
    return int(bool(wanting) or total_of(ordered)["score"] < LEAST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
