"""How a defect is planted: a part of the product replaced while a history is played."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

Plant = Callable[[ExitStack], None]


@dataclass(frozen=True, slots=True)
class Planted:
    name: str
    invariant: str
    """The one that must break; another may break with it."""
    what: str
    plant: Plant
    seed: int = 0
    """One whose history breaks it."""
    seeds: int = 200


def replaced(target: Any, name: str, value: Any) -> Plant:
    return lambda stack: stack.enter_context(patch.object(target, name, value)) and None


def all_of(*plants: Plant) -> Plant:
    def plant(stack: ExitStack) -> None:
        for one in plants:
            one(stack)

    return plant


@contextmanager
def planted(defect: Planted) -> Iterator[None]:
    with ExitStack() as stack:
        defect.plant(stack)
        yield
