"""Modules can be read in one go, and a class name means one thing in the whole product."""

import ast
from collections import defaultdict

from tests.architecture.source import MODULES, PACKAGE, tree_of

MOST_LINES = 450
LONG = {"store/keys.py"}
"""One table of all keys, read by eye."""


def test_module_is_short_enough_to_read_when_counted() -> None:
    lines = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES
    }
    assert {name: count for name, count in lines.items() if count > MOST_LINES and name not in LONG} == {}


def test_class_name_is_defined_once_when_all_modules_are_read() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
