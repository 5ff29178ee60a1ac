"""The moves that the models know, read from the text that spin executes: the line that makes a move is its row."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

Machine = Literal["payout", "policy"]
MODELS: Mapping[Machine, Path] = {
    "payout": Path(__file__).parent / "payout.pml",
    "policy": Path(__file__).parent / "policy_chain.pml",
}
_MOVE = re.compile(r"\bMOVE\((?:\w+, )?([A-Z]+), ([A-Z]+)\)")
_BEGIN = re.compile(r"\bBEGIN\((?:\w+, )?([A-Z]+)\)")


class Moves(NamedTuple):
    """Where something begins, and every step from a state to a state, itself included where that is one."""

    first: frozenset[str]
    steps: frozenset[tuple[str, str]]


@cache
def moves(machine: Machine) -> Moves:
    """The table of one model. The names are the product's."""
    text = MODELS[machine].read_text(encoding="utf-8")
    return Moves(frozenset(_BEGIN.findall(text)), frozenset(_MOVE.findall(text)))


def allowed(machine: Machine, before: str | None, after: str) -> bool:
    """Whether the model makes this change of a recorded state; `before` None for a record that is new."""
    known = moves(machine)
    return after in known.first if before is None else (before, after) in known.steps
