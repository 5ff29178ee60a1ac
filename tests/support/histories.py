"""How long the history of an execution can grow: the longest walk over its definition, every retry used up.

Events as Step Functions writes them: a state is entered and left; an attempt of a task is scheduled, started and ends,
and one that waits for a token or an execution is submitted between; a Map has four events and two an iteration.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.support.functions import ROOT

BEGIN_AND_END = 2
DAY = 86_400
_TURNS = re.compile(r"\$round >= (\d+)")
_AGE = re.compile(r"\$millis\(\) - \$toMillis\(\$states\.context\.Execution\.StartTime\) > (\d+)")
_SENT_BACK = re.compile(r"\$wait = '(\w+)'")


def definition(name: str) -> dict[str, Any]:
    file = ROOT / "functions" / "workflows" / f"{name}.asl.json"
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


def worst_events(machine: Mapping[str, Any], items: int = 0, people: tuple[str, int] = ("", 0)) -> int:
    """Give the most events that an execution can have, with so many items in each Map.

    `people`: a state that only people send back to, and how often they do. Every other loop must have an end of its own
    in the definition, a count of turns or an age of the execution; one without raises UnboundedError.
    """
    return BEGIN_AND_END + _Walks(machine["States"], items, people).longest(machine["StartAt"])


def events_of(state: Mapping[str, Any], items: int) -> int:
    """Give the most events of one visit: each retrier used up, then one attempt more."""
    match state["Type"]:
        case "Task":
            attempts = 1 + sum(retrier["MaxAttempts"] for retrier in state.get("Retry", ()))
            # an execution that began may fail each time; a token is waited for once, what failed before sent none
            submitted = attempts if "Sync" in state["Resource"] else int(_is_wait(state))
            return int(2 + 3 * attempts + submitted)
        case "Map":
            inner = state["ItemProcessor"]
            return 4 + items * (2 + _Walks(inner["States"], 0, ("", 0)).longest(inner["StartAt"]))
        case "Fail":
            return 1
        case "Choice" | "Pass" | "Succeed":
            return 2
        case other:
            raise NotImplementedError(other)


class UnboundedError(Exception):
    """A loop that the definition does not end."""


class _At(NamedTuple):
    """Where a walk stands, and what is left to it."""

    state: str
    wait: str
    """The wait that ran out last, to which a look at the clock goes back."""
    days: int
    turns: int
    people: int


class _Step(NamedTuple):
    """A way out of a state."""

    to: str
    goes_back: str
    """The wait that a look at the clock goes back to while the execution is young."""
    seconds: int | None
    """How long a wait took that ran out."""
    counts: int
    by_people: int


@dataclass
class _Walks:
    states: Mapping[str, Any]
    items: int
    people: tuple[str, int]
    _ways: dict[str, tuple[_Step, ...]] = field(default_factory=dict)
    _known: dict[_At, int] = field(default_factory=dict)

    def longest(self, start: str) -> int:
        text = json.dumps(self.states)
        age, turns = _AGE.search(text), _TURNS.search(text)
        days = int(age[1]) // 1000 // DAY if age else 0
        begin = _At(start, "", days, int(turns[1]) if turns else 0, self.people[1])
        walk, on_it = [begin], {begin}  # a stack of its own: a year of waiting is too deep for Python's
        while walk:
            at = walk[-1]
            after = list(self._after(at, self.states[at.state]))
            if unknown := next((one for one in after if one not in self._known), None):
                if unknown in on_it:
                    raise UnboundedError(unknown.state)
                walk.append(unknown)
                on_it.add(unknown)
                continue
            rest = max((self._known[one] for one in after), default=0)
            self._known[at] = events_of(self.states[at.state], self.items) + rest
            on_it.remove(walk.pop())
        return self._known[begin]

    def _after(self, at: _At, state: Mapping[str, Any]) -> Iterator[_At]:
        for step in self._steps(at.state):
            if step.goes_back and (at.days == 0 or step.goes_back != at.wait):
                continue  # the execution is old enough to end here, or another wait ran out
            if (step.counts and at.turns == 0) or (step.by_people and at.people == 0):
                continue
            yield _At(
                step.to,
                at.state if step.seconds is not None else at.wait,
                max(0, at.days - (step.seconds or 0) // DAY),
                at.turns - step.counts,
                at.people - step.by_people,
            )

    def _steps(self, name: str) -> tuple[_Step, ...]:
        if name not in self._ways:
            self._ways[name] = tuple(self._read(self.states[name]))
        return self._ways[name]

    def _read(self, state: Mapping[str, Any]) -> Iterator[_Step]:
        looks_at_the_clock = _AGE.search(json.dumps(state.get("Choices", "")))
        counts = int("$round + 1" in json.dumps(state.get("Assign", "")))
        for rule in (state, *state.get("Choices", ()), *state.get("Catch", ())):
            name = rule.get("Next") or rule.get("Default")
            if name is None:
                continue
            condition = rule.get("Condition", "")
            goes_back = looks_at_the_clock and not _AGE.search(condition)
            sent = _SENT_BACK.search(condition)
            waited = rule.get("ErrorEquals") == ["States.Timeout"] and _is_wait(state)
            yield _Step(
                to=name,
                goes_back="" if not goes_back else sent[1] if sent else name,
                seconds=state["TimeoutSeconds"] if waited else None,
                counts=counts,
                by_people=int(name == self.people[0] and not goes_back),
            )


def _is_wait(state: Mapping[str, Any]) -> bool:
    return "WaitForTaskToken" in state.get("Resource", "")
