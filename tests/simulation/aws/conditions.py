"""DynamoDB's expressions, compiled: conditions, filters and updates on items in wire form.

Source: Amazon DynamoDB Developer Guide, "Condition and filter expressions, operators, and functions" and "Update
expressions". A text is read once and kept; what the guide has and we do not is NotImplementedError, never ignored.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from daycover.store.aws import AwsError

Item = Mapping[str, Any]
"""Attribute name → attribute value in wire form."""
Value = Mapping[str, Any]
_TOKEN = re.compile(r"\s*([#:]?[A-Za-z_][A-Za-z0-9_]*|\d+|<>|<=|>=|[=<>(),.+\-\[\]])")
_FUNCTIONS = frozenset({"attribute_exists", "attribute_not_exists", "begins_with", "contains", "size"})
_SECTIONS = frozenset({"SET", "REMOVE", "ADD", "DELETE"})


def invalid(operation: str = "") -> AwsError:
    """The refusal of a request that no table can answer: a defect of ours."""
    return AwsError("ValidationException", 400, operation=operation)


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
    changes: list[Change] = []
    while reader.next is not None:
        section = reader.take().upper()
        if section not in _SECTIONS:
            raise invalid()
        changes.append(reader.change(section))
        while reader.accept(","):
            changes.append(reader.change(section))
    return Update(tuple(changes), frozenset(reader.used))


def check_used(given: Given, *used: frozenset[str]) -> None:
    """Raises ValidationException where a placeholder is used and not given, or given and not used."""
    needed: set[str] = set().union(*used)
    if needed != set(given.names) | set(given.values):
        raise invalid()


def kind_of(value: Value) -> str:
    (kind,) = value
    return kind


def number(value: Value) -> int | Decimal:
    text = value["N"]
    try:
        return int(text)
    except ValueError:
        return Decimal(text)


def _order(left: Value, right: Value) -> int | None:
    """Which comes first, as <0, 0, >0; None where DynamoDB does not compare them."""
    kind = kind_of(left)
    if kind != kind_of(right) or kind not in {"S", "N", "B"}:
        return None
    one: Any
    two: Any
    # strings are ordered by their UTF-8, which is the order of their code points
    one, two = (number(left), number(right)) if kind == "N" else (left[kind], right[kind])
    return int(one > two) - int(one < two)


def same(left: Value, right: Value) -> bool:
    """Numbers are equal by value and not by text."""
    kind = kind_of(left)
    if kind != kind_of(right):
        return False
    if kind == "N":
        return number(left) == number(right)
    return bool(left == right)


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
        if self.next in {"attribute_exists", "attribute_not_exists"}:
            wanted = self.take() == "attribute_exists"
            self.expect("(")
            path = self.path()
            self.expect(")")
            return lambda item, given: (found(item, path, given) is not None) is wanted
        if self.next in {"begins_with", "contains"}:
            test = _begins if self.take() == "begins_with" else _contains
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
            at_least, at_most = _on_both(_COMPARED[">="], left, low), _on_both(_COMPARED["<="], left, high)
            return lambda item, given: at_least(item, given) and at_most(item, given)
        if self.accept("IN"):
            self.expect("(")
            among = [_on_both(same, left, self.operand())]
            while self.accept(","):
                among.append(_on_both(same, left, self.operand()))
            self.expect(")")
            return lambda item, given: any(one(item, given) for one in among)
        sign = self.take()
        if sign not in _COMPARED:
            raise invalid()
        right = self.operand()
        if sign == "<>":
            # what is absent differs from everything, as in DynamoDB
            equal = _on_both(same, left, right)
            return lambda item, given: not equal(item, given)
        return _on_both(_COMPARED[sign], left, right)

    def operand(self) -> Operand:
        if self.accept("SIZE"):
            self.expect("(")
            inner = self.path()
            self.expect(")")
            return lambda item, given: _size(found(item, inner, given))
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
        elif not (name[0].isalpha() or name[0] == "_") or name in _FUNCTIONS:
            raise invalid()
        return name

    # ---- updates ---------------------------------------------------------------------------------

    def change(self, section: str) -> Change:
        path = self.path()
        if section == "REMOVE":
            return lambda _before, after, given: _drop(after, path, given)
        if section == "SET":
            self.expect("=")
            worth = self.sum()
            return lambda before, after, given: _put(after, path, worth(before, given), given)
        operand = self.operand()
        if section == "ADD":
            return lambda before, after, given: _put(
                after, path, _added(found(before, path, given), operand(before, given)), given
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
        return lambda item, given: _added(_present(left(item, given)), right(item, given), sign)

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
            return lambda item, given: {
                "L": [*_present(first(item, given))["L"], *_present(second(item, given))["L"]]
            }
        return self.operand()


def _on_both(test: Callable[[Value, Value], bool], left: Operand, right: Operand) -> Condition:
    def holds(item: Item, given: Given) -> bool:
        one, two = left(item, given), right(item, given)
        return one is not None and two is not None and test(one, two)

    return holds


def _ordered(holds: Callable[[int], bool]) -> Callable[[Value, Value], bool]:
    def test(left: Value, right: Value) -> bool:
        order = _order(left, right)
        return order is not None and holds(order)

    return test


_COMPARED: Mapping[str, Callable[[Value, Value], bool]] = {
    "=": same,
    "<>": same,
    "<": _ordered(lambda order: order < 0),
    "<=": _ordered(lambda order: order <= 0),
    ">": _ordered(lambda order: order > 0),
    ">=": _ordered(lambda order: order >= 0),
}


def _begins(value: Value, prefix: Value) -> bool:
    return kind_of(value) == kind_of(prefix) == "S" and value["S"].startswith(prefix["S"])


def _contains(value: Value, part: Value) -> bool:
    kind = kind_of(value)
    if kind == "S":
        return kind_of(part) == "S" and part["S"] in value["S"]
    return kind == "L" and any(same(one, part) for one in value["L"])


def _size(value: Value | None) -> Value | None:
    if value is None:
        return None
    kind = kind_of(value)
    if kind not in {"S", "M", "L"}:
        raise NotImplementedError(f"size of {kind}")
    return {"N": str(len(value["S"].encode()) if kind == "S" else len(value[kind]))}


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


def _present(value: Value | None) -> Value:
    if value is None:
        raise invalid()
    return value


def _added(to: Value | None, amount: Value | None, sign: int = 1) -> Value:
    if amount is None or kind_of(amount) != "N" or (to is not None and kind_of(to) != "N"):
        raise invalid()
    total = (number(to) if to else 0) + sign * number(amount)
    return {"N": str(total)}


def _put(item: dict[str, Any], path: Path, value: Value | None, given: Given) -> None:
    *way, last = (_real(part, given) for part in path)
    if last in {"pk", "sk"} and not way:
        raise invalid()
    place = _walked(item, way)
    if isinstance(last, int):
        raise NotImplementedError("members of lists are not set")
    place[last] = _present(value)


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
