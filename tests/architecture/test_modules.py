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


def test_model_is_built_when_it_is_first_used_and_not_when_imported() -> None:
    """A validator costs a container up to 3 ms, and most functions use few of the models that they import."""
    built = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "BaseModel" for base in node.bases)
        and "defer_build" not in {keyword.arg for keyword in node.keywords}
    ]
    assert built == []
