"""DynamoDB's expressions, compiled: conditions, filters and updates on items in wire form.

Source: Amazon DynamoDB Developer Guide, "Condition and filter expressions, operators, and functions" and "Update
expressions". A text is read once and kept; what the guide has and we do not is NotImplementedError, never ignored.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from tests.simulation.aws.values import (
    COMPARED,
    Value,
    added,
    begins,
    contains,
    invalid,
    joined,
    measured,
    present,
    same,
)

Item = Mapping[str, Any]
"""Attribute name → attribute value in wire form."""
_TOKEN = re.compile(r"\s*([#:]?[A-Za-z_][A-Za-z0-9_]*|\d+|<>|<=|>=|[=<>(),.+\-\[\]])")
_RESERVED = frozenset(ReservedKeywords.get_reserved_keywords())
"""AWS's list: such a name stands in an expression by a placeholder only."""
_FUNCTIONS = frozenset({"attribute_exists", "attribute_not_exists", "begins_with", "contains", "size"})
_SECTIONS = frozenset({"SET", "REMOVE", "ADD", "DELETE"})
_KEYS = frozenset({"pk", "sk"})


@dataclass(frozen=True, slots=True)
class Given:
    """What a request gives beside its expressions."""

    names: Mapping[str, str]
    values: Mapping[str, Value]


Operand = Callable[[Item, Given], Value | None]
Condition = Callable[[Item, Given], bool]
Path = tuple[str | int, ...]
Change = Callable[[Item, dict[str, Any], Given], None]
"""Reads the item as it was, changes the one that will be."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression and the placeholders it uses: DynamoDB refuses those that none does."""

    holds: Condition
    used: frozenset[str]


@dataclass(frozen=True, slots=True)
class Update:
    changes: tuple[Change, ...]
    paths: tuple[Path, ...]
    """What each of them changes."""
    used: frozenset[str]


@cache
def condition(text: str) -> Compiled:
    """Read a condition or a filter."""
    reader = _Reader(text)
    holds = reader.either()
    reader.end()
    return Compiled(holds, frozenset(reader.used))


@cache
def update(text: str) -> Update:
    """Read an update expression."""
    reader = _Reader(text)
    changes: list[tuple[Path, Change]] = []
    left = set(_SECTIONS)
    while not changes or reader.next is not None:
        section = reader.take().upper()
        if section not in left:
            raise invalid()
        left.remove(section)
        changes.append(reader.change(section))
        while reader.accept(","):
            changes.append(reader.change(section))
    paths, does = zip(*changes, strict=True)
    return Update(does, paths, frozenset(reader.used))


def check_used(given: Given, *used: frozenset[str]) -> None:
    """Raises ValidationException where a placeholder is used and not given, or given and not used."""
    needed: set[str] = set().union(*used)
    if needed != set(given.names) | set(given.values):
        raise invalid()


def check_apart(paths: tuple[Path, ...], given: Given) -> None:
    """Raises ValidationException where a key is changed, or where of two paths one is the other or leads to it."""
    real = [tuple(_real(part, given) for part in path) for path in paths]
    if any(path[0] in _KEYS for path in real):
        raise invalid()
    if any(one[: len(other)] == other[: len(one)] for one, other in combinations(real, 2)):
        raise invalid()


