"""The repository's source as trees: which module imports which."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "daycover" / "python" / "daycover"
FUNCTIONS = ROOT / "functions"
WORKFLOWS = FUNCTIONS / "workflows"
HANDLERS = sorted(FUNCTIONS.glob("*/*/app.py"))
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
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import, `from daycover import crockford` as `daycover.crockford`."""
    inner = {
        id(node)
        for function in ast.walk(tree_of(path))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
    }
    typing = {
        id(node)
        for choice in ast.walk(tree_of(path))
        if isinstance(choice, ast.If) and ast.unparse(choice.test) == "TYPE_CHECKING"
        for statement in choice.body
        for node in ast.walk(statement)
    }
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


def is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads CloudFormation's short tags as `{"Tag": value}`."""


def _tagged(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


@cache
def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), _Loader)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Logical id → resource, of one type."""
    return {name: item for name, item in template()["Resources"].items() if item["Type"] == kind}
