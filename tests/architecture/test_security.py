"""docs/security.md: every threat names what holds, and every test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.architecture.source import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
STRIDE = set("STRIDE")
COMPONENTS = (
    "Worker app",
    "Desk and provider API",
    "Staff console",
    "Public web",
    "Gateway and authorizer",
    "Queues and streams",
    "Tables",
    "Archive and documents",
    "Workflows",
    "WeChat Pay, bank, insurer and bill platforms",
    "Build and deploy",
)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


class Threat(NamedTuple):
    component: str
    letter: str
    said: str
    against: str
    held_by: str


def threats() -> list[Threat]:
    """Read the tables under the heading of the threats."""
    found, component = [], ""
    for line in TEXT.partition("\n## Threats\n")[2].splitlines():
        if line.startswith("### "):
            component = line[4:]
        elif line.startswith("|") and not line.startswith(("|---", "| |")):
            letter, said, against, held_by = (part.strip() for part in line.strip("|").split(" | "))
            found.append(Threat(component, letter, said, against, held_by))
    return found


THREATS = threats()


@cache
def functions_in(path: str) -> set[str]:
    file = Path(ROOT, path)
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_component_was_looked_at_from_all_six_sides() -> None:
    for name in COMPONENTS:
        letters = {threat.letter for threat in THREATS if threat.component.startswith(name)}
        assert letters == STRIDE, f"{name}: {sorted(STRIDE - letters)}"
    assert {threat.component for threat in THREATS} == {
        component
        for component in re.findall(r"^### (.+)$", TEXT, flags=re.M)
        if component.startswith(COMPONENTS)
    }


def test_every_threat_says_what_stands_against_it_and_names_a_test_that_exists() -> None:
    assert len(THREATS) > 80
    for threat in THREATS:
        assert threat.against, threat
        named = NAMED.findall(threat.held_by)
        assert named, f"nothing holds: {threat.said}"
        assert NAMED.sub("", threat.held_by).strip() == "", threat
        for path, test in named:
            assert test in functions_in(path), f"{path}::{test} is not there"


def test_nothing_is_said_of_a_file_that_is_not_there() -> None:
    for path in re.findall(r"`((?:tests|docs|functions|layers)/[\w/.]+)`", TEXT):
        assert Path(ROOT, path).exists(), path