class _Reader:
    """A recursive descent, a method for each level of precedence."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        self.used: set[str] = set()
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise invalid()
            self._tokens.append(found[1])
            at = found.end()
        self._at = 0

    @property
    def next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self) -> str:
        token = self.next
        if token is None:
            raise invalid()
        self._at += 1
        return token

    def accept(self, *wanted: str) -> bool:
        if self.next is not None and self.next.upper() in wanted:
            self._at += 1
            return True
        return False

    def expect(self, wanted: str) -> None:
        if not self.accept(wanted):
            raise invalid()

    def end(self) -> None:
        if self.next is not None:
            raise invalid()

    # ---- conditions ------------------------------------------------------------------------------

    def either(self) -> Condition:
        holds = [self.both()]
        while self.accept("OR"):
            holds.append(self.both())
        return holds[0] if len(holds) == 1 else lambda item, given: any(one(item, given) for one in holds)

    def both(self) -> Condition:
        holds = [self.negated()]
        while self.accept("AND"):
            holds.append(self.negated())
        return holds[0] if len(holds) == 1 else lambda item, given: all(one(item, given) for one in holds)

    def negated(self) -> Condition:
        if self.accept("NOT"):
            inner = self.negated()
            return lambda item, given: not inner(item, given)
        if self.accept("("):
            inner = self.either()
            self.expect(")")
            return inner
        return self.compared()

    def compared(self) -> Condition:
        if self.next == "attribute_type":
            raise NotImplementedError(self.next)
        if self.next in {"attribute_exists", "attribute_not_exists"}:
            wanted = self.take() == "attribute_exists"
            self.expect("(")
            path = self.path()
            self.expect(")")
            return lambda item, given: (found(item, path, given) is not None) is wanted
        if self.next in {"begins_with", "contains"}:
            test = begins if self.take() == "begins_with" else contains
            self.expect("(")
            left = self.operand()
            self.expect(",")
            right = self.operand()
            self.expect(")")
            return _on_both(test, left, right)
        left = self.operand()
        if self.accept("BETWEEN"):
            low = self.operand()
            self.expect("AND")
            high = self.operand()
            at_least, at_most = _on_both(COMPARED[">="], left, low), _on_both(COMPARED["<="], left, high)
            return lambda item, given: at_least(item, given) and at_most(item, given)
        if self.accept("IN"):
            self.expect("(")
            among = [_on_both(same, left, self.operand())]
            while self.accept(","):
                among.append(_on_both(same, left, self.operand()))
            self.expect(")")
            return lambda item, given: any(one(item, given) for one in among)
        sign = self.take()
        if sign not in COMPARED:
            raise invalid()
        right = self.operand()
        if sign == "<>":
            # what is absent differs from everything, as in DynamoDB
            equal = _on_both(same, left, right)
            return lambda item, given: not equal(item, given)
        return _on_both(COMPARED[sign], left, right)

    def operand(self) -> Operand:
        if self.accept("SIZE"):
            self.expect("(")
            inner = self.path()
            self.expect(")")
            return lambda item, given: measured(found(item, inner, given))
        if self.next is not None and self.next.startswith(":"):
            name = self.take()
            self.used.add(name)
            return lambda _item, given: _given(given, name)
        path = self.path()
        return lambda item, given: found(item, path, given)

    def path(self) -> Path:
        parts: list[str | int] = [self._name()]
        while True:
            if self.accept("."):
                parts.append(self._name())
            elif self.accept("["):
                parts.append(int(self.take()))
                self.expect("]")
            else:
                return tuple(parts)

    def _name(self) -> str:
        name = self.take()
        if name.startswith("#"):
            self.used.add(name)
        elif not (name[0].isalpha() or name[0] == "_") or name in _FUNCTIONS or name.upper() in _RESERVED:
            raise invalid()
        return name

    # ---- updates ---------------------------------------------------------------------------------

    def change(self, section: str) -> tuple[Path, Change]:
        path = self.path()
        return path, self._change(section, path)

    def _change(self, section: str, path: Path) -> Change:
        if section == "REMOVE":
            return lambda _before, after, given: _drop(after, path, given)
        if section == "SET":
            self.expect("=")
            worth = self.sum()
            return lambda before, after, given: _put(after, path, worth(before, given), given)
        operand = self.operand()
        if section == "ADD":
            return lambda before, after, given: _put(
                after, path, added(found(before, path, given), operand(before, given)), given
            )
        raise NotImplementedError(section)

    def sum(self) -> Operand:
        left = self.term()
        if self.accept("+"):
            right, sign = self.term(), 1
        elif self.accept("-"):
            right, sign = self.term(), -1
        else:
            return left
        return lambda item, given: added(present(left(item, given)), right(item, given), sign)

    def term(self) -> Operand:
        if self.accept("IF_NOT_EXISTS"):
            self.expect("(")
            path = self.path()
            self.expect(",")
            otherwise = self.operand()
            self.expect(")")
            return lambda item, given: found(item, path, given) or otherwise(item, given)
        if self.accept("LIST_APPEND"):
            self.expect("(")
            first = self.term()
            self.expect(",")
            second = self.term()
            self.expect(")")
            return lambda item, given: joined(first(item, given), second(item, given))
        return self.operand()


def _on_both(test: Callable[[Value, Value], bool], left: Operand, right: Operand) -> Condition:
    def holds(item: Item, given: Given) -> bool:
        one, two = left(item, given), right(item, given)
        return one is not None and two is not None and test(one, two)

    return holds


def _given(given: Given, name: str) -> Value:
    if name not in given.values:
        raise invalid()
    return given.values[name]


def _real(part: str | int, given: Given) -> str | int:
    if isinstance(part, str) and part.startswith("#"):
        if part not in given.names:
            raise invalid()
        return given.names[part]
    return part


def found(item: Item, path: Path, given: Given) -> Value | None:
    """Give the value at a path; None where there is none."""
    value: Any = {"M": item}
    for named in path:
        part = _real(named, given)
        if isinstance(part, int):
            members = value.get("L")
            value = members[part] if members is not None and part < len(members) else None
        else:
            value = value.get("M", {}).get(part)
        if value is None:
            return None
    return dict(value) if len(path) > 1 else value


def _put(item: dict[str, Any], path: Path, value: Value | None, given: Given) -> None:
    *way, last = (_real(part, given) for part in path)
    if isinstance(last, int):
        raise NotImplementedError("members of lists are not set")
    _walked(item, way)[last] = present(value)


def _drop(item: dict[str, Any], path: Path, given: Given) -> None:
    *way, last = (_real(part, given) for part in path)
    if isinstance(last, int):
        raise NotImplementedError("members of lists are not removed")
    _walked(item, way).pop(last, None)


def _walked(item: dict[str, Any], way: list[str | int]) -> dict[str, Any]:
    """Give the mapping that a path's last name stands in, copied on the way: items are shared with streams."""
    place = item
    for part in way:
        inner = place.get(part) if isinstance(part, str) else None
        if inner is None or "M" not in inner:
            raise invalid()
        copied = dict(inner["M"])
        place[str(part)] = {"M": copied}
        place = copied
    return place
