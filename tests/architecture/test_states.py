"""A state is compared by its name, never by its letters: whoever renames it must find everybody who reads it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import HANDLERS, MODULES, PACKAGE, tree_of

NAMES = frozenset(
    {
        "attention",
        "claim_event",
        "claim_status",
        "decision",
        "event",
        "outcome",
        "reason_code",
        "state",
        "status",
    }
)
"""What attributes and items that hold another module's state are called."""
WIRE = frozenset({"bank", "bills", "insurer", "wechat"})
"""Packages that compare what the outside says, in its own letters."""


@cache
def states() -> dict[str, frozenset[Path]]:
    """The modules that define a state, by its letters."""
    found: dict[str, frozenset[Path]] = {}
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(b) == "StrEnum" for b in node.bases):
                for member in node.body:
                    if isinstance(member, ast.Assign):
                        for letters in letters_of(member.value, {}):
                            found[letters] = found.get(letters, frozenset()) | {path}
    return found


def letters_of(node: ast.AST, named: dict[str, frozenset[str]]) -> frozenset[str]:
    """The strings that an expression is made of: a literal, a collection of them, or a name for either."""
    if isinstance(node, ast.Constant):
        return frozenset({node.value}) if isinstance(node.value, str) else frozenset()
    if isinstance(node, (ast.Set, ast.Tuple, ast.List)):
        return frozenset().union(*(letters_of(part, named) for part in node.elts))
    if isinstance(node, ast.Call) and ast.unparse(node.func) in {"frozenset", "set", "tuple"} and node.args:
        return letters_of(node.args[0], named)
    return named.get(node.id, frozenset()) if isinstance(node, ast.Name) else frozenset()


def compared(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and letters of every comparison of something that is called like a state with a string."""
    named: dict[str, frozenset[str]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            named[statement.targets[0].id] = letters_of(statement.value, {})
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(_called(side) in NAMES for side in sides):
                for letters in frozenset().union(*(letters_of(side, named) for side in sides)):
                    yield node.lineno, letters


def _called(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return None


OURS = [p for p in MODULES if p.relative_to(PACKAGE).parts[0] not in WIRE]


@pytest.mark.parametrize("path", [*OURS, *HANDLERS], ids=lambda path: "/".join(path.parts[-3:]))
def test_no_state_of_another_module_is_compared_as_a_string(path: Path) -> None:
    found = [
        (line, letters)
        for line, letters in compared(tree_of(path))
        if letters in states() and path not in states()[letters]
    ]
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "payout.state == 'SUCCEEDED'",
        "payout.state in {'SUCCEEDED', 'BOUNCED'}",
        "PAID = frozenset({'SUCCEEDED'})\nif row.claim_event in PAID: pass",
        "item['status'] != 'SUCCEEDED'",
    ],
)
def test_comparison_is_found_when_it_spells_a_state(source: str) -> None:
    assert "SUCCEEDED" in [letters for _, letters in compared(ast.parse(source))]
    assert "SUCCEEDED" in states()
