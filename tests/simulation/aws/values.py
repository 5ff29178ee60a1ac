"""DynamoDB's attribute values in wire form: how they compare, are searched, measured and counted with."""

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, Inexact
from typing import Any

from daycover.store.aws import AwsError

Value = Mapping[str, Any]
_EXACT = Context(prec=38, traps=[Inexact])
"""A number has 38 digits; one with more is refused and not rounded."""
_SETS = frozenset({"SS", "NS", "BS"})


def invalid(operation: str = "") -> AwsError:
    """The refusal of a request that no table can answer: a defect of ours."""
    return AwsError("ValidationException", 400, operation=operation)


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
    match kind:
        case "N":
            return number(left) == number(right)
        case "L":
            return len(left["L"]) == len(right["L"]) and all(map(same, left["L"], right["L"]))
        case "M":
            one, two = left["M"], right["M"]
            return one.keys() == two.keys() and all(same(one[name], two[name]) for name in one)
        case "S" | "BOOL" | "NULL" | "B":
            return bool(left == right)
    raise NotImplementedError(f"comparison of {kind}")


def _ordered(holds: Callable[[int], bool]) -> Callable[[Value, Value], bool]:
    def test(left: Value, right: Value) -> bool:
        order = _order(left, right)
        return order is not None and holds(order)

    return test


COMPARED: Mapping[str, Callable[[Value, Value], bool]] = {
    "=": same,
    "<>": same,
    "<": _ordered(lambda order: order < 0),
    "<=": _ordered(lambda order: order <= 0),
    ">": _ordered(lambda order: order > 0),
    ">=": _ordered(lambda order: order >= 0),
}


def begins(value: Value, prefix: Value) -> bool:
    return kind_of(value) == kind_of(prefix) == "S" and value["S"].startswith(prefix["S"])


def contains(value: Value, part: Value) -> bool:
    match kind_of(value):
        case "S":
            return kind_of(part) == "S" and part["S"] in value["S"]
        case "L":
            return any(same(one, part) for one in value["L"])
        case "N" | "BOOL" | "NULL" | "M":
            return False
        case kind:
            raise NotImplementedError(f"contains of {kind}")


def measured(value: Value | None) -> Value | None:
    if value is None:
        return None
    kind = kind_of(value)
    if kind not in {"S", "M", "L"}:
        raise NotImplementedError(f"size of {kind}")
    return {"N": str(len(value["S"].encode()) if kind == "S" else len(value[kind]))}


def present(value: Value | None) -> Value:
    if value is None:
        raise invalid()
    return value


def joined(first: Value | None, second: Value | None) -> Value:
    if not (first is not None and second is not None and kind_of(first) == kind_of(second) == "L"):
        raise invalid()
    return {"L": [*first["L"], *second["L"]]}


def added(to: Value | None, amount: Value | None, sign: int = 1) -> Value:
    if amount is not None and kind_of(amount) in _SETS:
        raise NotImplementedError("sets")
    if amount is None or kind_of(amount) != "N" or (to is not None and kind_of(to) != "N"):
        raise invalid()
    one, two = number(to) if to else 0, number(amount)
    if isinstance(one, int) and isinstance(two, int):
        return {"N": str(one + sign * two)}
    try:
        total = (_EXACT.add if sign > 0 else _EXACT.subtract)(one, two)
    except Inexact as error:
        raise invalid() from error
    return {"N": f"{total.normalize():f}"}
