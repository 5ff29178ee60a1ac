"""The repository's source as trees: which module imports which."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tests.support.template import template

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "daycover" / "python" / "daycover"
FUNCTIONS = ROOT / "functions"
WORKFLOWS = FUNCTIONS / "workflows"
HANDLERS = sorted(FUNCTIONS.glob("*/*/app.py"))
_T = TypeVar("_T")
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


@dataclass(frozen=True)
class Import:
    module: str
    line: int
    is_inner: bool
    """Inside a function body."""
    is_typing: bool = False
    """Under `if TYPE_CHECKING:`, so nothing imports it when the program runs."""


def name_of(path: Path) -> str:
    """`…/daycover/cover/plan.py` → `daycover.cover.plan`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(module: str) -> str:
    """`daycover.cover.plan` → `cover`; a module that stands alone is its own package."""
    return module.split(".")[1] if "." in module else ""


@cache
def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """Every import, `from daycover import crockford` as `daycover.crockford`."""
    inner = {
        id(node)
        for function in ast.walk(tree_of(path))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    typing = {
        id(node)
        for choice in ast.walk(tree_of(path))
        if isinstance(choice, ast.If) and ast.unparse(choice.test) == "TYPE_CHECKING"
        for statement in choice.body
        for node in ast.walk(statement)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    return tuple(_imports(path, inner, typing))


def _imports(path: Path, inner: set[int], typing: set[int]) -> Iterator[Import]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, id(node) in inner, id(node) in typing)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                module = full if is_module(full) else node.module
                yield Import(module, node.lineno, id(node) in inner, id(node) in typing)


@cache
def is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Logical id → resource, of one type."""
    return {name: item for name, item in template()["Resources"].items() if item["Type"] == kind}


def of_each(
    things: Iterable[_T], ids: Callable[[_T], str] = str
) -> Callable[[Callable[[_T], None]], Callable[[], None]]:
    """Make one test of a rule that holds for each of some things; it fails with every one that breaks the rule."""
    known = list(things)
    assert known, "a rule about nothing can't fail"

    def test_of(rule: Callable[[_T], None]) -> Callable[[], None]:
        def test() -> None:
            broken = []
            for thing in known:
                try:
                    rule(thing)
                except AssertionError as error:
                    broken.append(f"{ids(thing)}: {error}")
            assert not broken, "\n\n".join([f"{len(broken)} of {len(known)}", *broken])

        test.__name__, test.__doc__, test.__module__ = rule.__name__, rule.__doc__, rule.__module__
        return test

    return test_of
