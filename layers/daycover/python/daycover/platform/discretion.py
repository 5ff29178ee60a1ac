"""What an answer leaves out (保密): fields of views that are marked, for callers who need them not.

A mark stands on the field, so that one rule at the door serves every route: a view that shows a marked field anywhere
inside leaves with it only for those whom the mark names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from daycover.platform.callers import Caller, Duty


@dataclass(frozen=True, slots=True)
class Confidential:
    """A mark on a nullable field of a view: who reads it. For everybody else it is null."""

    duties: frozenset[Duty]
    """Of staff, any of these."""
    roles: frozenset[str] = frozenset({"worker"})
    """Whole roles: a worker is shown nothing but their own."""

    def is_shown_to(self, caller: Caller | None) -> bool:
        if caller is None:
            return False
        is_on_duty = caller.role == "staff" and any(duty in self.duties for duty in caller.staff_roles)
        return is_on_duty or caller.role in self.roles


@cache
def marks_of(model: type[BaseModel]) -> Mapping[str, Confidential]:
    """Give the marked fields of a model."""
    return {
        name: mark
        for name, field in model.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Confidential)
    }


def discreet(value: Any, caller: Caller | None) -> Any:
    """Give an answer as this caller may read it: what is marked for others is null, at any depth."""
    if isinstance(value, BaseModel):
        marks = marks_of(type(value))
        changed = {}
        for name in type(value).model_fields:
            held = getattr(value, name)
            mark = marks.get(name)
            shown = discreet(held, caller) if mark is None or mark.is_shown_to(caller) else None
            if shown is not held:
                changed[name] = shown
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, (list, tuple)):
        items = [discreet(item, caller) for item in value]
        return value if all(a is b for a, b in zip(items, value, strict=True)) else type(value)(items)
    if isinstance(value, dict):
        return {key: discreet(item, caller) for key, item in value.items()}
    return value
